#pragma once
// What a partial plan has cost and used so far, and the least that any completion adds: the two halves of a
// label's bound (labels.hpp).

#include <optional>
#include <span>
#include <vector>

#include "planner/search/budget.hpp"
#include "planner/search/goal.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/sliding_minimum.hpp"

namespace kerf {

// The running totals of a plan: its criteria, its budgets, the loads of stations that it may load more than
// once, and last the largest load of any other station where the period is a criterion.
class Totals {
 public:
  Totals(const Lattice& lattice, const Goal& goal, const std::vector<Budget>& budgets);

  [[nodiscard]] std::size_t count() const { return measures_.size() + (stations_ ? 1 : 0); }
  [[nodiscard]] std::span<const Measure> measures() const { return measures_; }
  [[nodiscard]] const Stations* stations() const { return stations_ ? &*stations_ : nullptr; }

  // [k]: of each measure, per second of computing on the host.
  [[nodiscard]] const double* per_second(int host) const {
    return per_second_.data() + static_cast<std::size_t>(host) * measures_.size();
  }

  // Add a step's amounts to `values`.
  void slice(const Stage& stage, double seconds, std::vector<double>& values) const;
  void move(int from, int to, Bytes bytes, std::vector<double>& values) const;
  void back(int from, Bytes bytes, std::vector<double>& values) const;

  // `least`: what a completion adds at least to each total; nullptr: nothing.
  [[nodiscard]] bool affordable(std::span<const double> values, const double* least) const;
  [[nodiscard]] Rank rank(std::span<const double> values, const double* least) const;
  // One a criterion of the goal.
  [[nodiscard]] std::vector<double> criteria(std::span<const double> values, const double* least) const;

  // kBetter: a is nowhere worse, and whatever completes both, the plan from a is strictly better; kAsGood: as
  // good at least.
  enum class Comparison { kNo, kAsGood, kBetter };
  [[nodiscard]] Comparison compare(std::span<const double> a, std::span<const double> b) const;

 private:
  void lay_out();
  [[nodiscard]] double period(std::span<const double> values, const double* least) const;

  const Problem& problem_;
  const Goal& goal_;
  bool one_sum_;                        // the goal is the first measure
  std::vector<Measure> measures_;       // sums of criteria, budgets, joint stations
  std::vector<double> per_second_;      // [host * measures + k]
  std::vector<Measure::Link> onwards_;  // [(from * hosts + to) * measures + k]
  bool of_time_and_bytes_ = true;       // all of them
  std::size_t criteria_ = 0;
  std::vector<double> most_;  // of the measures from criteria_ on
  std::size_t first_station_ = 0;
  std::optional<Stations> stations_;
};

// The least that completing a plan adds to each total, from a host that has all it needs to go on with block
// `first`; each total by itself, to rounding, but never more than it is. One backward sweep over the blocks;
// with B[k] the sum of a total over the blocks before k on a host whose times add up,
//
//   least[first] = min over last >= first of (B[last + 1] + least after that slice) - B[first]
//
// and the minimum is kept while `first` falls, as in fastest.hpp: O(blocks * hosts^2) a total. Elsewhere
// slices are looked at one by one, O(blocks^2) a host and total.
class Completions {
 public:
  Completions(const Lattice& lattice, const Totals& totals);

  // totals.count() numbers; infinite where no completion is.
  [[nodiscard]] const double* least(int first, int host) const { return least_.data() + index(first, host); }
  // The same from a host that has just done block `last`, whatever follows.
  [[nodiscard]] const double* after(int last, int host) const { return after_.data() + index(last, host); }

 private:
  // Of a host: whether slices are sums of their blocks in every total.
  [[nodiscard]] bool adds_up(int host) const;
  void check_size(const std::vector<bool>& adds_up) const;
  void end(int last);
  void slide(int host, int first);
  void scan(int host, int last);
  [[nodiscard]] std::size_t index(int block, int host) const {
    return (static_cast<std::size_t>(block) * hosts_ + static_cast<std::size_t>(host)) * count_;
  }

  const Lattice& lattice_;
  const Totals& totals_;
  std::size_t hosts_, count_;
  std::vector<double> least_;            // [(first * hosts + host) * count + k]
  std::vector<double> after_;            // [(last * hosts + host) * count + k]
  std::vector<double> step_;             // [k]
  std::vector<double> seconds_;          // [first]
  std::vector<SlidingMinimum> windows_;  // [host * count + k]
};

}  // namespace kerf
