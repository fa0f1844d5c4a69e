#include "tests/search/brute_force.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace kerf::testing {
namespace {

struct Transfer {
  int from, to;
  double bytes;
  bool back;
  int first;  // the block that the receiver starts with
};

bool holds(double amount, double cap) {
  return amount <= cap + 1e-9 * cap;
}

class Judge {
 public:
  Judge(const Problem& problem, double fill)
      : p_(problem), fill_(fill), hosts_(static_cast<int>(p_.hosts.size())) {}

  // What running block b on host[b] costs; latency NaN where that breaks a constraint.
  PricedPlan price(const std::vector<int>& host) const {
    PricedPlan priced{std::nan(""), {stages_of(host)}};
    const std::vector<Stage>& stages = priced.plan.stages;
    const std::vector<Transfer> transfers = transfers_of(stages);
    if (!order_holds(stages) || !memory_holds(stages) || !nothing_private_leaves(transfers)) return priced;
    for (int h = 0; h < hosts_; ++h) {
      if (!place_holds(
              at_(h), [h](int other) { return other == h; }, host, stages, transfers))
        return priced;
      if (at_(h).instances.empty() && std::find(host.begin(), host.end(), h) != host.end()) return priced;
    }
    for (const ProblemTier& tier : p_.tiers) {
      const auto in_tier = [&](int other) { return at_(other).rank == tier.rank; };
      if (!place_holds(tier, in_tier, host, stages, transfers)) return priced;
    }
    double sum = 0;
    std::size_t next = 0;
    int at = p_.source;
    for (const Stage& stage : stages) {
      if (stage.host != at) sum += time(transfers[next++]);
      sum += time(stage);
      at = stage.host;
    }
    if (next < transfers.size()) sum += time(transfers[next]);
    if (std::isnan(sum) || !bytes_hold(transfers)) return priced;
    for (const Stage& stage : stages) {
      priced.energy += at_(stage.host).power.busy.value() * time(stage);
      priced.price += at_(stage.host).price * time(stage);
    }
    for (const Transfer& sent : transfers) {
      const Path& path = *path_of(sent);
      priced.energy += at_(sent.from).power.send.value() * sent.bytes / path.bandwidth.value();
      priced.price += path.price * sent.bytes;
    }
    priced.period = period(stages, transfers);
    if (p_.deadline && !holds(sum, p_.deadline->value())) return priced;
    if (p_.energy && !holds(priced.energy, p_.energy->value())) return priced;
    if (p_.price && !holds(priced.price, *p_.price)) return priced;
    priced.latency = sum;
    return priced;
  }

 private:
  using Members = std::function<bool(int)>;

  [[nodiscard]] const ProblemHost& at_(int host) const { return p_.hosts[static_cast<std::size_t>(host)]; }
  [[nodiscard]] const std::optional<Path>& path_of(const Transfer& sent) const {
    return p_.paths[static_cast<std::size_t>(sent.from * hosts_ + sent.to)];
  }

  static std::vector<Stage> stages_of(const std::vector<int>& host) {
    std::vector<Stage> stages;
    for (int block = 0; block < static_cast<int>(host.size()); ++block) {
      const int here = host[static_cast<std::size_t>(block)];
      if (stages.empty() || stages.back().host != here) stages.push_back({here, block, block});
      stages.back().last_block = block;
    }
    return stages;
  }

