#pragma once
// Predicted beside measured: what a simulator said of plans under conditions, and what real runs of the same
// plans under the same conditions yielded. Pure functions of the two.
//
//   const Comparison found = compare(predicted, measured, {});
//   std::cout << comparison_text(found);
//
// A real run is repeated. How far the repeats lie apart is the *noise floor*: no prediction can be held to
// less. Where the repeats' means lie more than 4 % apart, the attempt is *void*; the testbed makes another.
// A row is made of the last attempt that is not void, all repeats pooled.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/quantity.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

// Beyond this distance of the repeats' means an attempt is void.
inline constexpr double kVoidNoise = 0.04;

inline constexpr std::array kCompared{Statistic::kMean, Statistic::kP50, Statistic::kP95, Statistic::kP99};
[[nodiscard]] const char* name_of(Statistic statistic);  // "mean", "p50", ...

// What the two sides must have in common; empty where a file does not say.
struct Question {
  std::string scenario;
  std::string scenario_hash;
  std::string model;
  std::string model_hash;
  std::vector<std::string> axes;  // keys
};

// Indexed by Statistic.
using Statistics = std::array<double, 4>;  // seconds

struct PredictedRow {
  std::size_t condition = 0;
  std::vector<std::string> settings;  // one an axis
  std::string plan;
  Statistics seconds{};
};

struct Predicted {
  std::string source;  // the file, for errors
  Question question;
  std::vector<PredictedRow> rows;
};

struct MeasuredRun {
  std::size_t condition = 0;
  std::vector<std::string> settings;
  std::string plan;
  int attempt = 0;
  int repeat = 0;
  std::vector<double> latencies;  // seconds, in the order of arrival, warm-up left out; not empty
  int lost = 0;                   // of them: answered otherwise than by the plan, because a host failed
};

struct Measured {
  std::string source;
  Question question;
  std::vector<MeasuredRun> runs;
};

[[nodiscard]] Statistics statistics_of(std::span<const double> latencies);

// The mean distance between two repeats, relative to their own mean; 0 for a single one. What a perfect
// prediction that is itself a run would be off by.
[[nodiscard]] double noise_of(std::span<const double> repeats);

struct ComparedStatistic {
  double predicted = 0;
  double measured = 0;
  // 95 % interval of the measured figure: batch means for the mean, order statistics for percentiles
  // (base/statistics.hpp). Without enough samples for one, `low` is 0.
  double low = 0;
  double high = 0;
  double error = 0;  // predicted / measured - 1
  double noise = 0;  // of this statistic between the repeats
};

struct ComparedPlan {
  std::size_t condition = 0;
  std::vector<std::string> settings;
  std::string plan;
  bool is_void = false;   // every attempt was; the figures are of the last
  int void_attempts = 0;  // whether or not another one counted
  int repeats = 0;
  int requests = 0;
  int lost = 0;
  std::array<ComparedStatistic, 4> statistics;  // by Statistic

  [[nodiscard]] const ComparedStatistic& of(Statistic statistic) const {
    return statistics[static_cast<std::size_t>(statistic)];
  }
};

// Whether the simulator would have chosen well under one condition, among the plans that count there.
struct ComparedChoice {
  std::size_t condition = 0;
  std::vector<std::string> settings;
  std::string chosen;  // the least predicted
  std::string best;    // the least measured
  double regret = 0;   // measured: chosen / best - 1
  // What the best cut saves of the best single host's latency, measured; nothing where only one kind counts.
  std::optional<double> cut_saves;
};

struct Aims {
  double mean = 0.03;  // of the absolute error
  double p95 = 0.06;
  double regret = 0.02;
  Statistic rank_by = Statistic::kMean;
};

struct ErrorSummary {
  int rows = 0;
  double mean_error = 0;  // signed
  double mean_absolute = 0;
  double median_absolute = 0;
  double worst_absolute = 0;
  double mean_noise = 0;
  int within = 0;        // of the aim; 0 for statistics without one
  int within_noise = 0;  // not within the aim, but within 1.5 times the row's own noise floor
};

struct Comparison {
  Question question;
  Aims aims;
  std::vector<ComparedPlan> plans;      // in the order of conditions, then of the measured file
  std::vector<ComparedChoice> choices;  // conditions with at least two plans that count
  std::array<ErrorSummary, 4> errors;   // by Statistic, over the plans that count
  int void_plans = 0;
  int void_attempts = 0;
  // Over the conditions of `choices` in which every plan counts: the plan that would be best if it had to
  // serve all, how much longer it takes than each condition's best on average, and the same of the choices.
  std::string static_plan;
  double static_excess = 0;
  double chosen_excess = 0;
};

// Error(kBadInput) where the two are about different scenarios or models, or a measured condition or plan was
// not predicted.
[[nodiscard]] Comparison compare(const Predicted& predicted, const Measured& measured, const Aims& aims);

[[nodiscard]] std::string comparison_text(const Comparison& comparison);
[[nodiscard]] std::string comparison_json(const Comparison& comparison);

}  // namespace kerf
