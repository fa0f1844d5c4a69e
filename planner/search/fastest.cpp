#include "planner/search/fastest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

bool Fastest::applies(const Lattice& lattice) {
  for (int host = 0; host < lattice.hosts(); ++host) {
    const ProblemHost& here = lattice.problem().hosts[static_cast<std::size_t>(host)];
    if (!here.costs->adds_up() || !lattice.is_window(host)) return false;
  }
  return true;
}

Fastest::Fastest(const Lattice& lattice, const Measure& measure)
    : lattice_(lattice),
      hosts_(static_cast<std::size_t>(lattice.hosts())),
      blocks_(lattice.blocks()),
      arrived_(hosts_),
      done_(hosts_),
      queue_(hosts_, std::vector<Candidate>(static_cast<std::size_t>(blocks_))),
      head_(hosts_),
      sender_(hosts_ * static_cast<std::size_t>(blocks_)),
      first_(hosts_ * static_cast<std::size_t>(blocks_)) {
  const Problem& problem = lattice.problem();
  sums_.resize(hosts_ * static_cast<std::size_t>(blocks_ + 1));
  for (int host = 0; host < lattice.hosts(); ++host) {
    const ProblemHost& here = problem.hosts[static_cast<std::size_t>(host)];
    const double scale =
        here.costs->mean_ratio() * here.slowdown * measure.per_second[static_cast<std::size_t>(host)];
    for (int block = 0; block <= blocks_; ++block) {
      sums_[at(block, host)] = here.costs->before()[static_cast<std::size_t>(block)] * scale;
    }
    const double decode = host == problem.source ? 0 : problem.decode.value();
    decode_.push_back(decode * measure.per_second[static_cast<std::size_t>(host)]);
    // A plan costs no more than all on one host and what is sent; ties are judged against its size.
    slack_ = std::max(slack_, 1e-12 * sums_[at(blocks_, host)]);
  }
  for (int cut = 0; cut <= blocks_; ++cut) {
    bytes_.push_back(problem.bytes_into(cut).value());
    may_leave_.push_back(problem.may_leave(problem.source, cut));
  }
  set_links(measure);
}

void Fastest::set_links(const Measure& measure) {
  const Problem& problem = lattice_.problem();
  moves_.clear();
  starts_.clear();
  for (int from = 0; from < lattice_.hosts(); ++from) {
    for (int to = 0; to < lattice_.hosts(); ++to) {
      const Measure::Link& link = measure.onwards[static_cast<std::size_t>(from * lattice_.hosts() + to)];
      if (from == problem.source) starts_.push_back(link);
      if (!lattice_.goes(from, to)) continue;
      moves_.push_back({from, to, link.per_message, 1 / link.rate, lattice_.most_bytes(from, to)});
    }
  }
  returns_ = measure.returns;
}

// The cheaper of two choices, and whether they are as good as equal.
void Fastest::take(double& best, int& chosen, double cost, int choice) {
  if (std::abs(cost - best) <= slack_) tied_ = true;
  if (!(cost < best)) return;
  best = cost;
  chosen = choice;
}

void Fastest::begin() {
  const Problem& problem = lattice_.problem();
  tied_ = false;
  for (std::size_t host = 0; host < hosts_; ++host) {
    const bool here = static_cast<int>(host) == problem.source;
    arrived_[host] = !lattice_.allows_start(static_cast<int>(host)) ? kNever
                     : here                                         ? 0
                            : starts_[host].of(problem.wire_bytes) + decode_[host];
    sender_[host] = -1;
    head_[host] = 0;
    queue_[host].clear();
  }
}

// Slices that end with `block`.
void Fastest::compute(int block) {
  for (std::size_t host = 0; host < hosts_; ++host) {
    std::vector<Candidate>& queue = queue_[host];
    std::size_t& head = head_[host];
    if (arrived_[host] < kNever) {
      const double key = arrived_[host] - sums_[at(block, static_cast<int>(host))];
      // What costs no less and leaves the window sooner is never chosen again.
      while (queue.size() > head && queue.back().key >= key) {
        if (queue.back().key <= key + slack_) tied_ = true;
        queue.pop_back();
      }
      if (queue.size() > head && queue.back().key >= key - slack_) tied_ = true;
      queue.push_back({key, block});
    }
    const int least = lattice_.least_first(static_cast<int>(host), block);
    while (head < queue.size() && queue[head].first < least) ++head;
    if (head == queue.size()) {
      done_[host] = kNever;
      continue;
    }
    done_[host] = queue[head].key + sums_[at(block + 1, static_cast<int>(host))];
    first_[at(block, static_cast<int>(host))] = queue[head].first;
  }
}

void Fastest::arrive(int first) {
  std::fill(arrived_.begin(), arrived_.end(), kNever);
  const double bytes = bytes_[static_cast<std::size_t>(first)];
  const int source = lattice_.problem().source;
  for (const Move& move : moves_) {
    if (!(bytes <= move.most_bytes) || (move.from == source && !may_leave_[static_cast<std::size_t>(first)]))
      continue;
    const double cost = done_[static_cast<std::size_t>(move.from)] + move.per_message + bytes * move.per_byte;
    if (!(cost < kNever)) continue;
    take(arrived_[static_cast<std::size_t>(move.to)], sender_[at(first, move.to)], cost, move.from);
  }
}

const Plan* Fastest::finish() {
  const Problem& problem = lattice_.problem();
  int host = -1;
  cost_ = kNever;
  for (int last = 0; last < lattice_.hosts(); ++last) {
    const auto index = static_cast<std::size_t>(last);
    if (!lattice_.allows_end(last) || !(done_[index] < kNever)) continue;
    const bool returns = last != problem.source && problem.workload.return_result;
    take(cost_, host, done_[index] + (returns ? returns_[index].of(result_bytes(problem)) : 0), last);
  }
  plan_.stages.clear();
  if (host < 0) return nullptr;
  for (int last = blocks_ - 1; last >= 0;) {
    const int first = first_[at(last, host)];
    plan_.stages.push_back({host, first, last});
    host = sender_[at(first, host)];
    last = first - 1;
  }
  std::reverse(plan_.stages.begin(), plan_.stages.end());
  return &plan_;
}

const Plan* Fastest::run() {
  begin();
  for (int block = 0; block < blocks_; ++block) {
    if (block > 0) arrive(block);
    compute(block);
  }
  return finish();
}

}  // namespace kerf
