#pragma once
// Which steps the constraints allow, as far as a step alone can say: slices, moves from slice to slice, where
// a plan may start and end. What only a whole plan can say is in budget.hpp.
//
//   must_run / must_not_run   a slice elsewhere (there) holds no such block
//   used = false              no slice there
//   used = true               where ranks rise: no start, move or end passes that rank by
//   memory, compute, load     of a slice, where its host has but one
//   upload                    of a move or a start, where its host has but one
//   kept private              no move from the source at that cut
//
// Whatever forbids a slice forbids the longer ones that hold it, where times add up: then the slices that may
// end with a block are those that start at or after another, and the later the block, the later that is.
// Nothing of size blocks x blocks is kept.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "planner/search/cost.hpp"
#include "planner/search/load.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// A cap holds to one part in 10^9, so that the order in which a sum was made does not decide.
[[nodiscard]] inline bool within(double amount, double cap) {
  return amount <= cap + 1e-9 * (cap < 0 ? -cap : cap);
}

class Lattice {
 public:
  // fill: where given, slices and transfers must keep within load_limits(problem, fill). Keeps a reference.
  Lattice(const Problem& problem, std::optional<double> fill);

  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] int blocks() const { return problem_.blocks; }
  [[nodiscard]] int hosts() const { return hosts_; }

  // The first block of the longest slice that may end with `last`; last + 1 where there is none. Never falls.
  [[nodiscard]] int least_first(int host, int last) const { return least_first_[index(host, last)]; }
  // Whether least_first says all there is about slices on this host.
  [[nodiscard]] bool is_window(int host) const { return is_window_[static_cast<std::size_t>(host)]; }
  [[nodiscard]] bool allows(const Stage& stage) const {
    return stage.first_block >= least_first(stage.host, stage.last_block) &&
           (is_window(stage.host) || passes(stage));
  }
  // seconds[first] for every slice that ends with `last`: stage_time, infinite where it is not allowed.
  void slices_ending(int host, int last, std::span<double> seconds) const;

  // `first` is the block that the receiver starts with.
  [[nodiscard]] bool allows_move(int from, int to, int first) const {
    return goes(from, to) && carries(from, to, problem_.bytes_into(first)) && problem_.may_leave(from, first);
  }
  [[nodiscard]] bool goes(int from, int to) const { return goes_[pair(from, to)]; }
  [[nodiscard]] bool allows_start(int to) const { return starts_[static_cast<std::size_t>(to)]; }
  [[nodiscard]] bool allows_end(int from) const { return ends_[static_cast<std::size_t>(from)]; }
  // The most that carries() lets through.
  [[nodiscard]] double most_bytes(int from, int to) const {
    return std::min(most_bytes_[pair(from, to)], std::nextafter(below_bytes_[pair(from, to)], 0));
  }
  // Whether the caps on transfers alone let so many bytes go onwards.
  [[nodiscard]] bool carries(int from, int to, Bytes bytes) const {
    return bytes.value() <= most_bytes_[pair(from, to)] && bytes.value() < below_bytes_[pair(from, to)];
  }

 private:
  [[nodiscard]] std::size_t index(int host, int block) const {
    return static_cast<std::size_t>(host) * static_cast<std::size_t>(problem_.blocks) +
           static_cast<std::size_t>(block);
  }
  [[nodiscard]] std::size_t pair(int from, int to) const {
    return static_cast<std::size_t>(from * hosts_ + to);
  }
  [[nodiscard]] bool has_path(int from, int to) const;
  [[nodiscard]] bool passes(const Stage& stage) const;
  [[nodiscard]] bool passes_by(int from, int to) const;
  [[nodiscard]] bool fits_memory(const Stage& stage) const;
  [[nodiscard]] std::vector<bool> forbidden_blocks(int host) const;
  [[nodiscard]] bool may_be_used(int host) const;
  void find_caps(int host);
  void find_window(int host);
  void find_moves();

  const Problem& problem_;
  int hosts_;
  std::optional<LoadLimits> limits_;
  std::vector<int> least_first_;      // [host * blocks + last]
  std::vector<bool> is_window_;       // [host]
  std::vector<double> most_seconds_;  // [host], of a slice
  std::vector<bool> goes_, starts_, ends_;
  std::vector<double> most_bytes_, below_bytes_;  // [from * hosts + to]
};

// What may be counted step by step: a host runs one slice at most, a tier uses one host at most, and what the
// source sends onwards, it sends at once.
[[nodiscard]] bool one_slice_a_host(const Problem& problem);
[[nodiscard]] bool one_host_a_tier(const Problem& problem);
[[nodiscard]] bool source_sends_once(const Problem& problem);

}  // namespace kerf
