#include "planner/search/graph_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"
#include "planner/search/layered_cut.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostRows = 4096;
constexpr double kRounding = 1e-12;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

const ProblemHost& host_of(const Problem& problem, int host) {
  return problem.hosts[at(host)];
}

bool may_run(const Problem& problem, int host, int block) {
  if (marks(host_of(problem, host).must_not_run, block)) return false;
  for (int other = 0; other < static_cast<int>(problem.hosts.size()); ++other) {
    if (other != host && marks(host_of(problem, other).must_run, block)) return false;
  }
  return true;
}

// What each operator takes on one host; infinite where it may not run.
std::vector<double> operator_seconds(const Problem& problem, const OperatorGraph& graph, int host) {
  const ProblemHost& here = host_of(problem, host);
  double blocks = 0;
  for (int block = 0; block < problem.blocks; ++block) blocks += here.compute(block, block).value();
  const double scale = blocks > 0 ? here.compute(0, problem.blocks - 1).value() / blocks : 1;
  std::vector<double> seconds;
  seconds.reserve(graph.operators.size());
  for (const Operator& one : graph.operators) {
    const double time = here.compute(one.block, one.block).value() * scale * one.share;
    seconds.push_back(may_run(problem, host, one.block) && std::isfinite(time) ? time : kNever);
  }
  return seconds;
}

// Hosts of rising rank, and what a hop between neighbours costs.
struct Row {
  std::vector<int> hosts;
  double ends = 0;                       // bringing the input to the first and the result from the last
  double fixed = 0;                      // delays and overheads of all hops
  std::vector<double> seconds_per_byte;  // [hop]
  // The same, so cheap that no direct path is cheaper than the hops that it replaces.
  double direct_fixed = 0;
  std::vector<double> direct_per_byte;
  double least = 0;  // no partition on this row, by whatever paths, takes less
};

double fixed_of(const Path& path) {
  return (path.delay + path.overhead).value();
}

double per_byte_of(const Path& path) {
  return Bytes(1) / path.bandwidth / Seconds(1);
}

// By how much hop k must get cheaper so that no direct path over it is cheaper than its hops together.
template <class Cost>
double share_of_hop(const Problem& problem, const std::vector<int>& hosts, std::size_t hop, Cost cost) {
  double share = 1;
  for (std::size_t from = 0; from <= hop; ++from) {
    double hops = 0;
    for (std::size_t to = from + 1; to < hosts.size(); ++to) {
      hops += cost(*problem.path(hosts[to - 1], hosts[to]));
      const auto& direct = problem.path(hosts[from], hosts[to]);
      if (to > hop && direct && hops > 0) share = std::min(share, cost(*direct) / hops);
    }
  }
  return share;
}

// Every row of hosts that a plan may use.
class Rows {
 public:
  explicit Rows(const Problem& problem) : problem_(problem) {
    for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
      if (host_of(problem, host).used != false) order_.push_back(host);
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return host_of(problem, a).rank < host_of(problem, b).rank; });
    extend(0);
  }
  [[nodiscard]] std::vector<Row> all() && { return std::move(rows_); }

 private:
  void extend(std::size_t next) {
    if (!hosts_.empty()) add();
    for (; next < order_.size(); ++next) {
      const int host = order_[next];
      if (!hosts_.empty()) {
        if (host_of(problem_, host).rank <= host_of(problem_, hosts_.back()).rank) continue;
        if (!problem_.path(hosts_.back(), host)) continue;
      }
      hosts_.push_back(host);
      extend(next + 1);
      hosts_.pop_back();
    }
  }

  void add() {
    for (int host = 0; host < static_cast<int>(problem_.hosts.size()); ++host) {
      const bool in_row = std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end();
      if (host_of(problem_, host).used == true && !in_row) return;
    }
    Row row;
    row.hosts = hosts_;
    row.ends = start(hosts_.front()) + finish(hosts_.back());
    if (!std::isfinite(row.ends)) return;
    for (std::size_t hop = 0; hop + 1 < hosts_.size(); ++hop) {
      const Path& path = *problem_.path(hosts_[hop], hosts_[hop + 1]);
      row.fixed += fixed_of(path);
      row.direct_fixed += fixed_of(path) * share_of_hop(problem_, hosts_, hop, fixed_of);
      row.seconds_per_byte.push_back(per_byte_of(path));
      row.direct_per_byte.push_back(per_byte_of(path) * share_of_hop(problem_, hosts_, hop, per_byte_of));
    }
    if (rows_.size() == kMostRows) {
      throw Error(ErrorCode::kLimit, "operator graph",
                  fmt::format("more than {} ways to choose hosts for its parts", kMostRows), "fewer",
                  "leave host classes out with used = false");
    }
    rows_.push_back(std::move(row));
  }

  [[nodiscard]] double start(int to) const {
    if (to == problem_.source) return 0;
    const auto& path = problem_.path(problem_.source, to);
    return path ? (path->transfer(problem_.wire_bytes) + problem_.decode).value() : kNever;
  }

  [[nodiscard]] double finish(int from) const {
    if (from == problem_.source || !problem_.workload.return_result) return 0;
    const auto& path = problem_.path(from, problem_.source);
    return path ? path->transfer(result_bytes(problem_)).value() : kNever;
  }

  const Problem& problem_;
  std::vector<int> order_;  // by rank
  std::vector<int> hosts_;  // of the row in hand
  std::vector<Row> rows_;
};

