#include "planner/search/infeasible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/text.hpp"
#include "planner/search/constraints.hpp"
#include "planner/search/k_best.hpp"
#include "planner/search/lattice.hpp"

namespace kerf {
namespace {

bool feasible(const Problem& problem, std::optional<double> fill) {
  return !k_best(make_lattice(problem, fill), 1, false).empty();
}

// "3 (conv2), 5-7": a long list is not for people, so runs of blocks are joined.
std::string marked_blocks(const Problem& problem, const std::vector<bool>& mask) {
  std::string text;
  for (int first = 0; first < problem.blocks; ++first) {
    if (!marks(mask, first)) continue;
    int last = first;
    while (last + 1 < problem.blocks && marks(mask, last + 1)) ++last;
    if (!text.empty()) text += ", ";
    text += last > first ? fmt::format("{}-{}", first, last) : fmt::format("{}", first);
    const auto index = static_cast<std::size_t>(first);
    if (last == first && index < problem.block_names.size() && !problem.block_names[index].empty()) {
      text += fmt::format(" ({})", problem.block_names[index]);
    }
    first = last;
  }
  return text;
}

// Three digits as format() prints them, but never below the amount, so that the value can be copied into the
// scenario.
Bytes rounded_up(Bytes amount) {
  double step = 1;
  while (amount.value() / step > 999) step *= 10;
  return Bytes(std::ceil(amount.value() / step) * step);
}

// The least of `amounts` with which `feasible_with` holds; it holds for the greatest, and from some amount on
// for all.
Bytes least_that_helps(std::vector<Bytes> amounts, const std::function<bool(Bytes)>& feasible_with) {
  std::sort(amounts.begin(), amounts.end());
  return *std::partition_point(amounts.begin(), amounts.end(),
                               [&](Bytes amount) { return !feasible_with(amount); });
}

class Explainer {
 public:
  Explainer(const Problem& problem, std::optional<double> fill) : problem_(problem), fill_(fill) {}

  std::vector<std::string> explain() {
    for (std::size_t host = 0; host < problem_.hosts.size(); ++host) try_host(host);
    if (fill_) try_load();
    for (int from = 0; from < hosts(); ++from) {
      for (int to = 0; to < hosts(); ++to) try_route(from, to);
    }
    if (!decisive_.empty()) return decisive_;
    for (std::string& reason : present_) reason += " (no single change is enough)";
    if (present_.empty()) present_.emplace_back("no plan takes a finite time");
    return present_;
  }

 private:
  [[nodiscard]] int hosts() const { return static_cast<int>(problem_.hosts.size()); }

  // An optional class that this platform is without is no constraint of the user's.
  [[nodiscard]] bool is_present(std::size_t host) const { return !problem_.hosts[host].instances.empty(); }

  // Notes that `reason` holds; `without` is the problem with it dropped. `advice`, asked only where that
  // helps, is added.
  void consider(const std::string& reason, const Problem& without,
                const std::function<std::string()>& advice = {}) {
    present_.push_back(reason);
    if (feasible(without, fill_)) decisive_.push_back(advice ? reason + " (" + advice() + ")" : reason);
  }

  void try_host(std::size_t index) {
    const ProblemHost& host = problem_.hosts[index];
    Problem without = problem_;
    ProblemHost& free = without.hosts[index];
    if (host.used && is_present(index)) {
      free.used.reset();
      consider(fmt::format("{} must {}be used", host.name, *host.used ? "" : "not "), without);
      free.used = host.used;
    }
    if (const std::string blocks = marked_blocks(problem_, host.must_run); !blocks.empty()) {
      free.must_run.clear();
      consider(fmt::format("{} must run {}", host.name, blocks), without);
      free.must_run = host.must_run;
    }
    if (const std::string blocks = marked_blocks(problem_, host.must_not_run); !blocks.empty()) {
      free.must_not_run.clear();
      consider(fmt::format("{} must not run {}", host.name, blocks), without);
      free.must_not_run = host.must_not_run;
    }
    if (host.memory) try_memory(index, without);
    if (host.upload) try_upload(index, without);
  }

  void try_memory(std::size_t index, Problem& without) {
    const ProblemHost& host = problem_.hosts[index];
    std::vector<Bytes> needs;
    for (int first = 0; first < problem_.blocks; ++first) {
      for (int last = first; last < problem_.blocks; ++last) needs.push_back(host.costs->memory(first, last));
    }
    const bool holds_none =
        std::none_of(needs.begin(), needs.end(), [&](Bytes need) { return need <= *host.memory; });
    try_cap(without, without.hosts[index].memory, std::move(needs),
            fmt::format("{} has {} of memory{}", host.name, format(*host.memory),
                        holds_none ? ", which holds no block" : ""));
  }

  void try_upload(std::size_t index, Problem& without) {
    const ProblemHost& host = problem_.hosts[index];
    std::vector<Bytes> amounts{problem_.wire_bytes};
    for (int first = 1; first < problem_.blocks; ++first) {
      amounts.push_back(problem_.bytes_into(first));
      amounts.push_back(problem_.wire_bytes + problem_.bytes_into(first));
    }
    try_cap(without, without.hosts[index].upload, std::move(amounts),
            fmt::format("{} may upload {}", host.name, format(*host.upload)));
  }

  // `cap` is a constraint within `without`.
  void try_cap(Problem& without, std::optional<Bytes>& cap, std::vector<Bytes> amounts,
               const std::string& reason) {
    const std::optional<Bytes> present = cap;
    cap.reset();
    consider(reason, without, [&] {
      const Bytes least = least_that_helps(std::move(amounts), [&](Bytes amount) {
        cap = amount;
        return feasible(without, fill_);
      });
      return fmt::format("{} would do", format(rounded_up(least)));
    });
    cap = present;
  }

  void try_load() {
    const std::string reason =
        fmt::format("at {} from each of {} device{} every plan keeps a host or a link busy all the time",
                    format(problem_.workload.rate), problem_.devices(), problem_.devices() == 1 ? "" : "s");
    if (feasible(problem_, std::nullopt)) {
      decisive_.push_back(reason);
    } else {
      present_.push_back(reason);
    }
  }

  void try_route(int from, int to) {
    const ProblemHost& sender = problem_.hosts[static_cast<std::size_t>(from)];
    const ProblemHost& receiver = problem_.hosts[static_cast<std::size_t>(to)];
    const bool wanted = sender.rank < receiver.rank || from == problem_.source ||
                        (to == problem_.source && problem_.workload.return_result);
    const bool present =
        is_present(static_cast<std::size_t>(from)) && is_present(static_cast<std::size_t>(to));
    if (from == to || !wanted || !present) return;
    const auto& path = problem_.path(from, to);
    if (path && std::isfinite(path->transfer(Bytes(1)).value())) return;
    Problem without = problem_;
    without.paths[static_cast<std::size_t>(from * hosts() + to)] =
        Path{Seconds{}, Seconds{}, BytesPerSecond(std::numeric_limits<double>::infinity())};
    consider(fmt::format("no {} from {} to {}", path ? "bandwidth" : "route", sender.name, receiver.name),
             without);
  }

  const Problem& problem_;
  std::optional<double> fill_;
  std::vector<std::string> decisive_;  // without it alone there is a plan
  std::vector<std::string> present_;   // all of them
};

}  // namespace

std::vector<std::string> explain_infeasible(const Problem& problem, std::optional<double> fill) {
  return Explainer(problem, fill).explain();
}

}  // namespace kerf
