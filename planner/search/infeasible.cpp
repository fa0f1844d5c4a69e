#include "planner/search/infeasible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "planner/search/constraints.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/solve.hpp"

namespace kerf {
namespace {

std::string block_text(const Problem& problem, int block) {
  const auto index = static_cast<std::size_t>(block);
  if (index >= problem.block_names.size() || problem.block_names[index].empty())
    return fmt::format("{}", block);
  return fmt::format("{} ({})", block, problem.block_names[index]);
}

// "3 (conv2), 5-7": a long list is not for people, so runs of blocks are joined.
std::string marked_blocks(const Problem& problem, const std::vector<bool>& mask) {
  std::string text;
  for (int first = 0; first < problem.blocks; ++first) {
    if (!marks(mask, first)) continue;
    int last = first;
    while (last + 1 < problem.blocks && marks(mask, last + 1)) ++last;
    if (!text.empty()) text += ", ";
    text += last > first ? fmt::format("{}-{}", first, last) : block_text(problem, first);
    first = last;
  }
  return text;
}

// Three digits as format() prints them, but never below the amount, so that the value can be copied into the
// scenario.
double rounded_up(double amount) {
  if (!(amount > 0)) return 0;
  const double step = std::pow(10, std::floor(std::log10(amount)) - 2);
  const double rounded = std::ceil(amount / step * (1 - 1e-12)) * step;
  return std::max(rounded, amount);
}
std::string bytes_text(double amount) {
  return format(Bytes(amount < 999 ? std::ceil(amount) : rounded_up(amount)));
}
std::string seconds_text(double amount) {
  return format(Seconds(rounded_up(amount)));
}
std::string joules_text(double amount) {
  return format(Joules(rounded_up(amount)));
}
std::string price_text(double amount) {
  return fmt::format("{:.4g}", rounded_up(amount));
}

// Searches again and again, with one constraint changed at a time. `without_` is the problem but for that.
class Explainer {
 public:
  Explainer(const Problem& problem, std::optional<double> fill)
      : problem_(problem), without_(problem), fill_(fill) {}

