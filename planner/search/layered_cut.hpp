#pragma once
// The best way to give the operators of a graph to an ordered row of tiers, as a minimum cut.
//
// Every operator gets a tier, none an earlier one than an operator whose tensor it uses. Tier i takes
// seconds[i][v] for operator v; a tensor pays seconds_per_byte[k] x bytes once for every boundary k (between
// tiers k and k + 1) that it crosses, however many consumers wait beyond. Inputs are at the first tier, and
// outputs are brought to the last.
//
// Ishikawa, "Exact optimization for Markov random fields with convex priors" (2003), with the directed and
// shared edges that tensors need: vertex (v, k) lies on the source's side when v's tier is beyond boundary k.
//
//   s -> (v,0) -> (v,1) -> ... -> t    the edge that is cut says the tier and has its time; back edges of
//                                      infinite capacity let exactly one be cut
//   (p,k) -> (c,k)   infinite          a consumer is never before its producer
//   (c,k) -> (t,k) -> (p,k)            infinite, then bytes: any consumer beyond k and the producer not yet
//
// Capacities are whole multiples of a quantum, a power of two, so that the cut is a minimum of those exactly:
// as fine as 64 bits leave room for, below 2^-40 of the sum of all times on graphs of up to half a million
// vertices. A partition is off by at most half a quantum for each of its terms.

#include <optional>
#include <vector>

#include "planner/search/operator_graph.hpp"

namespace kerf {

// Both find the same partition; which is faster is in docs/performance.md.
enum class MaxFlow { kBoykovKolmogorov, kPushRelabel };

struct TierRow {
  std::vector<std::vector<double>> seconds;  // [tier][operator]; >= 0, infinite: may not run there
  std::vector<double> seconds_per_byte;      // [boundary], tiers - 1 of them; >= 0
};

struct Partition {
  std::vector<int> tier;  // of each operator
  double seconds = 0;     // partition_seconds() of it
};

// Of equally good partitions the one that keeps every operator at the earliest tier. Nothing where no
// partition keeps to the infinite times.
[[nodiscard]] std::optional<Partition> layered_cut(const OperatorGraph& graph, const TierRow& row,
                                                   MaxFlow algorithm = MaxFlow::kBoykovKolmogorov);

// What a partition costs: operators' times, then what every tensor pays, in order.
[[nodiscard]] double partition_seconds(const OperatorGraph& graph, const TierRow& row,
                                       const std::vector<int>& tier);

}  // namespace kerf
