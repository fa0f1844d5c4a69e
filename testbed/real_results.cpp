#include "testbed/real_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/statistics.hpp"
#include "base/text.hpp"
#include "testbed/csv.hpp"

namespace kerf {
namespace {

constexpr int kSchema = 1;
constexpr const char* kMadeAnew = "remove the folder, or name another --out, to begin anew";

std::string run_name(std::size_t number) {
  return fmt::format("{:06}.csv", number);
}

nlohmann::ordered_json question_json(const Question& question) {
  return {{"testbed_schema", kSchema},
          {"scenario", question.scenario},
          {"scenario_hash", question.scenario_hash},
          {"model", question.model},
          {"model_hash", question.model_hash},
          {"axes", question.axes}};
}

// What `read` makes of a description.
template <class Read>
auto read_description(const std::filesystem::path& file, const Read& read) {
  const std::string where = file.string();
  try {
    nlohmann::ordered_json all = nlohmann::ordered_json::parse(read_file(file));
    if (all.at("testbed_schema").get<int>() != kSchema) {
      throw Error(ErrorCode::kBadInput, where,
                  fmt::format("testbed_schema is {}", all.at("testbed_schema").get<int>()),
                  fmt::format("{}", kSchema), kMadeAnew);
    }
    return read(all);
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("is no testbed's description ({})", failure.what()),
                "what kerf testbed writes", kMadeAnew);
  }
}

Question read_question(const std::filesystem::path& file) {
  return read_description(file, [](const nlohmann::ordered_json& all) {
    return Question{.scenario = all.at("scenario").get<std::string>(),
                    .scenario_hash = all.at("scenario_hash").get<std::string>(),
                    .model = all.at("model").get<std::string>(),
                    .model_hash = all.at("model_hash").get<std::string>(),
                    .axes = all.at("axes").get<std::vector<std::string>>()};
  });
}

using Flags = std::map<std::string, std::string>;

std::string with_or_without(const Flags& flags, const std::string& flag) {
  const auto given = flags.find(flag);
  return given == flags.end() ? "without " + flag : fmt::format("with {} {}", flag, given->second);
}

void check_same_flags(const Flags& before, const Flags& now, const std::string& where) {
  Flags all = before;
  all.insert(now.begin(), now.end());
  for (const auto& [flag, value] : all) {
    const std::string then = with_or_without(before, flag);
    if (then == with_or_without(now, flag)) continue;
    throw Error(ErrorCode::kBadInput, where, fmt::format("holds runs made {}", then),
                fmt::format("{}, as now", with_or_without(now, flag)), kMadeAnew);
  }
}

// The table's columns besides the axes. From `candidate` on they are the sweep's; there is no bound for a
// real run, and no meter for its energy.
std::string header_of(const Question& question) {
  std::string text = "condition";
  for (const std::string& axis : question.axes) text += "," + csv_field(axis);
  return text +
         ",run,attempt,repeat,lost,plan,status,bound_s,mean_s,mean_half_width,p50_s,p95_s,p99_s,max_s,"
         "throughput_per_s,bytes_sent,energy_j,requests\n";
}

std::string row_of(const RunKey& key, const std::vector<std::string>& settings, std::size_t number,
                   const RunRequests& requests, const Outcome& outcome) {
  std::string text = fmt::format("{}", key.condition);
  for (const std::string& setting : settings) text += "," + csv_field(setting);
  text += fmt::format(",{},{},{},{},{},measured,", number, key.attempt, key.repeat,
                      requests.lost + requests.unanswered, csv_field(key.plan));
  for (const double figure :
       {outcome.mean.value(), outcome.mean_half_width, outcome.p50.value(), outcome.p95.value(),
        outcome.p99.value(), outcome.max.value(), outcome.throughput.value(), requests.bytes_sent.value()}) {
    text += "," + format_exact(figure);
  }
  return text + fmt::format(",,{}\n", outcome.requests);
}

RunKey key_of(const CsvTable& table, std::size_t row) {
  return {.condition = static_cast<std::size_t>(table.whole(row, "condition")),
          .plan = table.text(row, "plan"),
          .attempt = table.whole(row, "attempt"),
          .repeat = table.whole(row, "repeat")};
}

}  // namespace

RunRequests read_requests(std::string_view text, const std::string& where) {
  const CsvTable table(text, where);
  RunRequests requests;
  double bytes = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const bool counts = table.whole(row, "warmup") == 0;
    const std::string& outcome = table.text(row, "outcome");
    if (outcome == "error") {
      requests.unanswered += counts;
      continue;
    }
    if (outcome != "ok" && outcome != "local") {
      throw Error(ErrorCode::kBadInput, table.place(row, "outcome"), fmt::format("\"{}\"", outcome),
                  "ok, local or error");
    }
    const double latency = table.number(row, "latency_s");
    if (!(latency > 0)) {
      throw Error(ErrorCode::kBadInput, table.place(row, "latency_s"),
                  fmt::format("\"{}\"", table.text(row, "latency_s")), "a latency above 0");
    }
    requests.lost += counts && outcome == "local";
    if (counts) bytes += table.number(row, "bytes_up") + table.number(row, "bytes_down");
    requests.records.push_back({.device = table.whole(row, "device"),
                                .request = table.whole(row, "request"),
                                .arrived = Seconds(table.number(row, "arrived_s")),
                                .answered = Seconds(table.number(row, "answered_s")),
                                .latency = Seconds(latency),
                                .counts = counts});
  }
  std::ranges::sort(requests.records, [](const RequestRecord& a, const RequestRecord& b) {
    return std::tuple(a.arrived, a.device, a.request) < std::tuple(b.arrived, b.device, b.request);
  });
  const std::size_t counted = latencies_of(requests).size();
  if (counted > 0) requests.bytes_sent = Bytes(bytes / static_cast<double>(counted));
  return requests;
}

