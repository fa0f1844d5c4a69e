#include "tests/search/random_problem.hpp"

#include "tests/search/problems.hpp"

namespace kerf::testing {
namespace {

std::vector<bool> random_mask(Dice& dice, int blocks) {
  std::vector<bool> mask(static_cast<std::size_t>(blocks));
  if (dice.chance(15)) mask[static_cast<std::size_t>(dice.below(blocks))] = true;
  return mask;
}

void constrain_locally(Dice& dice, const Problem& problem, ProblemHost& host) {
  host.must_run = random_mask(dice, problem.blocks);
  host.must_not_run = random_mask(dice, problem.blocks);
  if (dice.chance(12)) host.used = dice.chance(60);
  if (dice.chance(20)) host.upload = Bytes(1 + dice.below(30));
  if (dice.chance(20)) host.memory = Bytes(4 + dice.below(20));
}

}  // namespace

Problem random_problem(Dice& dice, const Shape& shape) {
  const bool whole = dice.chance(50);
  const int blocks = 1 + dice.below(shape.most_blocks);
  const int hosts = 1 + dice.below(shape.most_hosts);
  std::vector<double> cuts;
  for (int cut = 0; cut <= blocks; ++cut) cuts.push_back(1 + dice.below(20));
  Problem p = chain(cuts);
  p.wire_bytes = Bytes(1 + dice.below(20));
  p.decode = Seconds(dice.below(3));
  p.workload.return_result = dice.chance(70);
  for (int h = 0; h < hosts; ++h) {
    std::vector<ProfileBlock> sizes(static_cast<std::size_t>(blocks));
    for (ProfileBlock& block : sizes) {
      block.weights = Bytes(1 + dice.below(5));
      block.activations = Bytes(1 + dice.below(5));
    }
    const std::string name = numbered("h", static_cast<std::size_t>(h));
    std::vector<double> seconds;  // of blocks, whose slices are their sums
    for (int block = 0; block < blocks; ++block) seconds.push_back(dice.number(whole, 10) - (whole ? 1 : 0));
    const auto slice = [&](int first, int last) { return dice.number(whole, 10 * (last - first + 1)); };
    const int rank = dice.below(shape.ranks);
    ProblemHost& host =
        dice.chance(35) ? add_host(p, name, rank, seconds) : add_host(p, name, rank, slice, sizes);
    host.slowdown = dice.chance(30) ? 2 : 1;
    if (shape.constrained) constrain_locally(dice, p, host);
  }
  p.source = dice.below(hosts);
  for (int from = 0; from < hosts; ++from) {
    for (int to = 0; to < hosts; ++to) {
      if (from == to || dice.chance(10)) continue;
      const double bandwidth = dice.chance(4) ? 0 : whole ? 1 << dice.below(4) : dice.number(false, 8);
      connect_one_way(p, numbered("h", static_cast<std::size_t>(from)),
                      numbered("h", static_cast<std::size_t>(to)), Seconds(dice.number(whole, 4)),
                      BytesPerSecond(bandwidth), Seconds(dice.below(2)));
    }
  }
  return p;
}

Problem decimal_problem(Dice& dice, int most_blocks, int most_hosts) {
  const int blocks = 1 + dice.below(most_blocks);
  const int hosts = 1 + dice.below(most_hosts);
  const auto tenths = [&] { return 0.1 * (1 + dice.below(3)); };
  std::vector<double> cuts;
  for (int cut = 0; cut <= blocks; ++cut) cuts.push_back(tenths());
  Problem p = chain(cuts);
  for (int h = 0; h < hosts; ++h) {
    const std::string name = numbered("h", static_cast<std::size_t>(h));
    const int rank = dice.chance(70) ? h : dice.below(3);
    if (dice.chance(60)) {
      std::vector<double> seconds;
      for (int block = 0; block < blocks; ++block) seconds.push_back(tenths());
      add_host(p, name, rank, seconds);
    } else {
      const auto slice = [&](int first, int last) { return 0.1 * (last - first + 1 + dice.below(2)); };
      add_host(p, name, rank, slice, std::vector<ProfileBlock>(static_cast<std::size_t>(blocks)));
    }
    p.hosts.back().slowdown = dice.chance(50) ? 1 : 1.7;
  }
  for (const ProblemHost& from : p.hosts) {
    for (const ProblemHost& to : p.hosts) {
      if (from.name == to.name) continue;
      connect_one_way(p, from.name, to.name, Seconds(0.1 * dice.below(2)),
                      BytesPerSecond(0.3 + 0.7 * dice.below(3)));
    }
  }
  return p;
}

// Random instances, workers and a random net of shared and unshared links that routes cross at random.
void put_under_load(Dice& dice, Problem& p) {
  std::vector<PlatformHost> hosts;
  for (ProblemHost& host : p.hosts) {
    host.instances.clear();
    for (int i = 1 + dice.below(3); i > 0; --i) {
      host.instances.push_back(static_cast<HostId>(hosts.size()));
      hosts.push_back({numbered("p", hosts.size()), 1e9, 1});
    }
    host.workers = 1 + dice.below(2);
    host.utilization = dice.chance(30) ? 0.25 : 0;
  }
  std::vector<Link> links;
  for (int l = 0; l < 4; ++l) {
    const std::string name = numbered("l", links.size());
    const BytesPerSecond bandwidth(1 + dice.below(8));
    const bool shared = dice.chance(75);
    links.push_back({name, name, Direction::kBoth, bandwidth, Seconds{}, shared});
    p.links.push_back({name, bandwidth, Seconds{}, Seconds{}, shared});
  }
  std::vector<std::optional<std::vector<LinkId>>> routes;
  for (std::size_t from = 0; from < hosts.size(); ++from) {
    for (std::size_t to = 0; to < hosts.size(); ++to) {
      std::vector<LinkId> route;
      for (LinkId l = 0; l < 4; ++l) {
        if (from != to && dice.chance(35)) route.push_back(l);
      }
      routes.emplace_back(std::move(route));
    }
  }
  p.platform = std::make_shared<const Platform>("random.xml", "", std::move(hosts), std::move(links),
                                                std::move(routes));
  p.workload.arrivals = dice.chance(50) ? Arrivals::kPoisson : Arrivals::kPeriodic;
  p.workload.rate = PerSecond((1 + dice.below(10)) / 64.0);
}

void put_prices(Dice& dice, Problem& problem) {
  for (ProblemHost& host : problem.hosts) {
    host.power.busy = Watts(dice.below(5));
    host.power.send = Watts(dice.below(3));
    host.price = dice.below(4);
  }
  for (auto& path : problem.paths) {
    if (path) path->price = dice.chance(50) ? 0 : 1 << dice.below(3);
  }
}

namespace {

ComputeCap random_cap(Dice& dice) {
  ComputeCap cap;
  if (dice.chance(15)) cap.seconds = Seconds(2 + dice.below(30));
  if (dice.chance(15)) cap.share = (10 + dice.below(80)) / 100.0;
  return cap;
}

}  // namespace

void constrain_everything(Dice& dice, Problem& problem) {
  for (ProblemHost& host : problem.hosts) {
    constrain_locally(dice, problem, host);
    host.compute_cap = random_cap(dice);
  }
  for (int rank = 0; rank < 3; ++rank) {
    if (!dice.chance(25)) continue;
    ProblemTier& tier = add_tier(problem, numbered("tier", static_cast<std::size_t>(rank)), rank);
    tier.must_run = random_mask(dice, problem.blocks);
    tier.must_not_run = random_mask(dice, problem.blocks);
    if (dice.chance(20)) tier.used = dice.chance(60);
    if (dice.chance(20)) tier.upload = Bytes(1 + dice.below(30));
    tier.compute_cap = random_cap(dice);
  }
  const std::size_t hosts = problem.hosts.size();
  if (dice.chance(20)) {
    LinkBudget& budget = problem.link_budgets.emplace_back();
    budget.network = "net";
    for (std::size_t i = 0; i < hosts * hosts; ++i) {
      budget.pairs.push_back(i / hosts != i % hosts && dice.chance(50));
    }
    budget.bytes = Bytes(1 + dice.below(40));
  }
  if (dice.chance(20)) problem.deadline = Seconds(10 + dice.below(60));
  if (dice.chance(20)) problem.energy = Joules(10 + dice.below(80));
  if (dice.chance(20)) problem.price = 10 + dice.below(80);
  if (dice.chance(10)) {
    problem.kept.resize(problem.cut_bytes.size());
    const int until = dice.below(problem.blocks + 1);
    for (int cut = 0; cut <= problem.blocks; ++cut) {
      problem.kept[static_cast<std::size_t>(cut)] = cut == 0 || cut < until || dice.chance(10);
    }
  }
  if (dice.chance(15)) problem.rules.slices = 1 + dice.below(3);
}

void allow_any_order(Dice& dice, Problem& problem) {
  problem.rules.any_order = true;
  problem.rules.revisit = dice.chance(50);
  problem.rules.one_per_tier = dice.chance(30);
}

void choose_objective(Dice& dice, Problem& problem) {
  std::vector<Criterion> all{Criterion::kLatency, Criterion::kEnergy, Criterion::kPrice, Criterion::kPeriod};
  for (int i = 0; i < 3; ++i)
    std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(i + dice.below(4 - i))]);
  auto& minimize = problem.objective.minimize;
  const int criteria = 1 + dice.below(3);
  if (dice.chance(50)) minimize.emplace_back();
  for (int i = 0; i < criteria; ++i) {
    const WeightedCriterion part{all[static_cast<std::size_t>(i)], 1.0 + dice.below(3)};
    if (minimize.empty() || !dice.chance(50)) minimize.emplace_back();
    minimize.back().push_back(part);
  }
  std::erase_if(minimize, [](const auto& level) { return level.empty(); });
}

}  // namespace kerf::testing
