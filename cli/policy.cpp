#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "policy/reader/file_header.hpp"
#include "policy/reader/policy_reader.hpp"

namespace kerf::cli {
namespace {

struct PolicyArguments {
  std::string file;
  std::vector<std::string> settings;
  bool json = false;
};

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 are replaced, numbers that are not finite become null.
void print_json(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

// ---- Opening ----

// What is wrong with `bytes`, in the words of the header where they help.
[[noreturn]] void refuse(const std::string& file, std::string_view bytes, PolicyStatus status) {
  using policy_file::kHeaderSize;
  const bool has_header = bytes.size() >= kHeaderSize;
  const auto header = has_header ? policy_file::parse_header(bytes.data()) : policy_file::FileHeader{};
  const std::string again = "copy the file again, or run kerf sweep again";
  switch (status) {
    case PolicyStatus::kTruncated:
      throw Error(ErrorCode::kBadInput, file, fmt::format("truncated: found {} bytes", bytes.size()),
                  has_header ? fmt::format("{} bytes, as its header says", kHeaderSize + header.payload_size)
                             : fmt::format("a header of {} bytes", kHeaderSize),
                  again);
    case PolicyStatus::kNotAPolicy:
      throw Error(ErrorCode::kBadInput, file, "not a policy table", "the policy.kerf that kerf sweep writes");
    case PolicyStatus::kWrongVersion:
      throw Error(ErrorCode::kUnsupported, file, fmt::format("policy format version {}", header.version),
                  fmt::format("version {}", policy_file::kVersion),
                  "run kerf sweep again with this version of kerf");
    case PolicyStatus::kDamaged: {
      const std::uint64_t size = bytes.size() - kHeaderSize;
      if (size != header.payload_size) {
        throw Error(ErrorCode::kBadInput, file, fmt::format("damaged: found {} bytes", bytes.size()),
                    fmt::format("{} bytes, as its header says", kHeaderSize + header.payload_size), again);
      }
      const std::uint64_t checksum = xxh64(bytes.substr(kHeaderSize));
      if (checksum == header.checksum)
        throw Error(ErrorCode::kBadInput, file, "damaged: the header is", "", again);
      throw Error(ErrorCode::kBadInput, file,
                  fmt::format("damaged: the checksum of its content is {}", hex(checksum)),
                  fmt::format("{}, as its header says", hex(header.checksum)), again);
    }
    case PolicyStatus::kOutOfMemory:
      throw Error(ErrorCode::kLimit, file, "out of memory");
    default:
      throw Error(ErrorCode::kBadInput, file, "the checksum is right, but the content contradicts itself",
                  "a table that kerf sweep wrote", "run kerf sweep again");
  }
}

struct OpenFile {
  std::string bytes;
  Policy policy;
};

OpenFile open(const std::string& file) {
  OpenFile open{read_file(file), {}};
  const PolicyStatus status = open.policy.open(open.bytes.data(), open.bytes.size());
  if (status != PolicyStatus::kOk) refuse(file, open.bytes, status);
  return open;
}

// ---- Values in an axis's unit ----

std::string in_unit(std::string_view unit, double value) {
  if (unit == "s") return format(Seconds(value));
  if (unit == "B") return format(Bytes(value));
  if (unit == "B/s") return format(BytesPerSecond(value));
  if (unit == "1/s") return format(PerSecond(value));
  return unit.empty() ? fmt::format("{:.6g}", value) : fmt::format("{:.6g} {}", value, unit);
}

double parse_in_unit(std::string_view unit, std::string_view text, std::string_view where) {
  if (unit == "s") return parse_seconds(text, where).value();
  if (unit == "B") return parse_bytes(text, where).value();
  if (unit == "B/s") return parse_bytes_per_second(text, where).value();
  if (unit == "1/s") return parse_per_second(text, where).value();
  if (unit == "W") return parse_watts(text, where).value();
  if (const auto number = parse_number(text)) return *number;
  throw Error(ErrorCode::kUsage, std::string(where), fmt::format("\"{}\"", text), "a number");
}

std::vector<std::string> labels_of(const Policy& policy, std::size_t axis) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < policy.axis(axis).size; ++i) labels.emplace_back(policy.axis_label(axis, i));
  return labels;
}

// "1 Mbit/s to 16 Mbit/s", or the labels.
std::string range_text(const Policy& policy, std::size_t index) {
  const PolicyAxisInfo axis = policy.axis(index);
  if (!axis.numeric) return fmt::format("{}", fmt::join(labels_of(policy, index), ", "));
  const std::string first = in_unit(axis.unit, policy.axis_point(index, 0));
  if (axis.size == 1) return first + ", not varied";
  return fmt::format("{} to {}", first, in_unit(axis.unit, policy.axis_point(index, axis.size - 1)));
}

std::string point_text(const Policy& policy, std::size_t axis, std::size_t point) {
  const PolicyAxisInfo found = policy.axis(axis);
  return found.numeric ? in_unit(found.unit, policy.axis_point(axis, point))
                       : std::string(policy.axis_label(axis, point));
}

// ---- query ----

// A label by its full text, or by as much of its end, or of its file's stem, as no other label shares.
double label_index(const Policy& policy, std::size_t axis, std::string_view text, const std::string& where) {
  const std::vector<std::string> labels = labels_of(policy, axis);
  const auto exact = std::find(labels.begin(), labels.end(), text);
  if (exact != labels.end()) return static_cast<double>(exact - labels.begin());
  std::vector<std::size_t> alike;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!text.empty() && (labels[i].ends_with(text) || std::filesystem::path(labels[i]).stem() == text))
      alike.push_back(i);
  }
  if (alike.size() == 1) return static_cast<double>(alike.front());
  const std::string close = nearest(text, labels);
  throw Error(
      ErrorCode::kUsage, where,
      fmt::format("\"{}\" {}", text, alike.empty() ? "is no label of this axis" : "fits more than one label"),
      fmt::format("one of {}", fmt::join(labels, ", ")),
      close.empty() ? "" : fmt::format("did you mean {}?", close));
}

