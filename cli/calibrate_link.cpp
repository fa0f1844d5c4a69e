#include "calibrate/measure/calibrate_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"
#include "runtime/executor/message_memory.hpp"

namespace kerf::cli {
namespace {

struct CalibrateLinkArguments {
  std::string address;
  std::string link;
  std::string budget = "20s";
  std::string pause = "0s";
  std::string bandwidth;
  std::filesystem::path out = ".";
};

BytesPerSecond nominal(std::string_view text) {
  const BytesPerSecond bandwidth = flag(parse_bytes_per_second, text, "--bandwidth");
  if (bandwidth <= BytesPerSecond(0)) {
    throw Error(ErrorCode::kUsage, "--bandwidth", fmt::format("\"{}\"", text), "a rate above 0");
  }
  return bandwidth;
}

CalibrateLinkOptions options_of(const CalibrateLinkArguments& arguments) {
  CalibrateLinkOptions options;
  options.link = arguments.link;
  options.budget = flag(parse_seconds, arguments.budget, "--budget");
  options.pause = flag(parse_seconds, arguments.pause, "--pause");
  if (options.budget <= Seconds(0)) {
    throw Error(ErrorCode::kUsage, "--budget", fmt::format("\"{}\"", arguments.budget), "more than no time",
                "try --budget 20s");
  }
  if (arguments.bandwidth.empty()) return options;
  const std::string_view both = arguments.bandwidth;
  const std::size_t slash = both.find('/');
  options.nominal_up = nominal(both.substr(0, slash));
  options.nominal_down =
      slash == std::string_view::npos ? options.nominal_up : nominal(both.substr(slash + 1));
  return options;
}

std::string direction(const char* name, const LinkDirection& way, BytesPerSecond sold_as) {
  const std::string share =
      sold_as > BytesPerSecond(0)
          ? fmt::format("  {:.1f} % of {}", 100 * (way.goodput / sold_as), format(sold_as))
          : "";
  return fmt::format("  {:<6}{:>10}{:>10}{:>14}{}\n", name, format(way.delay), format(way.overhead),
                     format(way.goodput), share);
}

std::string summary(const LinkCosts& costs, const std::filesystem::path& file) {
  Bytes largest;
  for (const LadderPoint& point : costs.ladder) largest = std::max({largest, point.up, point.down});
  return fmt::format("{} to {}: the network's round trip is {}, the smallest message's {}\n", costs.link,
                     costs.provenance.peer, format(costs.round_trip), format(costs.ladder.front().median)) +
         fmt::format("  {:<6}{:>10}{:>10}{:>14}\n", "", "delay", "overhead", "goodput") +
         direction("up", costs.up, costs.nominal_up) + direction("down", costs.down, costs.nominal_down) +
         fmt::format("  fitted to {} sizes up to {}: off by {:.1f} % (median), at most {:.1f} %\n",
                     costs.ladder.size(), format(largest), 100 * costs.median_error,
                     100 * costs.worst_error) +
         fmt::format("  {}\nWritten: {}\n", costs.provenance.note, file.string());
}

void run_calibrate_link(const CalibrateLinkArguments& arguments) {
  keep_message_memory();
  check_plain_name(arguments.link, "--as", "a link's name", "uplink");
  const CalibrateLinkOptions options = options_of(arguments);
  ensure_writable_folder(arguments.out);
  const StopRequested stop = stop_on_interrupt();
  const LinkCosts costs = calibrate_link(
      arguments.address, options, terminal_progress(fmt::format("calibrate-link {}", arguments.link)), stop);
  const std::filesystem::path file = arguments.out / (arguments.link + ".json");
  write_link_costs(costs, file);
  fmt::print("{}", summary(costs, file));
}

}  // namespace

void add_calibrate_link(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "calibrate-link", "Measure the link to a `kerf serve --echo` and write what messages cost");
  const auto arguments = std::make_shared<CalibrateLinkArguments>();
  command->add_option("address", arguments->address, "The echo peer: ADDRESS:PORT")->required();
  command->add_option("--as", arguments->link, "What to call this link")->required();
  command->add_option("--budget", arguments->budget, "Wall time for all of it, such as 20s")
      ->capture_default_str();
  command
      ->add_option("--pause", arguments->pause,
                   "Rest before each message, such as 20ms: what lone requests take")
      ->capture_default_str();
  command->add_option("--bandwidth", arguments->bandwidth,
                      "What the link is sold as: 20Mbps, or 20Mbps/80Mbps up and down");
  command->add_option("--out", arguments->out, "Folder for LINK.json")->capture_default_str();
  command->callback([arguments] { run_calibrate_link(*arguments); });
}

}  // namespace kerf::cli
