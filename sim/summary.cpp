#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "sim/simulator.hpp"

namespace kerf {
namespace {

constexpr std::size_t kBatches = 20;

// The 97.5th percentile of Student's t with `freedom` degrees of freedom, 1 to 39.
double student_t(std::size_t freedom) {
  static constexpr double kTable[] = {
      12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
      2.200985,  2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
      2.079614,  2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
      2.039513,  2.036933, 2.034515, 2.032245, 2.030108, 2.028094, 2.026192, 2.024394, 2.022691};
  return kTable[freedom - 1];
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// `by_arrival`: latencies in the order in which the requests arose.
double half_width(std::span<const double> by_arrival, double mean) {
  const std::size_t count = by_arrival.size();
  if (count < 2 || !(mean > 0)) return 0;
  const std::size_t batches = count < 2 * kBatches ? count : kBatches;
  const std::size_t size = count / batches;
  const std::span<const double> used = by_arrival.subspan(count % batches);
  std::vector<double> means;
  for (std::size_t batch = 0; batch < batches; ++batch)
    means.push_back(mean_of(used.subspan(batch * size, size)));
  const double center = mean_of(means);
  double squares = 0;
  for (const double value : means) squares += (value - center) * (value - center);
  const auto n = static_cast<double>(batches);
  return student_t(batches - 1) * std::sqrt(squares / (n - 1) / n) / mean;
}

// The least value that at least `share` of all values do not exceed.
Seconds nearest_rank(std::span<const double> ascending, int percent) {
  const std::size_t rank = (ascending.size() * static_cast<std::size_t>(percent) + 99) / 100;
  return Seconds(ascending[std::max<std::size_t>(rank, 1) - 1]);
}

}  // namespace

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
  outcome.mean_half_width = half_width(by_arrival, outcome.mean.value());

  std::sort(latencies.begin(), latencies.end());
  outcome.p50 = nearest_rank(latencies, 50);
  outcome.p95 = nearest_rank(latencies, 95);
  outcome.p99 = nearest_rank(latencies, 99);
  outcome.max = Seconds(latencies.back());
  return outcome;
}

}  // namespace kerf