double value_of(const Policy& policy, std::size_t axis, std::string_view text, const std::string& where) {
  const PolicyAxisInfo found = policy.axis(axis);
  if (!found.numeric) return label_index(policy, axis, text, where);
  try {
    return parse_in_unit(found.unit, text, where);
  } catch (const Error& error) {  // what is bad input in a file is wrong usage here
    throw Error(ErrorCode::kUsage, error.where(), error.found(), error.expected(), error.hint());
  }
}

// By its name or the key that it observes.
std::size_t axis_named(const Policy& policy, std::string_view name, const std::string& where) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < policy.axes(); ++i) {
    if (policy.axis(i).name == name || policy.axis(i).key == name) return i;
    names.emplace_back(policy.axis(i).name);
    names.emplace_back(policy.axis(i).key);
  }
  const std::string close = nearest(name, names);
  std::string known;
  for (std::size_t i = 0; i < policy.axes(); ++i)
    known += fmt::format("{}{}", i == 0 ? "" : ", ", policy.axis(i).name);
  throw Error(ErrorCode::kUsage, where, fmt::format("the table has no axis \"{}\"", name),
              known.empty() ? "no condition: it has no axes" : "one of " + known,
              close.empty() ? "" : fmt::format("did you mean {}?", close));
}

std::vector<double> values_of(const Policy& policy, const PolicyArguments& arguments) {
  std::vector<std::optional<double>> given(policy.axes());
  for (const std::string& setting : arguments.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Error(ErrorCode::kUsage, setting, "no value", "AXIS=VALUE");
    const std::size_t axis = axis_named(policy, std::string_view(setting).substr(0, equals), setting);
    if (given[axis])
      throw Error(ErrorCode::kUsage, setting, fmt::format("a second value for {}", policy.axis(axis).name),
                  "one");
    given[axis] = value_of(policy, axis, std::string_view(setting).substr(equals + 1), setting);
  }
  std::vector<double> values;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const PolicyAxisInfo axis = policy.axis(i);
    if (!given[i] && axis.size > 1)
      missing.push_back(fmt::format("{} ({}: {})", axis.name, axis.key, range_text(policy, i)));
    // What was not varied may be left out.
    values.push_back(given[i].value_or(axis.numeric ? policy.axis_point(i, 0) : 0));
  }
  if (!missing.empty()) {
    throw Error(ErrorCode::kUsage, arguments.file, fmt::format("no value for {}", fmt::join(missing, ", ")),
                "AXIS=VALUE for each");
  }
  return values;
}