  std::vector<std::string> explain() {
    for (std::size_t host = 0; host < problem_.hosts.size(); ++host) try_host(host);
    for (std::size_t tier = 0; tier < problem_.tiers.size(); ++tier) try_tier(tier);
    for (std::size_t i = 0; i < problem_.link_budgets.size(); ++i) try_link_budget(i);
    try_totals();
    try_private();
    try_rules();
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
  using Advice = std::function<std::string()>;
  using Text = std::string (*)(double);

  [[nodiscard]] int hosts() const { return static_cast<int>(problem_.hosts.size()); }

  [[nodiscard]] std::vector<PlanCost> best(const Goal& goal) const {
    return solve(without_, fill_, goal, {.width = 1, .one_per_host_sequence = false, .pareto = false});
  }
  [[nodiscard]] bool is_feasible() const { return !best(Goal::of({Criterion::kLatency})).empty(); }

  // Notes that `reason` holds while without_ lacks it. `advice`, asked only where that helps, is added.
  void consider(const std::string& reason, const Advice& advice = {}) {
    present_.push_back(reason);
    if (is_feasible()) decisive_.push_back(advice ? reason + advice() : reason);
  }

  // The least of a measure among the plans of without_.
  [[nodiscard]] double least(const Measure& measure) const {
    return measure.of(without_, best(Goal::of(measure)).front().plan);
  }

  template <class Cap>
  void try_cap(std::optional<Cap>& cap, const std::string& reason, const Measure& measure, Text text) {
    if (!cap) return;
    const std::optional<Cap> present = cap;
    cap.reset();
    consider(reason, [&] { return fmt::format(" ({} would do)", text(least(measure))); });
    cap = present;
  }

  // The least share of all computing: a plan of a lesser ratio is one with busy - ratio * all below 0, and
  // the least such gives the next ratio (Dinkelbach, "On nonlinear fractional programming", 1967).
  [[nodiscard]] double least_share(const std::vector<bool>& place) const {
    const Measure busy = compute_on(without_, place);
    const Measure all = compute_on(without_, std::vector<bool>(place.size(), true));
    double share = 1;
    for (int round = 0; round < 50; ++round) {
      const Plan plan = best(Goal::of(compute_beyond(without_, place, share))).front().plan;
      const double sum = all.of(without_, plan);
      const double next = sum > 0 ? busy.of(without_, plan) / sum : 0;
      if (next >= share * (1 - 1e-9)) break;
      share = next;
    }
    return share;
  }

  // `place` is in without_; `rules` are the same as they stand.
  void try_place(const std::string& name, const PlaceRules& rules, PlaceRules& place,
                 const std::vector<bool>& members) {
    if (rules.used) {
      place.used.reset();
      consider(fmt::format("{} must {}be used", name, *rules.used ? "" : "not "));
      place.used = rules.used;
    }
    try_blocks(fmt::format("{} must run", name), rules.must_run, place.must_run, members, false);
    try_blocks(fmt::format("{} must not run", name), rules.must_not_run, place.must_not_run, members, true);
    try_cap(place.upload, fmt::format("{} may upload {}", name, format(rules.upload.value_or(Bytes()))),
            upload_from(problem_, members), bytes_text);
    try_cap(place.compute_cap.seconds,
            fmt::format("{} may compute for {}", name, format(rules.compute_cap.seconds.value_or(Seconds()))),
            compute_on(problem_, members), seconds_text);
    if (!rules.compute_cap.share) return;
    place.compute_cap.share.reset();
    consider(fmt::format("{} may do {:.3g} % of all computing", name, 100 * *rules.compute_cap.share),
             [&] { return fmt::format(" ({:.4g} % would do)", rounded_up(100 * least_share(members))); });
    place.compute_cap.share = rules.compute_cap.share;
  }

  // Blocks that must run at a place, or must not: where the list stands in the way, the fewest to strike off.
  void try_blocks(const std::string& reason, const std::vector<bool>& marked, std::vector<bool>& mask,
                  const std::vector<bool>& members, bool inside) {
    const std::string blocks = marked_blocks(problem_, marked);
    if (blocks.empty()) return;
    mask.clear();
    consider(fmt::format("{} {}", reason, blocks), [&] {
      const Plan plan = best(Goal::of(breaches(marked, members, inside))).front().plan;
      std::vector<bool> struck(marked.size());
      for (const Stage& stage : plan.stages) {
        if (members[static_cast<std::size_t>(stage.host)] != inside) continue;
        for (int block = stage.first_block; block <= stage.last_block; ++block) {
          if (marks(marked, block)) struck[static_cast<std::size_t>(block)] = true;
        }
      }
      return struck == marked ? std::string()
                              : fmt::format(" (without {} it would do)", marked_blocks(problem_, struck));
    });
    mask = marked;
  }

  // How many of the marked blocks run on the wrong side.
  [[nodiscard]] Measure breaches(const std::vector<bool>& marked, const std::vector<bool>& members,
                                 bool inside) const {
    Measure count(problem_);
    for (const bool member : members) {
      count.blocks_before.push_back(0);
      for (int block = 0; block < problem_.blocks; ++block) {
        count.blocks_before.push_back(count.blocks_before.back() +
                                      (member == inside && marks(marked, block) ? 1 : 0));
      }
    }
    return count;
  }

  void try_host(std::size_t index) {
    const ProblemHost& host = problem_.hosts[index];
    // An optional class that this platform is without is no constraint of the user's.
    if (host.instances.empty()) return;
    const auto number = static_cast<int>(index);
    try_place(host.name, host, without_.hosts[index], only_host(problem_, number));
    if (!host.memory) return;
    bool holds_a_block = false;
    for (int block = 0; block < problem_.blocks; ++block) {
      holds_a_block = holds_a_block || host.costs->memory(block, block) <= *host.memory;
    }
    try_cap(without_.hosts[index].memory,
            fmt::format("{} has {} of memory{}", host.name, format(*host.memory),
                        holds_a_block ? "" : ", which holds no block"),
            memory_on(problem_, number), bytes_text);
  }

  void try_tier(std::size_t index) {
    const ProblemTier& tier = problem_.tiers[index];
    try_place("tier " + tier.name, tier, without_.tiers[index], hosts_of_tier(problem_, tier.rank));
  }

  void try_link_budget(std::size_t index) {
    const LinkBudget budget = problem_.link_budgets[index];
    const auto place = without_.link_budgets.begin() + static_cast<std::ptrdiff_t>(index);
    without_.link_budgets.erase(place);
    consider(fmt::format("{} may cross {}", format(budget.bytes), budget.network),
             [&] { return fmt::format(" ({} would do)", bytes_text(least(bytes_over(problem_, budget)))); });
    without_.link_budgets.insert(without_.link_budgets.begin() + static_cast<std::ptrdiff_t>(index), budget);
  }

  void try_totals() {
    try_cap(without_.deadline,
            fmt::format("the deadline is {}", format(problem_.deadline.value_or(Seconds()))),
            latency_of(problem_), seconds_text);
    try_cap(without_.energy, fmt::format("a request may take {}", format(problem_.energy.value_or(Joules()))),
            energy_of(problem_), joules_text);
    try_cap(without_.price, fmt::format("a request may cost {:.4g}", problem_.price.value_or(0)),
            price_of(problem_), price_text);
  }

  void try_private() {
    if (problem_.kept.empty()) return;
    const std::string& source = problem_.hosts[static_cast<std::size_t>(problem_.source)].name;
    without_.kept.clear();
    consider(fmt::format("what is made before cut {} must not leave {}", problem_.kept_until, source), [&] {
      // The later the cut, the more is kept: the latest that leaves a plan.
      const auto keeps = [&](int until) {
        without_.kept = problem_.kept;
        for (std::size_t cut = static_cast<std::size_t>(until); cut < without_.kept.size(); ++cut) {
          if (cut > 0) without_.kept[cut] = false;
        }
        return is_feasible();
      };
      int good = -1;
      int bad = problem_.blocks + 1;
      while (bad - good > 1) {
        const int middle = good + (bad - good) / 2;
        (keeps(middle) ? good : bad) = middle;
      }
      without_.kept.clear();
      return good < 0 ? std::string() : fmt::format(" (private_until = {} would do)", good);
    });
    without_.kept = problem_.kept;
  }

  // What [plans] does not allow is no constraint that a user wrote down as one: named only where it helps.
  void try_rules() {
    const PlanRules rules = problem_.rules;
    if (rules.slices) {
      without_.rules.slices.reset();
      consider(fmt::format("plans have at most {} slices", *rules.slices), [&] {
        int enough = *rules.slices;
        do {
          without_.rules.slices = ++enough;
        } while (!is_feasible());
        return fmt::format(" ({} would do)", enough);
      });
    }
    without_.rules = rules;
    const auto suggest = [&](bool PlanRules::*rule, bool value, std::string reason) {
      if (rules.*rule == value) return;
      without_.rules.*rule = value;
      try {
        if (is_feasible()) decisive_.push_back(std::move(reason));
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kLimit) throw;  // a suggestion is not worth that long a search
      }
      without_.rules = rules;
    };
    suggest(&PlanRules::any_order, true, "plans move to later tiers ([plans] order = \"any\" would do)");
    if (!rules.any_order) return;
    suggest(&PlanRules::one_per_tier, false,
            "one host of a tier is used ([plans] one_per_tier = false would do)");
    suggest(&PlanRules::revisit, true, "a host runs one slice ([plans] revisit = true would do)");
  }

