#pragma once
// What real runs yielded, as a folder (docs/testbed.md):
//   testbed.json     which scenario, which model, made how and where
//   testbed.csv      one row a run: condition, plan, attempt, repeat, and the simulator's columns
//   runs/000042.csv  the run's requests, one row each, as `kerf run --out` writes them
// A run is recorded whole or not at all, so that an interrupted testbed goes on where it stood. One thread at
// a time.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "planner/plans/summary.hpp"
#include "testbed/comparison.hpp"

namespace kerf {

// Which run of which plan under which condition. Attempts and repeats count from 0.
struct RunKey {
  std::size_t condition = 0;
  std::string plan;
  int attempt = 0;
  int repeat = 0;
  auto operator<=>(const RunKey&) const = default;
};

// The requests of one run.
struct RunRequests {
  std::vector<RequestRecord> records;
  int lost = 0;        // of those that count: answered otherwise than by the plan, because a host failed
  int unanswered = 0;  // of those that count; they are not among the records
  Bytes bytes_sent;    // a request that counts: tensors that left and reached the device
};

// `text`: what `kerf run --out` wrote, of one device or of several one after the other.
[[nodiscard]] RunRequests read_requests(std::string_view text, const std::string& where);
// Latencies of the requests that count, in the order of arrival.
[[nodiscard]] std::vector<double> latencies_of(const RunRequests& requests);

// What runs depend on besides the scenario; repeats of a run have it in common.
struct RunSetup {
  std::map<std::string, std::string> flags;  // those given, with their values: "--rest": "0.02s"
  std::map<std::size_t, int> requests;       // of each device in a run, by condition
};

class RealRecorder {
 public:
  // Creates the folder or goes on with what is there. Error(kBadInput) where that was made from another
  // scenario or model, with other flags, or a condition's runs with another number of requests; it names the
  // flag and both values. `provenance`: texts for people.
  RealRecorder(std::filesystem::path folder, Question question, const RunSetup& setup,
               const std::map<std::string, std::string>& provenance);

  [[nodiscard]] bool has(const RunKey& key) const { return means_.contains(key); }
  [[nodiscard]] std::size_t runs() const { return means_.size(); }
  // The means of an attempt's repeats so far, in seconds.
  [[nodiscard]] std::vector<double> means(std::size_t condition, const std::string& plan, int attempt) const;
  // `requests_csv`: what `kerf run --out` wrote.
  void add(const RunKey& key, const std::vector<std::string>& settings, std::string_view requests_csv);

 private:
  void hold_to(const RunSetup& setup, const std::filesystem::path& description) const;

  std::filesystem::path folder_;
  Question question_;
  std::string table_;
  std::map<RunKey, double> means_;
};

// `path`: the folder, or its testbed.csv or testbed.json. Error(kBadInput) with file and line for what is
// missing or malformed.
[[nodiscard]] Measured read_measured(const std::filesystem::path& path);

// A setting as results hold it: numbers in base units, names as text.
[[nodiscard]] std::vector<std::string> settings_of(const Condition& condition);

}  // namespace kerf
