#include "tests/search/problems.hpp"

#include <limits>
#include <stdexcept>

namespace kerf::testing {
namespace {

Profile profile_of(const Problem& problem, const std::string& name, const std::vector<ProfileBlock>& blocks) {
  Profile profile;
  profile.host = name;
  profile.model = problem.model;
  for (const Bytes bytes : problem.cut_bytes) profile.cuts.push_back({{"t"}, bytes});
  profile.blocks = blocks;
  profile.rows.emplace_back().entry.resize(blocks.size());
  profile.rows[0].exit.resize(blocks.size());
  profile.rows[0].ratios = {1};
  return profile;
}

void measure(Profile& profile, int first, int last, double seconds) {
  profile.rows[0].measurements.push_back(
      {first, last, Seconds(seconds), Seconds(seconds), Seconds(seconds), 1, Seconds(0), Bytes(0)});
}

ProblemHost& add(Problem& problem, const std::string& name, int rank, Profile profile) {
  ProblemHost added;
  added.name = name;
  added.tier = numbered("tier", static_cast<std::size_t>(rank));
  added.rank = rank;
  added.instances = {static_cast<HostId>(problem.hosts.size())};
  added.costs = std::make_shared<const SliceCosts>(std::move(profile));

  // The table of paths grows by a row and a column; a host reaches itself for nothing.
  const std::size_t before = problem.hosts.size();
  std::vector<std::optional<Path>> paths((before + 1) * (before + 1));
  for (std::size_t from = 0; from < before; ++from) {
    for (std::size_t to = 0; to < before; ++to)
      paths[from * (before + 1) + to] = problem.paths[from * before + to];
  }
  paths.back() = Path{Seconds{}, Seconds{}, BytesPerSecond(std::numeric_limits<double>::infinity())};
  problem.paths = std::move(paths);
  problem.hosts.push_back(std::move(added));
  return problem.hosts.back();
}

}  // namespace

Problem chain(const std::vector<double>& cut_bytes) {
  Problem problem;
  problem.name = "test";
  problem.model = "chain";
  problem.blocks = static_cast<int>(cut_bytes.size()) - 1;
  for (const double bytes : cut_bytes) problem.cut_bytes.emplace_back(bytes);
  for (int block = 0; block < problem.blocks; ++block)
    problem.block_names.push_back(numbered("b", static_cast<std::size_t>(block)));
  problem.wire_bytes = problem.cut_bytes.front();
  return problem;
}

ProblemHost& add_host(Problem& problem, const std::string& name, int rank,
                      const std::vector<double>& seconds) {
  ProfileBlock block;
  block.weights = Bytes(1);
  block.activations = Bytes(1);
  Profile profile = profile_of(problem, name, std::vector<ProfileBlock>(seconds.size(), block));
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    measure(profile, static_cast<int>(i), static_cast<int>(i), seconds[i]);
  }
  return add(problem, name, rank, std::move(profile));
}

ProblemHost& add_host(Problem& problem, const std::string& name, int rank,
                      const std::function<double(int, int)>& time, const std::vector<ProfileBlock>& blocks) {
  Profile profile = profile_of(problem, name, blocks);
  for (int first = 0; first < problem.blocks; ++first) {
    for (int last = first; last < problem.blocks; ++last) measure(profile, first, last, time(first, last));
  }
  return add(problem, name, rank, std::move(profile));
}

ProblemTier& add_tier(Problem& problem, const std::string& name, int rank) {
  ProblemTier& tier = problem.tiers.emplace_back();
  tier.name = name;
  tier.rank = rank;
  return tier;
}

std::string numbered(std::string_view prefix, std::size_t number) {
  std::string name(prefix);
  name += std::to_string(number);
  return name;
}

int index_of(const Problem& problem, std::string_view host) {
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    if (problem.hosts[i].name == host) return static_cast<int>(i);
  }
  throw std::invalid_argument("no such host: " + std::string(host));
}

ProblemHost& host(Problem& problem, std::string_view name) {
  return problem.hosts[static_cast<std::size_t>(index_of(problem, name))];
}

void connect_one_way(Problem& problem, std::string_view from, std::string_view to, Seconds delay,
                     BytesPerSecond bandwidth, Seconds overhead) {
  const auto row = static_cast<std::size_t>(index_of(problem, from));
  const auto column = static_cast<std::size_t>(index_of(problem, to));
  problem.paths[row * problem.hosts.size() + column] = Path{delay, overhead, bandwidth};
}

void connect(Problem& problem, std::string_view a, std::string_view b, Seconds delay,
             BytesPerSecond bandwidth) {
  connect_one_way(problem, a, b, delay, bandwidth);
  connect_one_way(problem, b, a, delay, bandwidth);
}

std::vector<bool> blocks(const Problem& problem, const std::vector<int>& marked) {
  std::vector<bool> mask(static_cast<std::size_t>(problem.blocks));
  for (const int block : marked) mask[static_cast<std::size_t>(block)] = true;
  return mask;
}

std::string text(const Problem& problem, const Plan& plan) {
  return to_text(plan, problem.host_names());
}

Plan plan(const Problem& problem, std::string_view text) {
  return parse_plan(text, problem.host_names(), problem.blocks);
}

void put_on_shared_link(Problem& problem, const std::vector<int>& instances, BytesPerSecond bandwidth) {
  std::vector<PlatformHost> hosts;
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    problem.hosts[i].instances.clear();
    for (int member = 0; member < instances[i]; ++member) {
      problem.hosts[i].instances.push_back(static_cast<HostId>(hosts.size()));
      hosts.push_back({numbered("h", hosts.size()), 1e9, 1});
    }
  }
  std::vector<std::optional<std::vector<LinkId>>> routes(hosts.size() * hosts.size(), std::vector<LinkId>{0});
  for (std::size_t i = 0; i < hosts.size(); ++i) routes[i * hosts.size() + i]->clear();
  const Link link{"wire", "wire", Direction::kBoth, bandwidth, Seconds{}, true};
  problem.platform = std::make_shared<const Platform>("test.xml", "", std::move(hosts),
                                                      std::vector<Link>{link}, std::move(routes));
  problem.links = {{"wire", bandwidth, Seconds{}, Seconds{}, true}};
}

}  // namespace kerf::testing
