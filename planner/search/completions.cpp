#include "planner/search/completions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kMostSweep = 3e8;
constexpr double kRounding = 1e-12;

}  // namespace

Totals::Totals(const Lattice& lattice, const Goal& goal, const std::vector<Budget>& budgets)
    : problem_(lattice.problem()), goal_(goal), one_sum_(goal.is_one_sum()) {
  if (one_sum_) {
    measures_.push_back(sum_of(problem_, goal));
  } else {
    for (const Criterion criterion : goal.criteria) {
      if (criterion != Criterion::kPeriod) measures_.push_back(measure_of(problem_, criterion));
    }
  }
  criteria_ = measures_.size();
  for (const Budget& budget : budgets) {
    measures_.push_back(budget.measure);
    most_.push_back(budget.most);
  }
  first_station_ = measures_.size();
  if (goal.has_period()) {
    stations_.emplace(problem_);
    for (const Measure& station : stations_->joint()) {
      measures_.push_back(station);
      most_.push_back(kNever);
    }
  }
  lay_out();
}

// What a step of any one kind adds to all measures lies together.
void Totals::lay_out() {
  for (std::size_t host = 0; host < problem_.hosts.size(); ++host) {
    for (const Measure& measure : measures_) per_second_.push_back(measure.per_second[host]);
  }
  for (std::size_t pair = 0; pair < problem_.paths.size(); ++pair) {
    for (const Measure& measure : measures_) onwards_.push_back(measure.onwards[pair]);
  }
  of_time_and_bytes_ = std::all_of(measures_.begin(), measures_.end(),
                                   [](const Measure& measure) { return measure.is_of_time_and_bytes(); });
}

void Totals::slice(const Stage& stage, double seconds, std::vector<double>& values) const {
  if (of_time_and_bytes_) {
    const double* const rates = per_second(stage.host);
    for (std::size_t k = 0; k < measures_.size(); ++k) values[k] += rates[k] * seconds;
  } else {
    for (std::size_t k = 0; k < measures_.size(); ++k)
      values[k] += measures_[k].slice(problem_, stage, seconds);
  }
  if (stations_) values.back() = std::max(values.back(), stations_->slice(stage, seconds));
}

void Totals::move(int from, int to, Bytes bytes, std::vector<double>& values) const {
  const Measure::Link* const links =
      onwards_.data() +
      (static_cast<std::size_t>(from) * problem_.hosts.size() + static_cast<std::size_t>(to)) *
          measures_.size();
  for (std::size_t k = 0; k < measures_.size(); ++k) values[k] += links[k].of(bytes);
  if (stations_) values.back() = std::max(values.back(), stations_->transfer(from, to, bytes));
}

void Totals::back(int from, Bytes bytes, std::vector<double>& values) const {
  for (std::size_t k = 0; k < measures_.size(); ++k) values[k] += measures_[k].back(from, bytes);
  if (stations_) values.back() = std::max(values.back(), stations_->transfer(from, problem_.source, bytes));
}

bool Totals::affordable(std::span<const double> values, const double* least) const {
  for (std::size_t k = criteria_; k < first_station_; ++k) {
    if (!within(least == nullptr ? values[k] : values[k] + least[k], most_[k - criteria_])) return false;
  }
  return true;
}

double Totals::period(std::span<const double> values, const double* least) const {
  double longest = values.back();
  if (least != nullptr) longest = std::max(longest, least[count() - 1]);
  for (std::size_t k = first_station_; k < measures_.size(); ++k) {
    longest = std::max(longest, least == nullptr ? values[k] : values[k] + least[k]);
  }
  return longest;
}

std::vector<double> Totals::criteria(std::span<const double> values, const double* least) const {
  std::vector<double> criteria;
  std::size_t k = 0;
  for (const Criterion criterion : goal_.criteria) {
    if (criterion == Criterion::kPeriod) {
      criteria.push_back(period(values, least));
    } else {
      criteria.push_back(least == nullptr ? values[k] : values[k] + least[k]);
      ++k;
    }
  }
  return criteria;
}

Rank Totals::rank(std::span<const double> values, const double* least) const {
  if (one_sum_) return {least == nullptr ? values[0] : values[0] + least[0]};
  return goal_.rank(criteria(values, least));
}

Totals::Comparison Totals::compare(std::span<const double> a, std::span<const double> b) const {
  // What adds up keeps a lead; the largest load of a station may be levelled by what follows. What differs by
  // rounding alone is equal.
  bool leads = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double slack = kRounding * std::max(std::abs(a[k]), std::abs(b[k]));
    if (a[k] > b[k] + slack) return Comparison::kNo;
    leads = leads || (k < criteria_ && a[k] < b[k] - slack);
  }
  return leads ? Comparison::kBetter : Comparison::kAsGood;
}

Completions::Completions(const Lattice& lattice, const Totals& totals)
    : lattice_(lattice),
      totals_(totals),
      hosts_(static_cast<std::size_t>(lattice.hosts())),
      count_(totals.count()),
      least_(static_cast<std::size_t>(lattice.blocks()) * hosts_ * count_, kNever),
      after_(least_.size(), kNever),
      step_(count_),
      seconds_(static_cast<std::size_t>(lattice.blocks())),
      windows_(hosts_ * count_) {
  std::vector<bool> adds_up;
  for (int host = 0; host < lattice.hosts(); ++host) adds_up.push_back(this->adds_up(host));
  check_size(adds_up);
  for (int last = lattice.blocks() - 1; last >= 0; --last) {
    end(last);
    for (int host = 0; host < lattice.hosts(); ++host) {
      if (adds_up[static_cast<std::size_t>(host)]) {
        slide(host, last);
      } else {
        scan(host, last);
      }
    }
  }
}

