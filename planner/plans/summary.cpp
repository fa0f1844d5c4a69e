#include "planner/plans/summary.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/statistics.hpp"

namespace kerf {

Outcome summarize(std::span<const RequestRecord> records) {
  std::vector<const RequestRecord*> counted;
  for (const RequestRecord& record : records) {
    if (record.counts) counted.push_back(&record);
  }
  Outcome outcome;
  outcome.requests = static_cast<int>(counted.size());
  if (counted.empty()) return outcome;

  std::vector<double> latencies;
  Seconds first = counted.front()->arrived;
  Seconds last = counted.front()->answered;
  for (const RequestRecord* record : counted) {
    latencies.push_back(record->latency.value());
    first = std::min(first, record->arrived);
    last = std::max(last, record->answered);
  }
  outcome.mean = Seconds(mean_of(latencies));
  if (last > first)
    outcome.throughput = PerSecond(static_cast<double>(counted.size()) / (last - first).value());

  std::sort(counted.begin(), counted.end(), [](const RequestRecord* a, const RequestRecord* b) {
    return std::tuple(a->arrived, a->device, a->request) < std::tuple(b->arrived, b->device, b->request);
  });
  std::vector<double> by_arrival;
  for (const RequestRecord* record : counted) by_arrival.push_back(record->latency.value());
  if (outcome.mean > Seconds{}) outcome.mean_half_width = batch_half_width(by_arrival) / outcome.mean.value();

  std::sort(latencies.begin(), latencies.end());
  outcome.p50 = Seconds(nearest_rank(latencies, 50));
  outcome.p95 = Seconds(nearest_rank(latencies, 95));
  outcome.p99 = Seconds(nearest_rank(latencies, 99));
  outcome.max = Seconds(latencies.back());
  return outcome;
}

}  // namespace kerf