  void try_load() {
    const std::string reason =
        fmt::format("at {} from each of {} device{} every plan keeps a host or a link busy all the time",
                    format(problem_.workload.rate), problem_.devices(), problem_.devices() == 1 ? "" : "s");
    const std::optional<double> fill = std::exchange(fill_, std::nullopt);
    consider(reason);
    fill_ = fill;
  }

  void try_route(int from, int to) {
    const ProblemHost& sender = problem_.hosts[static_cast<std::size_t>(from)];
    const ProblemHost& receiver = problem_.hosts[static_cast<std::size_t>(to)];
    const auto& path = problem_.path(from, to);
    const bool wanted = problem_.may_follow(from, to) || from == problem_.source ||
                        (to == problem_.source && problem_.workload.return_result);
    if (from == to || !wanted || (path && std::isfinite(path->transfer(Bytes(1)).value()))) return;
    if (sender.instances.empty() || receiver.instances.empty()) return;
    without_.paths[static_cast<std::size_t>(from * hosts() + to)] =
        Path{Seconds{}, Seconds{}, BytesPerSecond(std::numeric_limits<double>::infinity())};
    consider(fmt::format("no {} from {} to {}", path ? "bandwidth" : "route", sender.name, receiver.name));
    without_.paths[static_cast<std::size_t>(from * hosts() + to)] = path;
  }

  const Problem& problem_;
  Problem without_;
  std::optional<double> fill_;
  std::vector<std::string> decisive_;  // without it alone there is a plan
  std::vector<std::string> present_;   // all of them
};

}  // namespace

std::vector<std::string> explain_infeasible(const Problem& problem, std::optional<double> fill) {
  return Explainer(problem, fill).explain();
}

}  // namespace kerf
