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
  if (!goal.has_period()) return;
  stations_.emplace(problem_);
  for (const Measure& station : stations_->joint()) {
    measures_.push_back(station);
    most_.push_back(kNever);
  }
}

void Totals::slice(const Stage& stage, double seconds, std::vector<double>& values) const {
  for (std::size_t k = 0; k < measures_.size(); ++k)
    values[k] += measures_[k].slice(problem_, stage, seconds);
  if (stations_) values.back() = std::max(values.back(), stations_->slice(stage, seconds));
}

void Totals::move(int from, int to, Bytes bytes, std::vector<double>& values) const {
  for (std::size_t k = 0; k < measures_.size(); ++k) values[k] += measures_[k].move(from, to, bytes);
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
    : hosts_(static_cast<std::size_t>(lattice.hosts())), count_(totals.count()) {
  const Problem& problem = lattice.problem();
  double slices = 0;
  for (int host = 0; host < lattice.hosts(); ++host) {
    for (int last = 0; last < lattice.blocks(); ++last) slices += last + 1 - lattice.least_first(host, last);
  }
  if (slices * static_cast<double>(count_) > kMostSweep) {
    throw Error(ErrorCode::kLimit, problem.name,
                fmt::format("{:.2g} slices to weigh under constraints that couple them", slices),
                fmt::format("at most {:.2g}", kMostSweep / static_cast<double>(count_)),
                "fewer blocks, or no caps on shares, energy, price or bytes and no order = \"any\"");
  }
  least_.assign(static_cast<std::size_t>(lattice.blocks()) * hosts_ * count_, kNever);
  std::vector<double> seconds(static_cast<std::size_t>(lattice.blocks()));
  std::vector<double> done(hosts_ * count_);
  const std::size_t sums = totals.measures().size();
  for (int last = lattice.blocks() - 1; last >= 0; --last) {
    end(lattice, totals, last, done);
    for (int host = 0; host < lattice.hosts(); ++host) {
      const double* const after = &done[static_cast<std::size_t>(host) * count_];
      if (!(after[0] < kNever)) continue;
      lattice.slices_ending(host, last, seconds);
      for (int first = lattice.least_first(host, last); first <= last; ++first) {
        const double time = seconds[static_cast<std::size_t>(first)];
        if (!(time < kNever)) continue;
        double* const least =
            &least_[(static_cast<std::size_t>(first) * hosts_ + static_cast<std::size_t>(host)) * count_];
        const Stage stage{host, first, last};
        for (std::size_t k = 0; k < sums; ++k) {
          least[k] = std::min(least[k], totals.measures()[k].slice(problem, stage, time) + after[k]);
        }
        if (sums < count_) {
          least[sums] = std::min(least[sums], std::max(totals.stations()->slice(stage, time), after[sums]));
        }
      }
    }
  }
}

// The least that follows a slice which ends with `last`, for every host.
void Completions::end(const Lattice& lattice, const Totals& totals, int last,
                      std::vector<double>& done) const {
  const Problem& problem = lattice.problem();
  std::fill(done.begin(), done.end(), kNever);
  std::vector<double> step(count_);
  for (int from = 0; from < lattice.hosts(); ++from) {
    double* const after = &done[static_cast<std::size_t>(from) * count_];
    if (last + 1 == lattice.blocks()) {
      if (!lattice.allows_end(from)) continue;
      std::fill(step.begin(), step.end(), 0);
      if (from != problem.source && problem.workload.return_result) {
        totals.back(from, result_bytes(problem), step);
      }
      std::copy(step.begin(), step.end(), after);
      continue;
    }
    for (int to = 0; to < lattice.hosts(); ++to) {
      if (!lattice.allows_move(from, to, last + 1)) continue;
      const double* const onwards = least(last + 1, to);
      std::fill(step.begin(), step.end(), 0);
      totals.move(from, to, problem.bytes_into(last + 1), step);
      for (std::size_t k = 0; k < totals.measures().size(); ++k) {
        after[k] = std::min(after[k], step[k] + onwards[k]);
      }
      if (totals.stations() != nullptr) {
        const std::size_t k = count_ - 1;
        after[k] = std::min(after[k], std::max(step[k], onwards[k]));
      }
    }
  }
}

}  // namespace kerf