// Bytes that are handed on where blocks 0..k-1 run before a boundary and the others beyond: [k].
std::vector<double> crossing_bytes(const OperatorGraph& graph, int blocks) {
  std::vector<double> change(at(blocks) + 1, 0);
  for (const OperatorTensor& tensor : graph.tensors) {
    const int made = tensor.producer < 0 ? 0 : graph.operators[at(tensor.producer)].block + 1;
    int wanted = tensor.is_output ? blocks : -1;
    for (const int consumer : tensor.consumers)
      wanted = std::max(wanted, graph.operators[at(consumer)].block);
    if (wanted < made) continue;
    change[at(made)] += tensor.bytes.value();
    if (wanted < blocks) change[at(wanted) + 1] -= tensor.bytes.value();
  }
  std::partial_sum(change.begin(), change.end(), change.begin());
  return change;
}

// Operators that use no other's tensors.
std::vector<int> entries_of(const OperatorGraph& graph) {
  std::vector<bool> waits(graph.operators.size());
  for (const OperatorTensor& tensor : graph.tensors) {
    if (tensor.producer < 0) continue;
    for (const int consumer : tensor.consumers) waits[at(consumer)] = true;
  }
  std::vector<int> entries;
  for (int v = 0; v < static_cast<int>(waits.size()); ++v) {
    if (!waits[at(v)]) entries.push_back(v);
  }
  return entries;
}

