#include "planner/search/stations.hpp"

#include <algorithm>
#include <limits>

#include "planner/search/lattice.hpp"

namespace kerf {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Seconds of a host's time that a second of computing takes, over all devices that it serves.
double host_load(const Problem& problem, const ProblemHost& host) {
  return busiest_share(problem, host) / (host.workers * (1 - host.utilization));
}

}  // namespace

Stations::Stations(const Problem& problem)
    : problem_(problem),
      hosts_(static_cast<int>(problem.hosts.size())),
      alone_(problem),
      slowest_(problem.hosts.size() * problem.hosts.size(), kUnlimited) {
  alone_.contended = true;
  add_hosts();
  add_links();
}

void Stations::add_hosts() {
  const bool once = one_slice_a_host(problem_);
  for (std::size_t host = 0; host < problem_.hosts.size(); ++host) {
    const double load = host_load(problem_, problem_.hosts[host]);
    if (once) {
      alone_.per_second[host] = load;
      continue;
    }
    Measure& busy = joint_.emplace_back(problem_);
    busy.contended = true;
    busy.per_second[host] = load;
  }
}

void Stations::add_links() {
  const auto pairs = static_cast<std::size_t>(hosts_) * static_cast<std::size_t>(hosts_);
  if (problem_.platform == nullptr) {
    for (int from = 0; from < hosts_; ++from) {
      for (int to = 0; to < hosts_; ++to) {
        if (from == to || !problem_.path(from, to)) continue;
        std::vector<double> loads(pairs);
        loads[static_cast<std::size_t>(from * hosts_ + to)] = 1 / problem_.path(from, to)->bandwidth.value();
        add_link(loads);
      }
    }
    return;
  }
  // [link][from * hosts + to]: the devices whose transfers cross the link.
  std::vector<std::vector<double>> loads(problem_.links.size(), std::vector<double>(pairs));
  for (int from = 0; from < hosts_; ++from) {
    for (int to = 0; to < hosts_; ++to) {
      if (from == to || !problem_.path(from, to)) continue;
      for (const auto& [link, devices] : crossings(problem_, from, to)) {
        loads[static_cast<std::size_t>(link)][static_cast<std::size_t>(from * hosts_ + to)] = devices;
      }
    }
  }
  for (std::size_t link = 0; link < loads.size(); ++link) {
    if (!problem_.links[link].shared) continue;
    for (double& load : loads[link]) load /= problem_.links[link].bandwidth.value();
    add_link(loads[link]);
  }
}

// A link is joint where two different transfers of one plan may cross it. A host that runs one slice receives
// once and sends onwards once, so two pairs of hosts with the same sender, or the same receiver, exclude each
// other; but the source also sends the input and receives the answer.
void Stations::add_link(const std::vector<double>& loads) {
  std::vector<std::pair<int, int>> crossed;
  for (int from = 0; from < hosts_; ++from) {
    for (int to = 0; to < hosts_; ++to) {
      if (loads[static_cast<std::size_t>(from * hosts_ + to)] > 0) crossed.emplace_back(from, to);
    }
  }
  const bool once = one_slice_a_host(problem_) && source_sends_once(problem_);
  const auto exclude = [&](const auto& a, const auto& b) {
    return once && (a.first == b.first || a.second == b.second);
  };
  bool joint = !once && !crossed.empty();
  for (const auto& a : crossed) {
    for (const auto& b : crossed) joint = joint || (a != b && !exclude(a, b));
  }
  if (!joint) {
    for (std::size_t i = 0; i < loads.size(); ++i) {
      if (loads[i] > 0) slowest_[i] = std::min(slowest_[i], 1 / loads[i]);
    }
    return;
  }
  Measure& busy = joint_.emplace_back(problem_);
  for (const auto& [from, to] : crossed) {
    busy.set_link(problem_, from, to, {0, 1 / loads[static_cast<std::size_t>(from * hosts_ + to)]});
  }
}

double Stations::slice(const Stage& stage, double seconds) const {
  return alone_.slice(problem_, stage, seconds);
}

Seconds Stations::period(const Plan& plan) const {
  double longest = 0;
  for (const Measure& station : joint_) longest = std::max(longest, station.of(problem_, plan));
  int at = problem_.source;
  for (const Stage& stage : plan.stages) {
    if (stage.host != at) {
      longest = std::max(longest, transfer(at, stage.host, problem_.bytes_into(stage.first_block)));
    }
    longest = std::max(longest, slice(stage, stage_time(problem_, stage).value()));
    at = stage.host;
  }
  if (problem_.workload.return_result && at != problem_.source) {
    longest = std::max(longest, transfer(at, problem_.source, problem_.cut_bytes.back()));
  }
  return Seconds(longest);
}

}  // namespace kerf
