#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "cli/command.hpp"
#include "cli/policy_table.hpp"
#include "policy/reader/file_header.hpp"

namespace kerf::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Shares {
  std::vector<std::size_t> cells;  // one a plan
  std::size_t infeasible = 0;
};

Shares shares_of(const Policy& policy) {
  Shares shares{std::vector<std::size_t>(policy.plans()), 0};
  for (std::size_t cell = 0; cell < policy.info().cells; ++cell) {
    const std::int32_t plan = policy.cell_plan(cell);
    ++(plan < 0 ? shares.infeasible : shares.cells[static_cast<std::size_t>(plan)]);
  }
  return shares;
}

std::vector<std::string_view> hashes(const Policy& policy, std::size_t count,
                                     std::string_view (Policy::*at)(std::size_t) const noexcept) {
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back((policy.*at)(i));
  return texts;
}

Json axis_json(const Policy& policy, std::size_t index) {
  const PolicyAxisInfo axis = policy.axis(index);
  Json json{{"name", axis.name},
            {"key", axis.key},
            {"unit", axis.unit},
            {"numeric", axis.numeric},
            {"labels", labels_of(policy, index)}};
  if (!axis.numeric) return json;
  json["logarithmic"] = axis.logarithmic;
  json["lowest"] = axis.lowest;
  json["highest"] = axis.highest;
  for (std::size_t i = 0; i < axis.size; ++i) json["points"].push_back(policy.axis_point(index, i));
  return json;
}

void print_info_json(const PolicyFile& file) {
  const Policy& policy = file.policy;
  const PolicyInfo info = policy.info();
  const Shares shares = shares_of(policy);
  const auto share = [&](std::size_t cells) {
    return static_cast<double>(cells) / static_cast<double>(info.cells);
  };
  Json axes = Json::array();
  for (std::size_t i = 0; i < policy.axes(); ++i) axes.push_back(axis_json(policy, i));
  Json plans = Json::array();
  for (std::size_t i = 0; i < info.plans; ++i) {
    plans.push_back(
        {{"plan", policy.plan_text(i)}, {"cells", shares.cells[i]}, {"share", share(shares.cells[i])}});
  }
  Json regret;
  if (info.regret_conditions > 0) {
    regret = {
        {"conditions", info.regret_conditions}, {"mean", info.regret_mean}, {"worst", info.regret_worst}};
  }
  print_json({{"scenario", info.scenario},
              {"model", info.model},
              {"model_hash", info.model_hash},
              {"objective", info.objective},
              {"made_by", info.made_by},
              {"format", policy_file::kVersion},
              {"bytes", file.bytes.size()},
              {"profile_hashes", hashes(policy, info.profile_hashes, &Policy::profile_hash)},
              {"platform_hashes", hashes(policy, info.platform_hashes, &Policy::platform_hash)},
              {"regret", std::move(regret)},
              {"axes", std::move(axes)},
              {"cells", info.cells},
              {"infeasible_cells", shares.infeasible},
              {"plans", std::move(plans)},
              {"fallback_plan", policy.plan_text(static_cast<std::size_t>(info.fallback_plan))}});
}

void print_axes(const Policy& policy) {
  fmt::print("\nAxes\n");
  for (std::size_t i = 0; i < policy.axes(); ++i) {
    const PolicyAxisInfo axis = policy.axis(i);
    fmt::print("  {} ({}): {} {}, {}{}\n", axis.name, axis.key, axis.size,
               axis.numeric     ? axis.size == 1 ? "point" : "points"
               : axis.size == 1 ? "label"
                                : "labels",
               range_text(policy, i), axis.logarithmic ? ", logarithmic" : "");
  }
}

