#pragma once
// A problem as the search sees it: the time of every slice, move, start and finish that the constraints
// allow, infinite for the others. Constraints are local to a slice or a move, which is what makes the search
// over them exact:
//
//   must_run / must_not_run   a slice on another host (on this host) holds no such block
//   used = false              no slice here
//   used = true               ranks rise, so no start, move or finish may pass this host's rank by
//   memory, load              of a slice
//   upload                    of a move, or of the start where the source sends the input
//
// One case is not local: the source may be reached after hosts of lower rank, and then has sent the input as
// well as what it sends next. Where an upload cap makes that matter, the source gets a second node for its
// later slices.

#include <optional>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf {

struct Lattice {
  int blocks = 0;
  int nodes = 0;
  std::vector<int> host;       // of each node
  std::vector<double> slice;   // [node][last][first], seconds
  std::vector<double> move;    // [first][from][to], seconds; first: the block that the receiver starts with
  std::vector<double> start;   // [node]: bringing the input there
  std::vector<double> finish;  // [node]: bringing the result back from there

  [[nodiscard]] std::size_t slice_index(int node, int last, int first) const {
    return (static_cast<std::size_t>(node) * static_cast<std::size_t>(blocks) +
            static_cast<std::size_t>(last)) *
               static_cast<std::size_t>(blocks) +
           static_cast<std::size_t>(first);
  }
  [[nodiscard]] std::size_t move_index(int first, int from, int to) const {
    return (static_cast<std::size_t>(first) * static_cast<std::size_t>(nodes) +
            static_cast<std::size_t>(from)) *
               static_cast<std::size_t>(nodes) +
           static_cast<std::size_t>(to);
  }
};

// fill: where given, slices and transfers must keep within load_limits(problem, fill).
[[nodiscard]] Lattice make_lattice(const Problem& problem, std::optional<double> fill);

}  // namespace kerf
