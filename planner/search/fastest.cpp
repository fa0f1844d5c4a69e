#include "planner/search/fastest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kMostSlices = 3e9;
constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kMost = std::numeric_limits<double>::max();
// Longer chains are not searched again for the first of equals.
constexpr int kMostToBreakTies = 4096;  // blocks

}  // namespace

Fastest::Fastest(const Lattice& lattice, const Measure& measure)
    : lattice_(lattice),
      hosts_(lattice.hosts()),
      blocks_(lattice.blocks()),
      rate_(measure.per_second),
      adds_up_(rate_.size()),
      sums_(rate_.size() * static_cast<std::size_t>(blocks_ + 1)),
      bytes_(static_cast<std::size_t>(blocks_)),
      arrived_(rate_.size() * static_cast<std::size_t>(blocks_)),
      done_(arrived_.size()),
      first_(arrived_.size()),
      least_(rate_.size()),
      windows_(rate_.size()),
      rounding_(1e-12 + blocks_ * std::numeric_limits<double>::epsilon()) {
  const Problem& problem = lattice.problem();
  for (int host = 0; host < hosts_; ++host) add_up(host);
  const double scanned = static_cast<double>(std::count(adds_up_.begin(), adds_up_.end(), false)) * blocks_;
  if (scanned * blocks_ / 2 > kMostSlices) {
    throw Error(
        ErrorCode::kLimit, problem.name,
        fmt::format("{} blocks on {} host classes, whose slices are looked at one by one", blocks_, hosts_),
        fmt::format("at most {:.0e} slices", kMostSlices),
        "block times that add up take any number; or merge blocks");
  }
  if (!problem.rules.any_order) {
    by_rank_.resize(rate_.size());
    std::iota(by_rank_.begin(), by_rank_.end(), 0);
    std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](int a, int b) {
      return problem.hosts[static_cast<std::size_t>(a)].rank <
             problem.hosts[static_cast<std::size_t>(b)].rank;
    });
  }
  for (int cut = 0; cut < blocks_; ++cut) {
    bytes_[static_cast<std::size_t>(cut)] = problem.bytes_into(cut).value();
  }
  if (!problem.kept.empty()) {
    leaving_ = bytes_;
    for (int cut = 0; cut < blocks_; ++cut) {
      if (!problem.may_leave(problem.source, cut)) leaving_[static_cast<std::size_t>(cut)] = kNever;
    }
  }
  set_links(measure);
}

// Where slices are sums of their blocks and every constraint on them is a window.
void Fastest::add_up(int host) {
  const auto index = static_cast<std::size_t>(host);
  const ProblemHost& here = lattice_.problem().hosts[index];
  const double scale = here.costs->mean_ratio() * here.slowdown * rate_[index];
  adds_up_[index] =
      here.costs->adds_up() && lattice_.is_window(host) && std::isfinite(here.costs->before().back() * scale);
  if (!adds_up_[index]) return;
  double* const sums = sums_.data() + index * static_cast<std::size_t>(blocks_ + 1);
  const double* const before = here.costs->before().data();
  for (int block = 0; block <= blocks_; ++block) sums[block] = before[block] * scale;
  most_ = std::max(most_, std::abs(sums[blocks_]));
}

void Fastest::set_links(const Measure& measure) {
  const Problem& problem = lattice_.problem();
  const Bytes result = result_bytes(problem);
  moves_.clear();
  moves_begin_.clear();
  starts_.clear();
  returns_.clear();
  for (int to = 0; to < hosts_; ++to) {
    moves_begin_.push_back(moves_.size());
    starts_.push_back(measure.onwards[static_cast<std::size_t>(problem.source * hosts_ + to)]);
    const bool returns = to != problem.source && problem.workload.return_result;
    returns_.push_back(!lattice_.allows_end(to) ? kNever : returns ? measure.back(to, result) : 0);
    for (int from = 0; from < hosts_; ++from) {
      if (!lattice_.goes(from, to)) continue;
      const Measure::Link& link = measure.onwards[static_cast<std::size_t>(from * hosts_ + to)];
      moves_.push_back({from, to, link.per_message, std::min(1 / link.rate, kMost),
                        std::min(lattice_.most_bytes(from, to), kMost)});
    }
  }
  moves_begin_.push_back(moves_.size());
}

const std::vector<double>& Fastest::bytes_from(int host) const {
  return host == lattice_.problem().source && !leaving_.empty() ? leaving_ : bytes_;
}

void Fastest::begin() {
  const Problem& problem = lattice_.problem();
  for (int host = 0; host < hosts_; ++host) {
    const auto index = static_cast<std::size_t>(host);
    arrived_[at(host, 0)] = !lattice_.allows_start(host) ? kNever
                            : host == problem.source     ? 0
                                                         : starts_[index].of(problem.wire_bytes);
    // Slices that are looked at one by one hold it already.
    if (adds_up(host) && host != problem.source)
      arrived_[at(host, 0)] += problem.decode.value() * rate_[index];
    least_[index] = {kNever, 0};
    windows_[index].clear();
  }
}

// What slices on `host` that start with blocks begin..end-1, not 0, need.
void Fastest::arrive(int host, int begin, int end) {
  double* const arrived = arrived_.data() + at(host, 0);
  std::fill(arrived + begin, arrived + end, kNever);
  for (std::size_t i = moves_begin_[static_cast<std::size_t>(host)];
       i < moves_begin_[static_cast<std::size_t>(host) + 1]; ++i) {
    const Move move = moves_[i];
    const double* const bytes = bytes_from(move.from).data();
    const double* const before = done_.data() + at(move.from, 0) - 1;
    for (int first = begin; first < end; ++first) {
      const double cost = before[first] + move.per_message + bytes[first] * move.per_byte;
      const double allowed = bytes[first] <= move.most_bytes ? cost : kNever;
      arrived[first] = allowed < arrived[first] ? allowed : arrived[first];
    }
  }
}

