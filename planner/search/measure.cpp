#include "planner/search/measure.hpp"

#include <cassert>

namespace kerf {
namespace {

template <class LinkOf>
Measure over_links(const Problem& problem, LinkOf link_of) {
  Measure measure(problem);
  for (int from = 0; from < measure.hosts; ++from) {
    for (int to = 0; to < measure.hosts; ++to) {
      const auto& path = problem.path(from, to);
      if (from != to && path) measure.set_link(problem, from, to, link_of(from, *path));
    }
  }
  return measure;
}

}  // namespace

Measure::Measure(const Problem& problem)
    : hosts(static_cast<int>(problem.hosts.size())),
      per_second(problem.hosts.size()),
      onwards(problem.hosts.size() * problem.hosts.size()),
      returns(problem.hosts.size()) {}

double Measure::slice(const Problem& problem, const Stage& stage) const {
  return slice(problem, stage, stage_time(problem, stage).value());
}

double Measure::slice_beyond_time(const Problem& problem, const Stage& stage, double amount) const {
  const auto index = static_cast<std::size_t>(stage.host);
  const ProblemHost& host = problem.hosts[index];
  if (contended) amount *= host.contention(stage.first_block, stage.last_block, host.workers);
  if (memory_of == stage.host) amount += host.costs->memory(stage.first_block, stage.last_block).value();
  if (!blocks_before.empty()) {
    const double* const before = blocks_before.data() + index * static_cast<std::size_t>(problem.blocks + 1);
    amount += before[stage.last_block + 1] - before[stage.first_block];
  }
  return amount;
}

double Measure::of(const Problem& problem, const Plan& plan) const {
  double sum = 0;
  int at = problem.source;
  for (const Stage& stage : plan.stages) {
    if (stage.host != at) sum += move(at, stage.host, problem.bytes_into(stage.first_block));
    sum += slice(problem, stage);
    at = stage.host;
  }
  if (problem.workload.return_result && at != problem.source) sum += back(at, problem.cut_bytes.back());
  return sum;
}

void Measure::add(const Measure& other, double weight) {
  const auto add_link = [weight](Link& link, const Link& more) {
    link.per_message += weight * more.per_message;
    link.rate = 1 / (1 / link.rate + weight / more.rate);
  };
  for (std::size_t i = 0; i < per_second.size(); ++i) per_second[i] += weight * other.per_second[i];
  for (std::size_t i = 0; i < onwards.size(); ++i) add_link(onwards[i], other.onwards[i]);
  for (std::size_t i = 0; i < returns.size(); ++i) add_link(returns[i], other.returns[i]);
}

void Measure::set_link(const Problem& problem, int from, int to, const Link& link) {
  onwards[static_cast<std::size_t>(from * hosts + to)] = link;
  if (to == problem.source) returns[static_cast<std::size_t>(from)] = link;
}

Measure latency_of(const Problem& problem) {
  Measure latency = over_links(problem, [](int, const Path& path) {
    return Measure::Link{(path.delay + path.overhead).value(), path.bandwidth.value()};
  });
  latency.per_second.assign(problem.hosts.size(), 1);
  return latency;
}

Measure energy_of(const Problem& problem) {
  Measure energy = over_links(problem, [&](int from, const Path& path) {
    const double watts = problem.hosts[static_cast<std::size_t>(from)].power.send.value();
    return Measure::Link{0, path.bandwidth.value() / watts};
  });
  for (int host = 0; host < energy.hosts; ++host) {
    const auto index = static_cast<std::size_t>(host);
    energy.per_second[index] = problem.hosts[index].power.busy.value();
  }
  return energy;
}

Measure price_of(const Problem& problem) {
  Measure price = over_links(problem, [](int, const Path& path) { return Measure::Link{0, 1 / path.price}; });
  for (std::size_t host = 0; host < problem.hosts.size(); ++host) {
    price.per_second[host] = problem.hosts[host].price;
  }
  return price;
}

Measure measure_of(const Problem& problem, Criterion criterion) {
  switch (criterion) {
    case Criterion::kLatency:
      return latency_of(problem);
    case Criterion::kEnergy:
      return energy_of(problem);
    case Criterion::kPrice:
      return price_of(problem);
    case Criterion::kPeriod:
      break;
  }
  assert(false);
  return Measure(problem);
}

}  // namespace kerf
