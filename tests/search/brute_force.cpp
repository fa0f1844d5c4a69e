#include "tests/search/brute_force.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace kerf::testing {
namespace {

struct Transfer {
  int from, to;
  double bytes;
};

class Judge {
 public:
  Judge(const Problem& problem, double fill)
      : p_(problem), fill_(fill), hosts_(static_cast<int>(p_.hosts.size())) {}

  // The latency of running block b on host[b], NaN where that breaks a constraint.
  double price(const std::vector<int>& host) const {
    const std::vector<Stage> stages = stages_of(host);
    if (!ranks_rise(stages) || !masks_hold(host) || !use_holds(host)) return std::nan("");
    const std::vector<Transfer> transfers = transfers_of(stages);
    double sum = 0;
    std::size_t next = 0;
    int at = p_.source;
    std::vector<double> upload(p_.hosts.size());
    for (const Stage& stage : stages) {
      if (stage.host != at) {
        const Transfer& sent = transfers[next++];
        upload[static_cast<std::size_t>(sent.from)] += sent.bytes;
        sum += time(sent);
      }
      sum += time(stage);
      at = stage.host;
    }
    if (next < transfers.size()) sum += time(transfers[next]);
    for (int h = 0; h < hosts_; ++h) {
      const auto& cap = at_(h).upload;
      if (cap && upload[static_cast<std::size_t>(h)] > cap->value()) return std::nan("");
    }
    return sum;
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

 private:
  [[nodiscard]] const ProblemHost& at_(int host) const { return p_.hosts[static_cast<std::size_t>(host)]; }

  [[nodiscard]] bool ranks_rise(const std::vector<Stage>& stages) const {
    for (std::size_t i = 1; i < stages.size(); ++i) {
      if (at_(stages[i].host).rank <= at_(stages[i - 1].host).rank) return false;
    }
    return true;
  }

  [[nodiscard]] bool masks_hold(const std::vector<int>& host) const {
    for (std::size_t block = 0; block < host.size(); ++block) {
      for (int h = 0; h < hosts_; ++h) {
        const bool runs = host[block] == h;
        if (runs && !at_(h).must_not_run.empty() && at_(h).must_not_run[block]) return false;
        if (!runs && !at_(h).must_run.empty() && at_(h).must_run[block]) return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool use_holds(const std::vector<int>& host) const {
    for (int h = 0; h < hosts_; ++h) {
      const bool runs = std::find(host.begin(), host.end(), h) != host.end();
      if (at_(h).used && *at_(h).used != runs) return false;
    }
    return true;
  }

  [[nodiscard]] std::vector<Transfer> transfers_of(const std::vector<Stage>& stages) const {
    std::vector<Transfer> transfers;
    int at = p_.source;
    for (const Stage& stage : stages) {
      const double bytes = stage.first_block == 0
                               ? p_.wire_bytes.value()
                               : p_.cut_bytes[static_cast<std::size_t>(stage.first_block)].value();
      if (stage.host != at) transfers.push_back({at, stage.host, bytes});
      at = stage.host;
    }
    if (at != p_.source && p_.workload.return_result)
      transfers.push_back({at, p_.source, p_.cut_bytes.back().value()});
    return transfers;
  }

  [[nodiscard]] double time(const Transfer& sent) const {
    const auto& path = p_.paths[static_cast<std::size_t>(sent.from * hosts_ + sent.to)];
    if (!path || overloads_a_link(sent)) return std::nan("");
    const double whole = path->delay.value() + path->overhead.value() + sent.bytes / path->bandwidth.value();
    return std::isfinite(whole) ? whole : std::nan("");
  }

  [[nodiscard]] double time(const Stage& stage) const {
    const ProblemHost& here = at_(stage.host);
    double seconds = here.costs->mean(stage.first_block, stage.last_block).value() * here.slowdown;
    if (stage.first_block == 0 && stage.host != p_.source) seconds += p_.decode.value();
    if (here.memory && here.costs->memory(stage.first_block, stage.last_block) > *here.memory)
      return std::nan("");
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

  const Problem& p_;
  double fill_;
  int hosts_;
};

}  // namespace

std::vector<PricedPlan> all_plans(const Problem& problem, double fill) {
  const Judge judge(problem, fill);
  const int hosts = static_cast<int>(problem.hosts.size());
  std::vector<PricedPlan> plans;
  std::vector<int> host(static_cast<std::size_t>(problem.blocks));
  while (true) {
    const double latency = judge.price(host);
    if (!std::isnan(latency)) plans.push_back({latency, {Judge::stages_of(host)}});
    std::size_t digit = 0;
    while (digit < host.size() && ++host[digit] == hosts) host[digit++] = 0;
    if (digit == host.size()) break;
  }
  std::sort(plans.begin(), plans.end());
  return plans;
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