bool Completions::adds_up(int host) const {
  const ProblemHost& here = lattice_.problem().hosts[static_cast<std::size_t>(host)];
  return totals_.stations() == nullptr && here.costs->adds_up() && lattice_.is_window(host) &&
         std::isfinite(here.costs->before().back() * here.costs->mean_ratio() * here.slowdown) &&
         std::all_of(totals_.measures().begin(), totals_.measures().end(), [&](const Measure& measure) {
           return measure.memory_of != host && (!measure.contended || here.contended.empty());
         });
}

void Completions::check_size(const std::vector<bool>& adds_up) const {
  double slices = 0;
  for (int host = 0; host < lattice_.hosts(); ++host) {
    if (adds_up[static_cast<std::size_t>(host)]) continue;
    for (int last = 0; last < lattice_.blocks(); ++last)
      slices += last + 1 - lattice_.least_first(host, last);
  }
  if (slices * static_cast<double>(count_) <= kMostSweep) return;
  throw Error(ErrorCode::kLimit, lattice_.problem().name,
              fmt::format("{:.2g} slices to weigh under constraints that couple them", slices),
              fmt::format("at most {:.2g}", kMostSweep / static_cast<double>(count_)),
              "fewer blocks, or no caps on shares, energy, price or bytes and no order = \"any\"");
}

// The least that follows a slice which ends with `last`, for every host.
void Completions::end(int last) {
  const Problem& problem = lattice_.problem();
  const std::size_t sums = totals_.measures().size();
  for (int from = 0; from < lattice_.hosts(); ++from) {
    double* const after = after_.data() + index(last, from);
    if (last + 1 == lattice_.blocks()) {
      if (!lattice_.allows_end(from)) continue;
      std::fill(step_.begin(), step_.end(), 0);
      if (from != problem.source && problem.workload.return_result) {
        totals_.back(from, result_bytes(problem), step_);
      }
      std::copy(step_.begin(), step_.end(), after);
      continue;
    }
    for (int to = 0; to < lattice_.hosts(); ++to) {
      if (!lattice_.allows_move(from, to, last + 1)) continue;
      const double* const onwards = least(last + 1, to);
      std::fill(step_.begin(), step_.end(), 0);
      totals_.move(from, to, problem.bytes_into(last + 1), step_);
      for (std::size_t k = 0; k < sums; ++k) after[k] = std::min(after[k], step_[k] + onwards[k]);
      if (sums < count_) after[sums] = std::min(after[sums], std::max(step_[sums], onwards[sums]));
    }
  }
}

// Slices that start with `first`, where times add up.
void Completions::slide(int host, int first) {
  const Problem& problem = lattice_.problem();
  const auto at = static_cast<std::size_t>(host);
  const ProblemHost& here = problem.hosts[at];
  const double scale = here.costs->mean_ratio() * here.slowdown;
  const double* const before = here.costs->before().data();
  const double decode = first == 0 && host != problem.source ? problem.decode.value() : 0;
  const double rounding = kRounding + problem.blocks * std::numeric_limits<double>::epsilon();
  const double* const after = this->after(first, host);
  double* const least = least_.data() + index(first, host);
  for (std::size_t k = 0; k < count_; ++k) {
    const Measure& measure = totals_.measures()[k];
    const double rate = totals_.per_second(host)[k];
    const double* const blocks =
        measure.blocks_before.empty()
            ? nullptr
            : &measure.blocks_before[at * static_cast<std::size_t>(problem.blocks + 1)];
    const auto sum = [&](int block) {
      return before[block] * scale * rate + (blocks == nullptr ? 0 : blocks[block]);
    };
    SlidingMinimum& window = windows_[at * count_ + k];
    if (after[k] < kNever) window.push(sum(first + 1) + after[k], first);
    window.drop([&](int last) { return lattice_.least_first(host, last) > first; });
    if (window.empty()) continue;
    least[k] = window.least().key - sum(first) + decode * rate -
               rounding * before[problem.blocks] * scale * std::abs(rate);
  }
}

// Slices that end with `last`, one by one.
void Completions::scan(int host, int last) {
  const std::size_t sums = totals_.measures().size();
  const double* const after = this->after(last, host);
  if (!(after[0] < kNever)) return;
  lattice_.slices_ending(host, last, seconds_);
  for (int first = lattice_.least_first(host, last); first <= last; ++first) {
    const double time = seconds_[static_cast<std::size_t>(first)];
    if (!(time < kNever)) continue;
    double* const least = least_.data() + index(first, host);
    const Stage stage{host, first, last};
    for (std::size_t k = 0; k < sums; ++k) {
      least[k] = std::min(least[k], totals_.measures()[k].slice(lattice_.problem(), stage, time) + after[k]);
    }
    if (sums < count_) {
      least[sums] = std::min(least[sums], std::max(totals_.stations()->slice(stage, time), after[sums]));
    }
  }
}

}  // namespace kerf