// Slices on `host` that end with blocks begin..end-1.
void Fastest::compute(int host, int begin, int end) {
  if (!adds_up(host)) return scan(host, begin, end);
  if (lattice_.least_first(host, blocks_ - 1) > 0) return slide(host, begin, end);
  const double* const sums = this->sums(host);
  const double* const arrived = arrived_.data() + at(host, 0);
  double* const done = done_.data() + at(host, 0);
  int* const firsts = first_.data() + at(host, 0);
  SlidingMinimum::Candidate least = least_[static_cast<std::size_t>(host)];
  for (int block = begin; block < end; ++block) {
    const double key = arrived[block] - sums[block];
    least = key < least.key ? SlidingMinimum::Candidate{key, block} : least;
    done[block] = least.key + sums[block + 1];
    firsts[block] = least.place;
  }
  least_[static_cast<std::size_t>(host)] = least;
}

void Fastest::slide(int host, int begin, int end) {
  const double* const sums = this->sums(host);
  SlidingMinimum& window = windows_[static_cast<std::size_t>(host)];
  for (int block = begin; block < end; ++block) {
    const double key = arrived_[at(host, block)] - sums[block];
    if (key < kNever) window.push(key, block);
    const int least = lattice_.least_first(host, block);
    window.drop([least](int first) { return first < least; });
    done_[at(host, block)] = window.empty() ? kNever : window.least().key + sums[block + 1];
    first_[at(host, block)] = window.empty() ? block : window.least().place;
  }
}

void Fastest::scan(int host, int begin, int end) {
  for (int last = begin; last < end; ++last) {
    ways_done(host, last, ways_);
    double least = kNever;
    for (const double way : ways_) least = way < least ? way : least;
    done_[at(host, last)] = least;
  }
}

void Fastest::ways_done(int host, int last, std::vector<double>& costs) const {
  const int least = lattice_.least_first(host, last);
  costs.resize(static_cast<std::size_t>(last + 1 - least));
  const double* const arrived = arrived_.data() + at(host, least);
  if (adds_up(host)) {
    const double* const sums = this->sums(host);
    for (int first = least; first <= last; ++first) {
      costs[static_cast<std::size_t>(first - least)] = arrived[first - least] - sums[first] + sums[last + 1];
    }
    return;
  }
  slices_.resize(static_cast<std::size_t>(blocks_));
  lattice_.slices_ending(host, last, slices_);
  const double rate = rate_[static_cast<std::size_t>(host)];
  for (int first = least; first <= last; ++first) {
    const double time = slices_[static_cast<std::size_t>(first)];
    costs[static_cast<std::size_t>(first - least)] =
        time < kNever ? arrived[first - least] + time * rate : kNever;
  }
}

const Plan* Fastest::run() {
  begin();
  if (by_rank_.empty()) {
    for (int block = 0; block < blocks_; ++block) {
      for (int host = 0; host < hosts_; ++host) {
        if (block > 0) arrive(host, block, block + 1);
        compute(host, block, block + 1);
      }
    }
  } else {
    for (const int host : by_rank_) {
      arrive(host, 1, blocks_);
      compute(host, 0, blocks_);
    }
  }
  return trace();
}

// The least of the costs, the first of equals; notes whether another is as good.
std::size_t Fastest::choose(std::span<const double> costs) {
  const auto least = std::min_element(costs.begin(), costs.end());
  const double most = *least + rounding(cost_);
  tied_ = tied_ || std::count_if(costs.begin(), costs.end(), [=](double cost) { return cost <= most; }) > 1;
  return static_cast<std::size_t>(least - costs.begin());
}

int Fastest::best_first(int host, int last) {
  if (adds_up(host) && blocks_ > kMostToBreakTies) return first_[at(host, last)];
  ways_done(host, last, ways_);
  return lattice_.least_first(host, last) + static_cast<int>(choose(ways_));
}

int Fastest::best_sender(int host, int first) {
  const std::span<const Move> moves = std::span(moves_).subspan(
      moves_begin_[static_cast<std::size_t>(host)],
      moves_begin_[static_cast<std::size_t>(host) + 1] - moves_begin_[static_cast<std::size_t>(host)]);
  ways_.clear();
  for (const Move& move : moves) {
    const double bytes = bytes_from(move.from)[static_cast<std::size_t>(first)];
    const double cost = done_[at(move.from, first - 1)] + move.per_message + bytes * move.per_byte;
    ways_.push_back(bytes <= move.most_bytes && cost < kNever ? cost : kNever);
  }
  return moves[choose(ways_)].from;
}

// The best plan, backwards. Whatever costs the same parts from it at one of its states.
const Plan* Fastest::trace() {
  tied_ = false;
  plan_.stages.clear();
  ways_.clear();
  for (int host = 0; host < hosts_; ++host) {
    ways_.push_back(done_[at(host, blocks_ - 1)] + returns_[static_cast<std::size_t>(host)]);
  }
  cost_ = *std::min_element(ways_.begin(), ways_.end());
  if (!(cost_ < kNever)) return nullptr;
  int host = static_cast<int>(choose(ways_));
  for (int last = blocks_ - 1; last >= 0;) {
    const int first = best_first(host, last);
    plan_.stages.push_back({host, first, last});
    if (first > 0) host = best_sender(host, first);
    last = first - 1;
  }
  tied_ = tied_ && blocks_ <= kMostToBreakTies;
  std::reverse(plan_.stages.begin(), plan_.stages.end());
  return &plan_;
}

}  // namespace kerf