std::vector<double> latencies_of(const RunRequests& requests) {
  std::vector<double> latencies;
  for (const RequestRecord& record : requests.records) {
    if (record.counts) latencies.push_back(record.latency.value());
  }
  return latencies;
}

RealRecorder::RealRecorder(std::filesystem::path folder, Question question, const RunSetup& setup,
                           const std::map<std::string, std::string>& provenance)
    : folder_(std::move(folder)), question_(std::move(question)), table_(header_of(question_)) {
  ensure_writable_folder(folder_ / "runs");
  const std::filesystem::path description = folder_ / "testbed.json";
  if (!std::filesystem::exists(description)) {
    nlohmann::ordered_json all = question_json(question_);
    all["flags"] = setup.flags;
    for (const auto& [condition, requests] : setup.requests)
      all["requests"][std::to_string(condition)] = requests;
    all["provenance"] = provenance;
    write_file(folder_ / "testbed.csv", table_);
    write_file(description, all.dump(2) + "\n");
    return;
  }
  const Question before = read_question(description);
  if (before.scenario_hash != question_.scenario_hash || before.model_hash != question_.model_hash ||
      before.axes != question_.axes) {
    throw Error(ErrorCode::kBadInput, description.string(), "holds runs of another scenario or model",
                "the same scenario, overrides and model as when they were made", kMadeAnew);
  }
  table_ = read_file(folder_ / "testbed.csv");
  const CsvTable table(table_, (folder_ / "testbed.csv").string());
  for (std::size_t row = 0; row < table.rows(); ++row)
    means_.emplace(key_of(table, row), table.number(row, "mean_s"));
  hold_to(setup, description);
}

// Runs that are here were made as those to come; of conditions without any it is kept how theirs will be.
void RealRecorder::hold_to(const RunSetup& setup, const std::filesystem::path& description) const {
  const std::string where = description.string();
  const nlohmann::ordered_json held = read_description(description, [&](nlohmann::ordered_json& all) {
    if (!all.contains("flags")) {
      throw Error(ErrorCode::kBadInput, where, "does not say with which flags its runs were made",
                  "what this version of kerf testbed writes", kMadeAnew);
    }
    check_same_flags(all.at("flags").get<Flags>(), setup.flags, where);
    for (const auto& [condition, requests] : setup.requests) {
      nlohmann::ordered_json& before = all["requests"][std::to_string(condition)];
      const bool has_runs =
          std::ranges::any_of(means_, [&](const auto& run) { return run.first.condition == condition; });
      if (has_runs && before != requests) {
        throw Error(ErrorCode::kBadInput, where,
                    fmt::format("holds runs of condition {} with {} requests of each device", condition,
                                before.dump()),
                    fmt::format("{}, as now", requests),
                    fmt::format("try --requests {}; or {}", before.dump(), kMadeAnew));
      }
      before = requests;
    }
    return std::move(all);
  });
  write_file(description, held.dump(2) + "\n");
}

std::vector<double> RealRecorder::means(std::size_t condition, const std::string& plan, int attempt) const {
  std::vector<double> values;
  for (const auto& [key, mean] : means_) {
    if (key.condition == condition && key.plan == plan && key.attempt == attempt) values.push_back(mean);
  }
  return values;
}

void RealRecorder::add(const RunKey& key, const std::vector<std::string>& settings,
                       std::string_view requests_csv) {
  const std::size_t number = means_.size();
  const std::filesystem::path file = folder_ / "runs" / run_name(number);
  const RunRequests requests = read_requests(requests_csv, file.string());
  const Outcome outcome = summarize(requests.records);
  if (outcome.requests == 0) {
    throw Error(ErrorCode::kLimit, fmt::format("condition {}, plan {}", key.condition, key.plan),
                "not one request was answered", "answers", "the executors' own messages stand above");
  }
  write_file(file, requests_csv);
  table_ += row_of(key, settings, number, requests, outcome);
  write_file(folder_ / "testbed.csv", table_);
  means_.emplace(key, outcome.mean.value());
}

Measured read_measured(const std::filesystem::path& path) {
  const std::filesystem::path folder = std::filesystem::is_directory(path) ? path : path.parent_path();
  Measured measured;
  measured.source = (folder / "testbed.csv").string();
  measured.question = read_question(folder / "testbed.json");
  const CsvTable table(read_file(measured.source), measured.source);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const RunKey key = key_of(table, row);
    const std::filesystem::path file =
        folder / "runs" / run_name(static_cast<std::size_t>(table.whole(row, "run")));
    const RunRequests requests = read_requests(read_file(file), file.string());
    MeasuredRun run{.condition = key.condition,
                    .settings = {},
                    .plan = key.plan,
                    .attempt = key.attempt,
                    .repeat = key.repeat,
                    .latencies = latencies_of(requests),
                    .lost = requests.lost + requests.unanswered};
    for (const std::string& axis : measured.question.axes) run.settings.push_back(table.text(row, axis));
    if (run.latencies.empty() || std::abs(mean_of(run.latencies) / table.number(row, "mean_s") - 1) > 1e-9) {
      throw Error(ErrorCode::kBadInput, table.place(row, "mean_s"),
                  fmt::format("\"{}\", and {} says otherwise", table.text(row, "mean_s"), file.string()),
                  "a table and runs that belong together", kMadeAnew);
    }
    measured.runs.push_back(std::move(run));
  }
  return measured;
}

std::vector<std::string> settings_of(const Condition& condition) {
  std::vector<std::string> settings;
  for (const Setting& setting : condition.settings)
    settings.push_back(std::isnan(setting.number) ? setting.text : format_exact(setting.number));
  return settings;
}

}  // namespace kerf