// Most cells first.
void print_plans(const Policy& policy) {
  const PolicyInfo info = policy.info();
  const Shares shares = shares_of(policy);
  std::vector<std::size_t> order(info.plans);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shares.cells[a] > shares.cells[b]; });
  const auto line = [&](std::size_t cells, std::string_view text, std::string_view note) {
    fmt::print("  {:>8} {:>5.1f} %  {}{}\n", cells,
               100 * static_cast<double>(cells) / static_cast<double>(info.cells), text, note);
  };
  fmt::print("\nPlans, and the cells that each wins\n");
  for (const std::size_t plan : order) {
    line(shares.cells[plan], policy.plan_text(plan),
         plan == static_cast<std::size_t>(info.fallback_plan) ? "  (fallback)" : "");
  }
  if (shares.infeasible > 0) line(shares.infeasible, "no plan is feasible", "");
}

void info(const PolicyArguments& arguments) {
  const PolicyFile file = open_policy(arguments.file);
  if (arguments.json) return print_info_json(file);
  const Policy& policy = file.policy;
  const PolicyInfo info = policy.info();
  fmt::print("{}: {}\n", arguments.file, info.scenario);
  fmt::print("  model      {} ({})\n", info.model, info.model_hash);
  fmt::print("  objective  {}\n", info.objective);
  fmt::print("  profiles   {}\n", fmt::join(hashes(policy, info.profile_hashes, &Policy::profile_hash), " "));
  fmt::print("  platforms  {}\n",
             fmt::join(hashes(policy, info.platform_hashes, &Policy::platform_hash), " "));
  fmt::print("  size       {} cells, {} plans, {} bytes (format {}, {})\n", info.cells, info.plans,
             file.bytes.size(), policy_file::kVersion, info.made_by);
  fmt::print("  regret     {}\n",
             info.regret_conditions == 0
                 ? "not measured"
                 : fmt::format("{:.3g} % in the mean, {:.3g} % at worst, at {} conditions off the grid",
                               100 * info.regret_mean, 100 * info.regret_worst, info.regret_conditions));
  print_axes(policy);
  print_plans(policy);
}

void verify(const PolicyArguments& arguments) {
  const PolicyFile file = open_policy(arguments.file);
  const auto header = policy_file::parse_header(file.bytes.data());
  const PolicyInfo info = file.policy.info();
  const std::vector<std::string> checked{
      fmt::format("header: format {}, {} bytes as it says", header.version, file.bytes.size()),
      fmt::format("checksum: {} over {} bytes", hex(header.checksum), header.payload_size),
      "structure: every offset, text and list lies inside the file",
      fmt::format("axes: {}, points and edges finite and ascending, names distinct", file.policy.axes()),
      fmt::format("cells: {}, the product of the axes; each names one of {} plans or none; predictions are "
                  "finite times",
                  info.cells, info.plans)};
  if (arguments.json) {
    return print_json({{"sound", true},
                       {"bytes", file.bytes.size()},
                       {"format", header.version},
                       {"checksum", hex(header.checksum)},
                       {"checked", checked}});
  }
  fmt::print("{}: sound\n", arguments.file);
  for (const std::string& line : checked) fmt::print("  {}\n", line);
}

void add(CLI::App& policy, std::string name, std::string description, void (*run)(const PolicyArguments&)) {
  CLI::App* command = policy.add_subcommand(std::move(name), std::move(description));
  const auto arguments = std::make_shared<PolicyArguments>();
  command->add_option("file", arguments->file, "The policy table, as kerf sweep writes it")->required();
  if (run == query_policy) {
    command->add_option("conditions", arguments->settings,
                        "AXIS=VALUE: what the device observes, as goodput=20Mbps");
  }
  command->add_flag("--json", arguments->json, "For programs: finite numbers at full precision, others null");
  command->callback([arguments, run] { run(*arguments); });
}

}  // namespace

void add_policy(CLI::App& app) {
  CLI::App* policy = app.add_subcommand("policy", "Look into a policy table");
  policy->require_subcommand(1);
  add(*policy, "info", "Axes, plans and the share of cells that each wins", info);
  add(*policy, "query", "Which plan to use under one condition", query_policy);
  add(*policy, "verify", "Check every byte of a policy table", verify);
}

}  // namespace kerf::cli
