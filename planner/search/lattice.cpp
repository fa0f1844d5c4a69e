#include "planner/search/lattice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/search/constraints.hpp"
#include "planner/search/cost.hpp"
#include "planner/search/load.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double finite_or_never(Seconds time) {
  return std::isfinite(time.value()) ? time.value() : kNever;
}

class Builder {
 public:
  Builder(const Problem& problem, std::optional<double> fill)
      : problem_(problem), hosts_(static_cast<int>(problem.hosts.size())) {
    if (fill) limits_ = load_limits(problem, *fill);
    lattice_.blocks = problem.blocks;
    for (int host = 0; host < hosts_; ++host) lattice_.host.push_back(host);
    if (source_needs_two_nodes()) {
      later_source_ = hosts_;
      lattice_.host.push_back(problem.source);
    }
    lattice_.nodes = static_cast<int>(lattice_.host.size());
  }

  Lattice build() {
    const auto blocks = static_cast<std::size_t>(problem_.blocks);
    const auto nodes = static_cast<std::size_t>(lattice_.nodes);
    lattice_.slice.assign(nodes * blocks * blocks, kNever);
    lattice_.move.assign(blocks * nodes * nodes, kNever);
    for (int node = 0; node < lattice_.nodes; ++node) {
      lattice_.start.push_back(start(lattice_.host[static_cast<std::size_t>(node)]));
      lattice_.finish.push_back(finish(lattice_.host[static_cast<std::size_t>(node)]));
      fill_slices(node);
      for (int to = 0; to < lattice_.nodes; ++to) fill_moves(node, to);
    }
    return std::move(lattice_);
  }

 private:
  [[nodiscard]] const ProblemHost& host(int index) const {
    return problem_.hosts[static_cast<std::size_t>(index)];
  }

  [[nodiscard]] bool source_needs_two_nodes() const {
    return host(problem_.source).upload &&
           std::any_of(problem_.hosts.begin(), problem_.hosts.end(),
                       [&](const ProblemHost& other) { return other.rank < host(problem_.source).rank; });
  }

  // Whether going from one host straight to another leaves out a host that must be used; -1 stands for the
  // plan's ends.
  [[nodiscard]] bool passes_by(int from, int to) const {
    for (int other = 0; other < hosts_; ++other) {
      if (host(other).used != true || other == from || other == to) continue;
      const bool after_from = from < 0 || host(other).rank >= host(from).rank;
      const bool before_to = to < 0 || host(other).rank <= host(to).rank;
      if (after_from && before_to) return true;
    }
    return false;
  }

  [[nodiscard]] double transfer(int from, int to, Bytes bytes) const {
    const auto& path = problem_.path(from, to);
    if (!path) return kNever;
    if (limits_ && !(bytes < limits_->transfer[static_cast<std::size_t>(from * hosts_ + to)])) return kNever;
    return finite_or_never(path->transfer(bytes));
  }

  [[nodiscard]] double start(int to) const {
    if (passes_by(-1, to)) return kNever;
    if (to == problem_.source) return 0;
    const auto& cap = host(problem_.source).upload;
    if (cap && !(problem_.wire_bytes <= *cap)) return kNever;
    return transfer(problem_.source, to, problem_.wire_bytes);
  }

  [[nodiscard]] double finish(int from) const {
    if (passes_by(from, -1)) return kNever;
    if (from == problem_.source || !problem_.workload.return_result) return 0;
    return transfer(from, problem_.source, result_bytes(problem_));
  }

  void fill_moves(int from_node, int to_node) {
    const int from = lattice_.host[static_cast<std::size_t>(from_node)];
    const int to = lattice_.host[static_cast<std::size_t>(to_node)];
    if (host(to).rank <= host(from).rank || passes_by(from, to) || !problem_.path(from, to)) return;
    const auto& cap = host(from).upload;
    const Bytes sent_before = from_node == later_source_ ? problem_.wire_bytes : Bytes{};
    for (int first = 1; first < problem_.blocks; ++first) {
      const Bytes bytes = problem_.bytes_into(first);
      if (cap && !(sent_before + bytes <= *cap)) continue;
      lattice_.move[lattice_.move_index(first, from_node, to_node)] = transfer(from, to, bytes);
    }
  }

  [[nodiscard]] bool may_run(int index, int block) const {
    if (marks(host(index).must_not_run, block)) return false;
    for (int other = 0; other < hosts_; ++other) {
      if (other != index && marks(host(other).must_run, block)) return false;
    }
    return true;
  }

  void fill_slices(int node) {
    const int index = lattice_.host[static_cast<std::size_t>(node)];
    const ProblemHost& here = host(index);
    if (here.used == false) return;
    const int least_first = node == later_source_ ? 1 : 0;
    const bool only_heads = later_source_ >= 0 && node == problem_.source;
    int first_allowed = least_first;  // no slice that ends at `last` may start before it
    for (int last = 0; last < problem_.blocks; ++last) {
      if (!may_run(index, last)) first_allowed = last + 1;
      const int end = only_heads ? 1 : last + 1;
      double* row = &lattice_.slice[lattice_.slice_index(node, last, 0)];
      for (int first = first_allowed; first < end; ++first) row[first] = slice(here, {index, first, last});
    }
  }

  [[nodiscard]] double slice(const ProblemHost& here, const Stage& stage) const {
    if (here.memory && !(here.costs->memory(stage.first_block, stage.last_block) <= *here.memory))
      return kNever;
    const Seconds time = stage_time(problem_, stage);
    if (limits_) {
      // Workers that slow each other down get less done.
      const double contention = here.contention(stage.first_block, stage.last_block, here.workers);
      if (!(time * contention < limits_->slice[static_cast<std::size_t>(stage.host)])) return kNever;
    }
    return finite_or_never(time);
  }

  const Problem& problem_;
  int hosts_;
  int later_source_ = -1;  // the source's second node
  std::optional<LoadLimits> limits_;
  Lattice lattice_;
};

}  // namespace

Lattice make_lattice(const Problem& problem, std::optional<double> fill) {
  return Builder(problem, fill).build();
}

}  // namespace kerf
