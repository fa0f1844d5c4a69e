#include "scenarios/objective_reader.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace kerf::scenarios {
namespace {

constexpr std::array<std::pair<std::string_view, Statistic>, 5> kLatencies{
    {{"latency", Statistic::kMean},
     {"latency.mean", Statistic::kMean},
     {"latency.p50", Statistic::kP50},
     {"latency.p95", Statistic::kP95},
     {"latency.p99", Statistic::kP99}}};
constexpr std::array<std::pair<std::string_view, Criterion>, 8> kCriteria{
    {{"latency", Criterion::kLatency},
     {"latency.mean", Criterion::kLatency},
     {"latency.p50", Criterion::kLatency},
     {"latency.p95", Criterion::kLatency},
     {"latency.p99", Criterion::kLatency},
     {"energy", Criterion::kEnergy},
     {"price", Criterion::kPrice},
     {"period", Criterion::kPeriod}}};
constexpr std::size_t kMostLevels = 4;
constexpr Range kWeight{0, false, kUnbounded, false,
                        "a weight above 0: so much per second, joule or unit of price"};

std::vector<WeightedCriterion> read_level(Objective& objective, const Value& value) {
  if (!value.node().is_table()) {
    const Criterion criterion = value.one_of(kCriteria);
    for (const auto& [name, statistic] : kLatencies) {
      if (value.text() == name) objective.latency = statistic;
    }
    return {{criterion, 1}};
  }
  std::vector<WeightedCriterion> sum;
  for (const Value& part : value.entries()) {
    sum.push_back({part.key_one_of(kCriteria), part.number(kWeight)});
  }
  if (sum.empty()) value.refuse("weights such as { latency = 1, energy = 0.2 }");
  return sum;
}

}  // namespace

void read_minimize(Objective& objective, const Value& value) {
  objective.minimize.clear();
  if (value.node().kind != Node::Kind::kArray) {
    objective.minimize.push_back(read_level(objective, value));
    return;
  }
  for (const Value& level : value.entries()) objective.minimize.push_back(read_level(objective, level));
  if (objective.minimize.empty() || objective.minimize.size() > kMostLevels) {
    value.refuse("one to four criteria, the first to be least first");
  }
}

}  // namespace kerf::scenarios
