#include "planner/search/lattice.hpp"

#include <algorithm>
#include <cmath>

#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

}  // namespace

bool one_slice_a_host(const Problem& problem) {
  return !(problem.rules.any_order && problem.rules.revisit);
}

bool one_host_a_tier(const Problem& problem) {
  return !problem.rules.any_order || problem.rules.one_per_tier;
}

bool source_sends_once(const Problem& problem) {
  const int rank = problem.hosts[static_cast<std::size_t>(problem.source)].rank;
  return !problem.rules.any_order &&
         std::none_of(problem.hosts.begin(), problem.hosts.end(),
                      [rank](const ProblemHost& other) { return other.rank < rank; });
}

Lattice::Lattice(const Problem& problem, std::optional<double> fill)
    : problem_(problem), hosts_(static_cast<int>(problem.hosts.size())) {
  const std::size_t count = problem.hosts.size();
  if (fill) limits_ = load_limits(problem, *fill);
  least_first_.resize(count * static_cast<std::size_t>(problem.blocks));
  is_window_.assign(count, true);
  most_seconds_.assign(count, kUnlimited);
  most_bytes_.assign(count * count, kUnlimited);
  below_bytes_.assign(count * count, kUnlimited);
  for (int host = 0; host < hosts_; ++host) {
    find_caps(host);
    find_window(host);
  }
  find_moves();
}

void Lattice::slices_ending(int host, int last, std::span<double> seconds) const {
  const ProblemHost& here = problem_.hosts[static_cast<std::size_t>(host)];
  const int least = least_first(host, last);
  std::fill(seconds.begin(), seconds.begin() + std::min(least, last + 1), kUnlimited);
  here.costs->mean_ending(last, least, here.slowdown, seconds);
  if (least == 0 && host != problem_.source) seconds[0] += problem_.decode.value();
  for (int first = least; first <= last; ++first) {
    double& time = seconds[static_cast<std::size_t>(first)];
    if (!(time < kUnlimited) || (!is_window(host) && !passes({host, first, last}))) time = kUnlimited;
  }
}

bool Lattice::may_be_used(int host) const {
  const ProblemHost& here = problem_.hosts[static_cast<std::size_t>(host)];
  if (here.used == false || here.instances.empty()) return false;
  return std::none_of(problem_.tiers.begin(), problem_.tiers.end(),
                      [&](const ProblemTier& tier) { return tier.rank == here.rank && tier.used == false; });
}

std::vector<bool> Lattice::forbidden_blocks(int host) const {
  const int rank = problem_.hosts[static_cast<std::size_t>(host)].rank;
  std::vector<bool> forbidden(static_cast<std::size_t>(problem_.blocks));
  const auto forbid = [&](const std::vector<bool>& mask) {
    for (std::size_t block = 0; block < mask.size(); ++block) {
      if (mask[block]) forbidden[block] = true;
    }
  };
  for (int other = 0; other < hosts_; ++other) {
    const ProblemHost& place = problem_.hosts[static_cast<std::size_t>(other)];
    forbid(other == host ? place.must_not_run : place.must_run);
  }
  for (const ProblemTier& tier : problem_.tiers)
    forbid(tier.rank == rank ? tier.must_not_run : tier.must_run);
  return forbidden;
}

// Caps on the one slice of a host, and on what it sends onwards.
void Lattice::find_caps(int host) {
  if (!one_slice_a_host(problem_)) return;
  const ProblemHost& here = problem_.hosts[static_cast<std::size_t>(host)];
  const bool sends_once = source_sends_once(problem_);
  const auto cap = [&](const PlaceRules& rules, bool upload_is_local) {
    if (rules.compute_cap.seconds) {
      double& most = most_seconds_[static_cast<std::size_t>(host)];
      most = std::min(most, rules.compute_cap.seconds->value());
    }
    if (!rules.upload || !upload_is_local) return;
    const bool tier = &rules != &here;
    for (int to = 0; to < hosts_; ++to) {
      if (tier && problem_.hosts[static_cast<std::size_t>(to)].rank == here.rank) continue;
      double& most = most_bytes_[pair(host, to)];
      most = std::min(most, rules.upload->value());
    }
  };
  cap(here, host != problem_.source || sends_once);
  if (!one_host_a_tier(problem_)) return;
  const int source_rank = problem_.hosts[static_cast<std::size_t>(problem_.source)].rank;
  for (const ProblemTier& tier : problem_.tiers) {
    if (tier.rank == here.rank) cap(tier, tier.rank != source_rank || sends_once);
  }
}

