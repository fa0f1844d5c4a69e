#pragma once
// Small random problems: whole numbers half the time, which give ties and exact sums, fractions otherwise.

#include <random>

#include "scenarios/problem.hpp"

namespace kerf::testing {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  // Whole numbers give many ties and exact sums, fractions none.
  double number(bool whole, int most) {
    return whole ? 1 + below(most) : most * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }

 private:
  std::mt19937_64 engine_;
};

struct Shape {
  int most_blocks, most_hosts, ranks;
  bool constrained;
};

// With `constrained`: masks, used, upload and memory of hosts.
[[nodiscard]] Problem random_problem(Dice& dice, const Shape& shape);

// Times and bytes of a few tenths, which add up to the same sums in many ways, but for rounding.
[[nodiscard]] Problem decimal_problem(Dice& dice, int most_blocks, int most_hosts);

// Random instances, workers and a random net of shared and unshared links that routes cross at random.
void put_under_load(Dice& dice, Problem& problem);

// Powers and prices, so that energy and price mean something.
void put_prices(Dice& dice, Problem& problem);

// Any number of constraints of every kind together: shares and caps of computing, tiers, energy, price,
// deadline, bytes over links, what is private, the number of slices.
void constrain_everything(Dice& dice, Problem& problem);

// Hosts in any order, visited once or more often.
void allow_any_order(Dice& dice, Problem& problem);

// One criterion, a weighted sum of some, or some one after the other.
void choose_objective(Dice& dice, Problem& problem);

}  // namespace kerf::testing