  [[nodiscard]] bool order_holds(const std::vector<Stage>& stages) const {
    const PlanRules& rules = p_.rules;
    if (rules.slices && static_cast<int>(stages.size()) > *rules.slices) return false;
    for (std::size_t i = 1; i < stages.size(); ++i) {
      if (!rules.any_order && at_(stages[i].host).rank <= at_(stages[i - 1].host).rank) return false;
      for (std::size_t j = 0; j < i && rules.any_order; ++j) {
        const bool same = stages[i].host == stages[j].host;
        if (same && !rules.revisit) return false;
        if (!same && rules.one_per_tier && at_(stages[i].host).rank == at_(stages[j].host).rank) return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool memory_holds(const std::vector<Stage>& stages) const {
    std::vector<double> need(p_.hosts.size());
    for (const Stage& stage : stages) {
      need[static_cast<std::size_t>(stage.host)] +=
          at_(stage.host).costs->memory(stage.first_block, stage.last_block).value();
    }
    for (int h = 0; h < hosts_; ++h) {
      if (at_(h).memory && need[static_cast<std::size_t>(h)] > at_(h).memory->value()) return false;
    }
    return true;
  }

  [[nodiscard]] bool nothing_private_leaves(const std::vector<Transfer>& transfers) const {
    return p_.kept.empty() || std::none_of(transfers.begin(), transfers.end(), [&](const Transfer& sent) {
             return !sent.back && sent.from == p_.source && p_.kept[static_cast<std::size_t>(sent.first)];
           });
  }

  [[nodiscard]] bool place_holds(const PlaceRules& rules, const Members& member, const std::vector<int>& host,
                                 const std::vector<Stage>& stages,
                                 const std::vector<Transfer>& transfers) const {
    for (std::size_t block = 0; block < host.size(); ++block) {
      const bool here = member(host[block]);
      if (here && !rules.must_not_run.empty() && rules.must_not_run[block]) return false;
      if (!here && !rules.must_run.empty() && rules.must_run[block]) return false;
    }
    const bool runs = std::any_of(host.begin(), host.end(), member);
    if (rules.used && *rules.used != runs) return false;
    double sent_on = 0;
    for (const Transfer& sent : transfers) {
      if (!sent.back && member(sent.from) && !member(sent.to)) sent_on += sent.bytes;
    }
    if (rules.upload && sent_on > rules.upload->value()) return false;
    double mine = 0;
    double all = 0;
    for (const Stage& stage : stages) {
      all += bare_time(stage);
      if (member(stage.host)) mine += bare_time(stage);
    }
    if (rules.compute_cap.seconds && !holds(mine, rules.compute_cap.seconds->value())) return false;
    return !rules.compute_cap.share || holds(mine, *rules.compute_cap.share * all);
  }

  [[nodiscard]] bool bytes_hold(const std::vector<Transfer>& transfers) const {
    return std::all_of(p_.link_budgets.begin(), p_.link_budgets.end(), [&](const LinkBudget& budget) {
      double sum = 0;
      for (const Transfer& sent : transfers) {
        if (budget.pairs[static_cast<std::size_t>(sent.from * hosts_ + sent.to)]) sum += sent.bytes;
      }
      return sum <= budget.bytes.value();
    });
  }

  [[nodiscard]] std::vector<Transfer> transfers_of(const std::vector<Stage>& stages) const {
    std::vector<Transfer> transfers;
    int at = p_.source;
    for (const Stage& stage : stages) {
      const double bytes = stage.first_block == 0
                               ? p_.wire_bytes.value()
                               : p_.cut_bytes[static_cast<std::size_t>(stage.first_block)].value();
      if (stage.host != at) transfers.push_back({at, stage.host, bytes, false, stage.first_block});
      at = stage.host;
    }
    if (at != p_.source && p_.workload.return_result)
      transfers.push_back({at, p_.source, p_.cut_bytes.back().value(), true, p_.blocks});
    return transfers;
  }

  [[nodiscard]] double time(const Transfer& sent) const {
    const auto& path = path_of(sent);
    if (!path || overloads_a_link(sent)) return std::nan("");
    const double whole = path->delay.value() + path->overhead.value() + sent.bytes / path->bandwidth.value();
    return std::isfinite(whole) ? whole : std::nan("");
  }

  [[nodiscard]] double bare_time(const Stage& stage) const {
    const ProblemHost& here = at_(stage.host);
    const double seconds = here.costs->mean(stage.first_block, stage.last_block).value() * here.slowdown;
    return stage.first_block == 0 && stage.host != p_.source ? seconds + p_.decode.value() : seconds;
  }

  [[nodiscard]] double time(const Stage& stage) const {
    const ProblemHost& here = at_(stage.host);
    const double seconds = bare_time(stage);
    if (fill_ > 0) {
      std::map<HostId, double> demand;  // seconds of work a second at each instance
      for (int d = 0; d < p_.devices(); ++d)
        demand[p_.instance(stage.host, d)] += p_.workload.rate.value() * seconds;
      for (const auto& [instance, busy] : demand) {
        if (!(busy / here.workers < fill_ * (1 - here.utilization))) return std::nan("");
      }
    }
    return seconds;
  }

  [[nodiscard]] bool overloads_a_link(const Transfer& sent) const {
    if (fill_ <= 0) return false;
    std::map<LinkId, double> load;  // bytes a second
    for (int d = 0; d < p_.devices(); ++d) {
      for (const LinkId link : p_.platform->route(p_.instance(sent.from, d), p_.instance(sent.to, d))) {
        load[link] += p_.workload.rate.value() * sent.bytes;
      }
    }
    return std::any_of(load.begin(), load.end(), [&](const auto& entry) {
      const ProblemLink& link = p_.links[static_cast<std::size_t>(entry.first)];
      return link.shared && entry.second >= fill_ * link.bandwidth.value();
    });
  }

  // Every device sends one request: how long each host and link is busy with all of them.
  [[nodiscard]] double period(const std::vector<Stage>& stages,
                              const std::vector<Transfer>& transfers) const {
    std::map<std::pair<int, HostId>, double> hosts;
    std::map<std::pair<int, int>, double> links;
    for (int d = 0; d < p_.devices(); ++d) {
      for (const Stage& stage : stages) {
        const ProblemHost& here = at_(stage.host);
        hosts[{stage.host, p_.instance(stage.host, d)}] +=
            bare_time(stage) / (here.workers * (1 - here.utilization));
      }
      for (const Transfer& sent : transfers) {
        if (p_.platform == nullptr) {
          if (d == 0) links[{sent.from, sent.to}] += sent.bytes / path_of(sent)->bandwidth.value();
          continue;
        }
        for (const LinkId link : p_.platform->route(p_.instance(sent.from, d), p_.instance(sent.to, d))) {
          const ProblemLink& crossed = p_.links[static_cast<std::size_t>(link)];
          if (crossed.shared) links[{-1, link}] += sent.bytes / crossed.bandwidth.value();
        }
      }
    }
    double longest = 0;
    for (const auto& [host, busy] : hosts) longest = std::max(longest, busy);
    for (const auto& [link, busy] : links) longest = std::max(longest, busy);
    return longest;
  }

  const Problem& p_;
  double fill_;
  int hosts_;
};

}  // namespace

double PricedPlan::of(Criterion criterion) const {
  switch (criterion) {
    case Criterion::kLatency:
      return latency;
    case Criterion::kEnergy:
      return energy;
    case Criterion::kPrice:
      return price;
    case Criterion::kPeriod:
      return period;
  }
  return 0;
}

std::vector<PricedPlan> all_plans(const Problem& problem, double fill) {
  const Judge judge(problem, fill);
  const int hosts = static_cast<int>(problem.hosts.size());
  std::vector<PricedPlan> plans;
  std::vector<int> host(static_cast<std::size_t>(problem.blocks));
  while (true) {
    PricedPlan priced = judge.price(host);
    if (!std::isnan(priced.latency)) plans.push_back(std::move(priced));
    std::size_t digit = 0;
    while (digit < host.size() && ++host[digit] == hosts) host[digit++] = 0;
    if (digit == host.size()) break;
  }
  std::sort(plans.begin(), plans.end());
  return plans;
}

std::vector<PricedPlan> all_forward_plans(const Problem& problem) {
  const Judge judge(problem, 0);
  std::vector<PricedPlan> plans;
  std::vector<int> host(static_cast<std::size_t>(problem.blocks));
  const std::function<void(int, int)> go_on = [&](int first, int rank) {
    if (first == problem.blocks) {
      PricedPlan priced = judge.price(host);
      if (!std::isnan(priced.latency)) plans.push_back(std::move(priced));
      return;
    }
    for (int next = 0; next < static_cast<int>(problem.hosts.size()); ++next) {
      const int higher = problem.hosts[static_cast<std::size_t>(next)].rank;
      for (int last = first; higher > rank && last < problem.blocks; ++last) {
        std::fill(host.begin() + first, host.begin() + last + 1, next);
        go_on(last + 1, higher);
      }
    }
  };
  go_on(0, -1);
  std::sort(plans.begin(), plans.end());
  return plans;
}

std::vector<PricedPlan> all_plans_ranked(const Problem& problem) {
  const auto& levels = problem.objective.minimize;
  std::vector<PricedPlan> plans = all_plans(problem);
  const auto value = [&](const PricedPlan& plan, std::size_t level) {
    if (levels.empty()) return plan.latency;
    double sum = 0;
    for (const WeightedCriterion& part : levels[level]) sum += part.weight * plan.of(part.criterion);
    return sum;
  };
  std::stable_sort(plans.begin(), plans.end(), [&](const PricedPlan& a, const PricedPlan& b) {
    for (std::size_t level = 0; level < std::max<std::size_t>(1, levels.size()); ++level) {
      const double x = value(a, level);
      const double y = value(b, level);
      if (std::abs(x - y) > 1e-12 * std::max(x, y)) return x < y;
    }
    return a.plan < b.plan;
  });
  return plans;
}

std::vector<PricedPlan> front_of(const std::vector<PricedPlan>& plans,
                                 const std::vector<Criterion>& criteria) {
  std::vector<PricedPlan> front;
  for (const PricedPlan& plan : plans) {
    const bool bettered = std::any_of(plans.begin(), plans.end(), [&](const PricedPlan& other) {
      bool better = other.plan < plan.plan;
      for (const Criterion criterion : criteria) {
        if (other.of(criterion) > plan.of(criterion)) return false;
        better = better || other.of(criterion) < plan.of(criterion);
      }
      return better;
    });
    if (!bettered) front.push_back(plan);
  }
  return front;
}

std::vector<PricedPlan> first_of_each_host_sequence(const std::vector<PricedPlan>& plans) {
  std::set<std::vector<int>> seen;
  std::vector<PricedPlan> firsts;
  for (const PricedPlan& priced : plans) {
    std::vector<int> sequence;
    for (const Stage& stage : priced.plan.stages) sequence.push_back(stage.host);
    if (seen.insert(sequence).second) firsts.push_back(priced);
  }
  return firsts;
}

}  // namespace kerf::testing