bool Lattice::fits_memory(const Stage& stage) const {
  const ProblemHost& here = problem_.hosts[static_cast<std::size_t>(stage.host)];
  return !here.memory || here.costs->memory(stage.first_block, stage.last_block) <= *here.memory;
}

// What is not monotone where times do not add up.
bool Lattice::passes(const Stage& stage) const {
  const auto host = static_cast<std::size_t>(stage.host);
  const Seconds time = stage_time(problem_, stage);
  if (!within(time.value(), most_seconds_[host])) return false;
  if (!limits_) return true;
  // Workers that slow each other down get less done.
  const ProblemHost& here = problem_.hosts[host];
  return time * here.contention(stage.first_block, stage.last_block, here.workers) < limits_->slice[host];
}

void Lattice::find_window(int host) {
  const ProblemHost& here = problem_.hosts[static_cast<std::size_t>(host)];
  int* const least = least_first_.data() + index(host, 0);
  if (!may_be_used(host)) {
    for (int last = 0; last < problem_.blocks; ++last) least[last] = last + 1;
    return;
  }
  const bool times = limits_ || most_seconds_[static_cast<std::size_t>(host)] < kUnlimited;
  const bool monotone = here.costs->adds_up() && here.contended.empty();
  is_window_[static_cast<std::size_t>(host)] = !times || monotone;
  const bool slides = here.memory && one_slice_a_host(problem_);
  const std::vector<bool> forbidden = forbidden_blocks(host);
  const bool filtered = slides || (times && monotone);
  if (!filtered && std::find(forbidden.begin(), forbidden.end(), true) == forbidden.end()) return;
  int first = 0;
  for (int last = 0; last < problem_.blocks; ++last) {
    if (forbidden[static_cast<std::size_t>(last)]) first = last + 1;
    while (first <= last && ((slides && !fits_memory({host, first, last})) ||
                             (times && monotone && !passes({host, first, last})))) {
      ++first;
    }
    least[last] = first;
  }
}

bool Lattice::has_path(int from, int to) const {
  const auto& path = problem_.path(from, to);
  return path && path->bandwidth.value() > 0 && std::isfinite((path->delay + path->overhead).value());
}

// Where ranks rise: whether going from one host straight to another leaves out what must be used; -1 stands
// for the plan's ends.
bool Lattice::passes_by(int from, int to) const {
  if (problem_.rules.any_order) return false;
  const auto rank_of = [&](int host) { return problem_.hosts[static_cast<std::size_t>(host)].rank; };
  const auto lies_between = [&](int rank, bool at_ends) {
    const bool after = from < 0 || (at_ends ? rank >= rank_of(from) : rank > rank_of(from));
    const bool before = to < 0 || (at_ends ? rank <= rank_of(to) : rank < rank_of(to));
    return after && before;
  };
  for (int other = 0; other < hosts_; ++other) {
    if (other == from || other == to) continue;
    if (problem_.hosts[static_cast<std::size_t>(other)].used == true && lies_between(rank_of(other), true)) {
      return true;
    }
  }
  return std::any_of(problem_.tiers.begin(), problem_.tiers.end(), [&](const ProblemTier& tier) {
    return tier.used == true && lies_between(tier.rank, false);
  });
}

void Lattice::find_moves() {
  if (limits_) {
    for (std::size_t i = 0; i < below_bytes_.size(); ++i) below_bytes_[i] = limits_->transfer[i].value();
  }
  const int source = problem_.source;
  for (int from = 0; from < hosts_; ++from) {
    for (int to = 0; to < hosts_; ++to) {
      goes_.push_back(problem_.may_follow(from, to) && !passes_by(from, to) && has_path(from, to));
    }
    const bool sent =
        has_path(source, from) && carries(source, from, problem_.wire_bytes) && problem_.may_leave(source, 0);
    starts_.push_back(!passes_by(-1, from) && (from == source || sent));
    const bool returned =
        has_path(from, source) && result_bytes(problem_).value() < below_bytes_[pair(from, source)];
    ends_.push_back(!passes_by(from, -1) && (from == source || !problem_.workload.return_result || returned));
  }
}

}  // namespace kerf
