#pragma once
// A quantity that adds up along a plan: latency, energy, price, the bytes over a link, the time that one host
// computes. Of a slice it is so much per second of computing, of a transfer so much per message plus the
// bytes over a rate. Objectives, budgets and the load of a host or a link are all measures, so that one
// search treats them alike.
//
//   Measure latency = latency_of(problem);
//   double seconds = latency.slice(problem, stage) + latency.move(0, 1, bytes) + latency.back(1, result);

#include <limits>
#include <vector>

#include "planner/search/cost.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct Measure {
  struct Link {
    double per_message = 0;
    double rate = std::numeric_limits<double>::infinity();  // bytes that make one unit
    [[nodiscard]] double of(Bytes bytes) const { return per_message + bytes.value() / rate; }
  };

  int hosts = 0;
  std::vector<double> per_second;  // [host]
  std::vector<Link> onwards;       // [from * hosts + to]: the input and what goes to later slices
  std::vector<Link> returns;       // [from]: the way back to the source
  bool contended = false;          // per second of a run among as many as the host has workers
  // An amount of each block, whatever its time, or empty. [host * (blocks + 1) + block]: the sum over the
  // blocks before that one.
  std::vector<double> blocks_before;
  int memory_of = -1;  // a host whose slices' memory adds up, or -1

  explicit Measure(const Problem& problem);

  [[nodiscard]] double slice(const Problem& problem, const Stage& stage) const;
  // The same where the slice's seconds (stage_time) are at hand.
  [[nodiscard]] double slice(const Problem& problem, const Stage& stage, double seconds) const {
    const double amount = per_second[static_cast<std::size_t>(stage.host)] * seconds;
    return is_of_time_and_bytes() ? amount : slice_beyond_time(problem, stage, amount);
  }
  [[nodiscard]] double move(int from, int to, Bytes bytes) const {
    return onwards[static_cast<std::size_t>(from * hosts + to)].of(bytes);
  }
  [[nodiscard]] double back(int from, Bytes bytes) const {
    return returns[static_cast<std::size_t>(from)].of(bytes);
  }
  [[nodiscard]] double of(const Problem& problem, const Plan& plan) const;

  // Nothing but seconds of computing, messages and bytes counts.
  [[nodiscard]] bool is_of_time_and_bytes() const {
    return !contended && blocks_before.empty() && memory_of < 0;
  }

  // Adds weight times another measure of seconds, messages and bytes.
  void add(const Measure& other, double weight);
  // Every transfer from -> to, the way back included.
  void set_link(const Problem& problem, int from, int to, const Link& link);

 private:
  // `amount`: of its seconds alone.
  [[nodiscard]] double slice_beyond_time(const Problem& problem, const Stage& stage, double amount) const;
};

[[nodiscard]] Measure latency_of(const Problem& problem);
[[nodiscard]] Measure energy_of(const Problem& problem);
[[nodiscard]] Measure price_of(const Problem& problem);
// Of an additive criterion: not the period.
[[nodiscard]] Measure measure_of(const Problem& problem, Criterion criterion);

}  // namespace kerf