// "goodput 4 Mbit/s, rtt 20 ms": the point whose cell answered.
std::string cell_text(const Policy& policy, std::int64_t cell) {
  std::vector<std::string> parts(policy.axes());
  auto left = static_cast<std::size_t>(cell);
  for (std::size_t i = parts.size(); i-- > 0;) {
    const PolicyAxisInfo axis = policy.axis(i);
    parts[i] = fmt::format("{} {}", axis.name, point_text(policy, i, left % axis.size));
    left /= axis.size;
  }
  return parts.empty() ? "the table's only cell" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string reason_text(const Policy& policy, const PolicyAnswer& answer, const std::vector<double>& values) {
  switch (answer.reason) {
    case PolicyReason::kFromTable:
      return "nearest point: " + cell_text(policy, answer.cell);
    case PolicyReason::kNoFeasiblePlan:
      return "no plan is feasible at " + cell_text(policy, answer.cell);
    case PolicyReason::kBelowRange:
    case PolicyReason::kAboveRange: {
      const auto index = static_cast<std::size_t>(answer.axis);
      const PolicyAxisInfo axis = policy.axis(index);
      const bool below = answer.reason == PolicyReason::kBelowRange;
      // A single point reaches so far that only the limit itself can be named.
      const double point = policy.axis_point(index, below ? 0 : axis.size - 1);
      const double limit = axis.size > 1 ? point : below ? axis.lowest : axis.highest;
      return fmt::format("{} {} is {} {}", axis.name, in_unit(axis.unit, values[index]),
                         below ? "below the table's lowest" : "above the table's highest",
                         in_unit(axis.unit, limit));
    }
    default:
      return to_string(answer.reason);
  }
}

void query(const PolicyArguments& arguments) {
  const Policy policy = open(arguments.file).policy;
  const std::vector<double> values = values_of(policy, arguments);
  const PolicyAnswer answer = policy.query(values.data(), values.size());
  const std::string_view plan = policy.plan_text(static_cast<std::size_t>(answer.plan));
  const std::string reason = reason_text(policy, answer, values);
  const auto latency = static_cast<double>(answer.latency);
  const auto margin = static_cast<double>(answer.margin);
  if (arguments.json) {
    print_json({{"plan", plan},
                {"latency_s", latency},
                {"margin", margin},
                {"fallback", answer.fallback},
                {"reason", reason}});
    return;
  }
  fmt::print("{}\n", plan);
  if (answer.fallback) {
    fmt::print("  fallback: {}\n", reason);
    return;
  }
  fmt::print("  {} {}\n", policy.info().objective, format(Seconds(latency)));
  fmt::print("  {}\n", std::isfinite(margin) ? fmt::format("the runner-up costs {}{:.3g} % more",
                                                           margin >= 120 ? "at least " : "", 100 * margin)
                                             : "no other plan is feasible");
  fmt::print("  {}\n", reason);
}

// ---- info ----

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

void print_info_json(const OpenFile& file) {
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
  const OpenFile file = open(arguments.file);
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

// ---- verify ----

void verify(const PolicyArguments& arguments) {
  const OpenFile file = open(arguments.file);
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
  if (run == query) {
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
  add(*policy, "query", "Which plan to use under one condition", query);
  add(*policy, "verify", "Check every byte of a policy table", verify);
}

}  // namespace kerf::cli
