#include "planner/search/predecessors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kMostSlices = 3e9;
constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

void Predecessors::list(const StateName& state, Listing& listing) {
  const std::size_t few = listing.more;
  Bound most{kNever, 0};
  listing.more = 0;
  const auto keep_few = [&] {
    std::nth_element(listing.next.begin(), listing.next.begin() + static_cast<std::ptrdiff_t>(few) - 1,
                     listing.next.end());
    listing.next.resize(few);
    most = listing.next.back();
    listing.more = 8 * few;
  };
  for_each(state, [&](double cost, int place) {
    const Bound bound{cost, place};
    if (!(cost <= most.cost) || cost == kNever || !(bound < most) || !(listing.last < bound)) return;
    listing.next.push_back(bound);
    if (listing.next.size() == 2 * few) keep_few();
  });
  if (listing.next.size() > few) keep_few();
  std::sort(listing.next.rbegin(), listing.next.rend());
  if (!listing.next.empty()) listing.last = listing.next.front();
}

template <class Take>
void Predecessors::for_each(const StateName& state, const Take& take) {
  if (state.kind == StateKind::kDone) {
    const int least = lattice_.least_first(state.host, state.block - 1);
    least_.ways_done(state.host, state.block - 1, costs_);
    scanned_ += static_cast<double>(costs_.size());
    if (scanned_ > kMostSlices) refuse(fmt::format("more than {:.0e} slices", kMostSlices));
    for (std::size_t i = 0; i < costs_.size(); ++i) take(costs_[i], least + static_cast<int>(i));
    return;
  }
  for (int host = 0; host < lattice_.hosts(); ++host) {
    const bool allowed = state.kind == StateKind::kEnd ? lattice_.allows_end(host)
                                                       : lattice_.allows_move(host, state.host, state.block);
    if (allowed) take(least_.done(host, state.block - 1) + step(state, host), host);
  }
}

double Predecessors::step(const StateName& state, int place) const {
  switch (state.kind) {
    case StateKind::kDone:
      return measure_.slice(problem_, {state.host, place, state.block - 1});
    case StateKind::kArrived:
      return measure_.move(place, state.host, problem_.bytes_into(state.block));
    case StateKind::kEnd:
      break;
  }
  const bool returns = place != problem_.source && problem_.workload.return_result;
  return returns ? measure_.back(place, result_bytes(problem_)) : 0;
}

double Predecessors::start(int host) const {
  return host == problem_.source ? 0 : measure_.move(problem_.source, host, problem_.wire_bytes);
}

void Predecessors::refuse(const std::string& found) const {
  throw Error(ErrorCode::kLimit, problem_.name,
              fmt::format("{} blocks on {} host classes: {}", lattice_.blocks(), lattice_.hosts(), found),
              "plans that are found in reasonable time",
              "--top 1 with block times that add up takes any number; or merge blocks");
}

}  // namespace kerf