class Best {
 public:
  Best(const Problem& problem, const OperatorGraph& graph)
      : problem_(problem),
        graph_(graph),
        crossing_(crossing_bytes(graph, problem.blocks)),
        entries_(entries_of(graph)) {
    best_.latency = Seconds(kNever);
    for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host)
      seconds_.push_back(operator_seconds(problem, graph, host));
  }

  std::optional<GraphPlan> run() {
    std::vector<Row> rows = Rows(problem_).all();
    for (Row& row : rows) row.least = least(row);
    // Rows that promise most first: most of the others need no cut then.
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.least < b.least; });
    for (const Row& row : rows) try_chain(row);
    for (const Row& row : rows) {
      if (row.hosts.size() > 1 && row.least < best_.latency.value()) try_partitions(row);
    }
    if (best_.hosts.empty()) return std::nullopt;
    best_.lower_bound = Seconds(std::min(lower_bound_, best_.latency.value()));
    best_.exact = best_.lower_bound >= best_.latency * (1 - kRounding);
    return best_;
  }

 private:
  [[nodiscard]] double least(const Row& row) const {
    double sum = row.ends + row.direct_fixed;
    for (std::size_t v = 0; v < graph_.operators.size(); ++v) {
      double fastest = kNever;
      for (const int host : row.hosts) fastest = std::min(fastest, seconds_[at(host)][v]);
      sum += fastest;
    }
    return sum;
  }

  [[nodiscard]] TierRow tiers(const Row& row, const std::vector<double>& per_byte) const {
    TierRow made{{}, per_byte};
    for (const int host : row.hosts) made.seconds.push_back(seconds_[at(host)]);
    return made;
  }

  void offer(const Row& row, const Partition& partition) {
    const Seconds latency(row.ends + row.fixed + partition.seconds);
    if (!(latency < best_.latency)) return;
    best_.latency = latency;
    best_.hosts = row.hosts;
    best_.place = partition.tier;
  }

  // With an operator on the first host at least: else the input would leave as raw tensors from a host that
  // has no part in the plan, and a plan that starts at the next host is another row. If the cut leaves it
  // empty, one of the operators that need nothing but inputs is there: each is tried.
  [[nodiscard]] std::optional<Partition> best_partition(const Row& row, const std::vector<double>& per_byte) {
    TierRow made = tiers(row, per_byte);
    std::optional<Partition> best = layered_cut(graph_, made);
    if (!best || std::find(best->tier.begin(), best->tier.end(), 0) != best->tier.end()) return best;
    best.reset();
    for (const int entry : entries_) {
      for (std::size_t tier = 1; tier < made.seconds.size(); ++tier) made.seconds[tier][at(entry)] = kNever;
      const auto found = layered_cut(graph_, made);
      if (found && (!best || found->seconds < best->seconds)) best = found;
      for (std::size_t tier = 1; tier < made.seconds.size(); ++tier)
        made.seconds[tier][at(entry)] = seconds_[at(row.hosts[tier])][at(entry)];
    }
    return best;
  }

  void try_partitions(const Row& row) {
    const auto partition = best_partition(row, row.seconds_per_byte);
    if (!partition) return;
    offer(row, *partition);
    double bound = row.ends + row.fixed + partition->seconds;
    if (row.direct_fixed < row.fixed || row.direct_per_byte != row.seconds_per_byte) {
      const auto direct = best_partition(row, row.direct_per_byte);
      bound = row.ends + row.direct_fixed + direct->seconds;
    }
    lower_bound_ = std::min(lower_bound_, bound);
  }

  // The best chain on this row, every host with a block at least: dynamic programming over where each host
  // begins.
  void try_chain(const Row& row) {
    const int blocks = problem_.blocks;
    const int hosts = static_cast<int>(row.hosts.size());
    if (hosts > blocks) return;
    // reach[b]: the least time of blocks 0..b-1 on the hosts so far; begin: where the last of them begins.
    std::vector<double> reach(at(blocks) + 1, kNever);
    std::vector<std::vector<int>> begin(row.hosts.size(), std::vector<int>(at(blocks) + 1, 0));
    for (int i = 0; i < hosts; ++i) {
      const std::vector<double> block = block_seconds(row.hosts[at(i)]);
      std::vector<double> next(at(blocks) + 1, kNever);
      int from = 0;
      double best = i == 0 ? 0 : kNever;  // of the slices of this host that go on
      for (int b = 1; b <= blocks; ++b) {
        if (i > 0 && b > 1) {
          const double arrived = reach[at(b) - 1] + row.seconds_per_byte[at(i) - 1] * crossing_[at(b) - 1];
          if (arrived < best) {
            best = arrived;
            from = b - 1;
          }
        }
        best += block[at(b) - 1];
        next[at(b)] = best;
        begin[at(i)][at(b)] = from;
      }
      reach = next;
    }
    if (!std::isfinite(reach.back())) return;
    std::vector<Stage> stages(row.hosts.size());
    for (int i = hosts - 1, end = blocks; i >= 0; end = stages[at(i)].first_block, --i)
      stages[at(i)] = {row.hosts[at(i)], begin[at(i)][at(end)], end - 1};
    offer_chain(row, Plan{std::move(stages)});
  }

  void offer_chain(const Row& row, Plan plan) {
    Partition partition;
    for (const Operator& one : graph_.operators) {
      int stage = 0;
      while (plan.stages[at(stage)].last_block < one.block) ++stage;
      partition.tier.push_back(stage);
    }
    partition.seconds = partition_seconds(graph_, tiers(row, row.seconds_per_byte), partition.tier);
    const Seconds latency(row.ends + row.fixed + partition.seconds);
    if (!best_.chain || latency < best_.chain_latency) {
      best_.chain = std::move(plan);
      best_.chain_latency = latency;
    }
    offer(row, partition);
  }

  [[nodiscard]] std::vector<double> block_seconds(int host) const {
    std::vector<double> seconds(at(problem_.blocks), 0);
    for (std::size_t v = 0; v < graph_.operators.size(); ++v)
      seconds[at(graph_.operators[v].block)] += seconds_[at(host)][v];
    return seconds;
  }

  const Problem& problem_;
  const OperatorGraph& graph_;
  std::vector<double> crossing_;
  std::vector<int> entries_;
  std::vector<std::vector<double>> seconds_;  // [host][operator]
  GraphPlan best_;
  double lower_bound_ = kNever;
};

}  // namespace

std::optional<GraphPlan> best_graph_plan(const Problem& problem, const OperatorGraph& graph) {
  assert(!graph.operators.empty() && graph.operators.back().block + 1 == problem.blocks);
  return Best(problem, graph).run();
}

}  // namespace kerf
