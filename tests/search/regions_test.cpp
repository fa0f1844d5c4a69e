#include "planner/search/regions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "planner/search/cost.hpp"
#include "planner/search/envelope.hpp"
#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf::testing {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// Every plan that keeps to ranks and constraints.
std::vector<Plan> all_plans(const Problem& problem) {
  std::vector<Plan> plans;
  Plan plan;
  const auto extend = [&](const auto& self, int first) -> void {
    if (first == problem.blocks) {
      if (violation(problem, plan).empty()) plans.push_back(plan);
      return;
    }
    for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
      if (!plan.stages.empty() &&
          problem.hosts[at(host)].rank <= problem.hosts[at(plan.stages.back().host)].rank)
        continue;
      for (int last = first; last < problem.blocks; ++last) {
        plan.stages.push_back({host, first, last});
        self(self, last + 1);
        plan.stages.pop_back();
      }
    }
  };
  extend(extend, 0);
  std::sort(plans.begin(), plans.end());
  return plans;
}

std::vector<int> sequence_of(const Plan& plan) {
  std::vector<int> hosts;
  for (const Stage& stage : plan.stages) hosts.push_back(stage.host);
  return hosts;
}

struct Expected {
  Plan plan, runner_up;  // no stages: none
  double latency = kNever;
  double runner_up_latency = kNever;
};

// The best of all plans, costed one by one, and the best of those on other hosts.
Expected expected_at(Problem problem, const std::vector<Plan>& plans, const Paths& paths) {
  problem.paths = paths;
  Expected expected;
  std::vector<double> latencies;
  for (const Plan& plan : plans) {
    latencies.push_back(cost_of(problem, plan).latency.value());
    if (latencies.back() < expected.latency) {
      expected.latency = latencies.back();
      expected.plan = plan;
    }
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (sequence_of(plans[i]) == sequence_of(expected.plan)) continue;
    if (latencies[i] < expected.runner_up_latency) {
      expected.runner_up_latency = latencies[i];
      expected.runner_up = plans[i];
    }
  }
  return expected;
}

void expect_equal(const PointAnswer& found, const std::vector<Plan>& plans, const Expected& expected,
                  const std::string& what) {
  ASSERT_EQ(found.plan >= 0, !expected.plan.stages.empty()) << what;
  if (found.plan < 0) return;
  ASSERT_EQ(plans[at(found.plan)], expected.plan) << what;
  ASSERT_EQ(found.latency, expected.latency) << what;
  ASSERT_EQ(found.runner_up >= 0, !expected.runner_up.stages.empty()) << what;
  if (found.runner_up < 0) return;
  ASSERT_EQ(plans[at(found.runner_up)], expected.runner_up) << what;
  ASSERT_EQ(found.runner_up_latency, expected.runner_up_latency) << what;
  ASSERT_EQ((found.runner_up_latency - found.latency) / found.latency,
            (expected.runner_up_latency - expected.latency) / expected.latency)
      << what;  // the margin
}

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  double real(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }

 private:
  std::mt19937 random_;
};

// Two to four hosts, some on one rank. With `coarse` numbers many plans tie.
Problem random_problem(Draw& draw, bool coarse) {
  const int blocks = 1 + draw.below(6);
  const auto number = [&](double most) { return coarse ? draw.below(4) * 1.0 : draw.real(0, most); };
  std::vector<double> bytes;
  for (int cut = 0; cut <= blocks; ++cut) bytes.push_back(coarse ? draw.below(4) : draw.real(0, 1e6));
  Problem problem = chain(bytes);
  problem.decode = Seconds(draw.below(2) == 0 ? 0 : number(1e-3));
  problem.workload.return_result = draw.below(3) > 0;
  const int hosts = 2 + draw.below(3);
  for (int h = 0; h < hosts; ++h) {
    const double slowness = h == 0 ? 1.0 : 0.3;
    ProfileBlock block;
    block.weights = Bytes(1);
    block.activations = Bytes(1);
    std::vector<double> entry;
    for (int b = 0; b < blocks; ++b) entry.push_back(number(slowness));
    add_host(
        problem, numbered("h", at(h)), h < 2 ? h : h - draw.below(2),
        [&](int first, int last) {
          double time = 0;
          for (int b = first; b <= last; ++b) time += entry[at(b)];
          return coarse ? time : time * draw.real(0.8, 1.0);
        },
        std::vector<ProfileBlock>(at(blocks), block));
  }
  problem.source = draw.below(4) == 0 ? draw.below(hosts) : 0;
  for (ProblemHost& host : problem.hosts) {
    if (draw.below(8) == 0) host.used = draw.below(2) == 0;
    if (draw.below(8) == 0) host.memory = Bytes(1 + draw.below(blocks + 1));
    if (draw.below(8) == 0) host.upload = Bytes(coarse ? draw.below(6) : draw.real(0, 2e6));
    if (draw.below(8) == 0) host.must_not_run = testing::blocks(problem, {draw.below(blocks)});
    if (draw.below(10) == 0) host.must_run = testing::blocks(problem, {draw.below(blocks)});
  }
  return problem;
}

// Some paths over the swept link alone, some that another link limits from a bandwidth on, some without it.
struct Network {
  struct Way {
    bool exists = true;
    bool swept = true;
    double other = 0;  // bandwidth of the other link
    double share = 1;  // of the swept link's bandwidth
    int hops = 1;      // how often the delay counts
    double delay = 0;  // besides
  };
  std::vector<Way> ways;

  Network(Draw& draw, std::size_t hosts, bool coarse) {
    for (std::size_t i = 0; i < hosts * hosts; ++i) {
      ways.push_back({i / hosts == i % hosts || draw.below(12) > 0, draw.below(3) > 0,
                      coarse ? 1.0 + draw.below(3) : draw.real(1e5, 2e7), draw.below(3) == 0 ? 0.95 : 1,
                      draw.below(3), coarse ? draw.below(2) * 1.0 : draw.real(0, 0.01)});
    }
  }
  [[nodiscard]] Paths paths(double bandwidth, double delay) const {
    Paths made;
    const auto hosts = static_cast<std::size_t>(std::sqrt(static_cast<double>(ways.size())) + 0.5);
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const Way& way = ways[i];
      made.emplace_back();
      if (i / hosts == i % hosts) {
        made.back() = Path{Seconds{}, Seconds{}, BytesPerSecond(kNever)};
      } else if (way.exists) {
        const double rate = way.swept ? std::min(way.share * bandwidth, way.other) : way.other;
        made.back() = Path{Seconds(way.delay + way.hops * delay), Seconds(1e-4), BytesPerSecond(rate)};
      }
    }
    return made;
  }
};

std::vector<double> bandwidths(Draw& draw, bool coarse, int count) {
  std::vector<double> made;
  double bandwidth = coarse ? 0.25 : draw.real(1e4, 1e6);
  for (int i = 0; i < count; ++i, bandwidth *= coarse ? 2 : draw.real(1.1, 2.0)) made.push_back(bandwidth);
  return made;
}

RegionGrid regions_of(const Problem& problem, const Network& network, const std::vector<double>& columns,
                      const std::vector<double>& rows) {
  std::vector<Paths> column_paths;
  std::vector<Paths> row_paths;
  for (const double bandwidth : columns) column_paths.push_back(network.paths(bandwidth, 77));
  for (const double delay : rows) row_paths.push_back(network.paths(3, delay));
  return best_regions(problem, column_paths, row_paths);
}

void compare(bool coarse, int problems, unsigned seed) {
  Draw draw(seed);
  int cells = 0;
  int several = 0;
  for (int i = 0; i < problems; ++i) {
    Problem problem = random_problem(draw, coarse);
    const Network network(draw, problem.hosts.size(), coarse);
    const std::vector<double> columns = bandwidths(draw, coarse, 1 + draw.below(8));
    std::vector<double> rows;
    for (int row = 0; row <= draw.below(4); ++row) rows.push_back(coarse ? row : draw.real(0, 0.3));
    problem.paths = network.paths(columns[0], rows[0]);
    const std::vector<Plan> plans = all_plans(problem);

    const RegionGrid grid = regions_of(problem, network, columns, rows);
    ASSERT_EQ(grid.cells.size(), columns.size() * rows.size());
    ASSERT_TRUE(std::is_sorted(grid.plans.begin(), grid.plans.end()));
    several += grid.plans.size() > 3 ? 1 : 0;
    for (std::size_t column = 0; column < columns.size(); ++column) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        const Expected expected = expected_at(problem, plans, network.paths(columns[column], rows[row]));
        expect_equal(
            grid.at(column, row), grid.plans, expected,
            "problem " + std::to_string(i) + ", cell " + std::to_string(column) + ", " + std::to_string(row));
        if (::testing::Test::HasFatalFailure()) return;
        ++cells;
      }
    }
  }
  EXPECT_GT(cells, problems);
  EXPECT_GT(several, problems / 40);
}

TEST(Regions, EqualEveryPlanTriedAtEveryPoint) {
  compare(false, 10000, 1);
}

TEST(Regions, EqualEveryPlanTriedWhereManyPlansTie) {
  compare(true, 10000, 2);
}

TEST(Regions, PointsBetweenTheEndsEqualEveryPlanTried) {
  Draw draw(3);
  for (int i = 0; i < 5000; ++i) {
    Problem problem = random_problem(draw, i % 3 == 0);
    Network network(draw, problem.hosts.size(), i % 3 == 0);
    for (Network::Way& way : network.ways) way.other = way.swept ? kNever : way.other;  // a straight line
    const double low = draw.real(0.1, 1e6);
    const double high = low * draw.real(1, 1000);
    problem.paths = network.paths(low, 0);
    const std::vector<Plan> plans = all_plans(problem);
    const SegmentPlans segment(problem, network.paths(low, 0), network.paths(high, 0));
    for (int point = 0; point < 5; ++point) {
      const Paths paths = network.paths(draw.real(low, high), draw.real(0, 0.5));
      expect_equal(segment.best_at(paths), segment.plans(), expected_at(problem, plans, paths),
                   "problem " + std::to_string(i));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Regions, AgreeWithTheSearch) {
  Draw draw(4);
  for (int i = 0; i < 200; ++i) {
    Problem problem = random_problem(draw, false);
    const Network network(draw, problem.hosts.size(), false);
    problem.paths = network.paths(1e6, 0.02);
    const std::vector<Paths> here{problem.paths};
    const RegionGrid grid = best_regions(problem, here, here);
    const SearchResult found = best_plans(problem, {.top = 2, .one_per_host_sequence = true});
    ASSERT_EQ(grid.cells[0].plan >= 0, !found.plans.empty());
    if (found.plans.empty()) continue;
    EXPECT_EQ(grid.plans[at(grid.cells[0].plan)], found.plans[0].plan);
    EXPECT_EQ(grid.cells[0].latency, found.plans[0].latency.value());
    ASSERT_EQ(grid.cells[0].runner_up >= 0, found.plans.size() > 1);
    if (found.plans.size() > 1) {
      EXPECT_EQ(grid.cells[0].runner_up_latency, found.plans[1].latency.value());
    }
  }
}

// Rows are answered in blocks of 32: more rows than one block, and a last one that is not full. Delays go up
// and down, so that the hosts that are best change within blocks.
TEST(Regions, ManyRowsEqualEveryPlanTried) {
  Draw draw(6);
  for (int i = 0; i < 300; ++i) {
    const bool coarse = i % 3 == 0;
    Problem problem = random_problem(draw, coarse);
    const Network network(draw, problem.hosts.size(), coarse);
    const std::vector<double> columns = bandwidths(draw, coarse, 2);
    std::vector<double> rows;
    for (int row = 0; row < 30 + draw.below(50); ++row)
      rows.push_back(coarse ? draw.below(4) * 1.0 : draw.real(0, 0.3) * draw.below(3));
    problem.paths = network.paths(columns[0], rows[0]);
    const std::vector<Plan> plans = all_plans(problem);
    const RegionGrid grid = regions_of(problem, network, columns, rows);
    for (std::size_t column = 0; column < columns.size(); ++column) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        expect_equal(grid.at(column, row), grid.plans,
                     expected_at(problem, plans, network.paths(columns[column], rows[row])),
                     "problem " + std::to_string(i) + ", row " + std::to_string(row));
        if (HasFatalFailure()) return;
      }
    }
  }
}

// 64 hosts of one rank: more sequences of hosts, and more paths, than most problems have.
TEST(Regions, ManySequencesOfHostsEqualEveryPlanTried) {
  Draw draw(7);
  Problem problem = chain({3e5, 1e5, 2e5, 1e3});
  add_host(problem, "h0", 0, {0.3, 0.2, 0.4});
  for (std::size_t host = 1; host < 64; ++host)
    add_host(problem, numbered("h", host), 1, {draw.real(0, 0.2), draw.real(0, 0.2), draw.real(0, 0.2)});
  Network network(draw, problem.hosts.size(), false);
  for (Network::Way& way : network.ways) way.other = way.swept ? kNever : way.other;
  problem.paths = network.paths(1e5, 0);
  const std::vector<Plan> plans = all_plans(problem);
  const SegmentPlans segment(problem, network.paths(1e5, 0), network.paths(1e7, 0));
  EXPECT_GT(segment.sequences().size(), 64U);
  for (int point = 0; point < 20; ++point) {
    const Paths paths = network.paths(draw.real(1e5, 1e7), draw.real(0, 0.1));
    expect_equal(segment.best_at(paths), segment.plans(), expected_at(problem, plans, paths),
                 "point " + std::to_string(point));
    if (HasFatalFailure()) return;
    const RegionGrid grid = best_regions(problem, {&paths, 1}, {&paths, 1});
    expect_equal(grid.cells[0], grid.plans, expected_at(problem, plans, paths), "grid");
    if (HasFatalFailure()) return;
  }
}

// By hand: one block of 2 s here or 1 s there, 1 byte to send and nothing returned. There is better as soon
// as sending takes less than 1 s.
TEST(Regions, OneCorner) {
  Problem problem = chain({1, 1});
  add_host(problem, "here", 0, {2.0});
  add_host(problem, "there", 1, {1.0});
  connect(problem, "here", "there", Seconds(0), BytesPerSecond(1));
  problem.workload.return_result = false;
  std::vector<Paths> columns;
  for (const double bandwidth : {0.5, 1.0, 2.0}) {
    connect(problem, "here", "there", Seconds(0), BytesPerSecond(bandwidth));
    columns.push_back(problem.paths);
  }
  std::vector<Paths> rows;
  for (const double delay : {0.0, 0.75}) {
    connect(problem, "here", "there", Seconds(delay), BytesPerSecond(1));
    rows.push_back(problem.paths);
  }
  const RegionGrid grid = best_regions(problem, columns, rows);
  const auto plan_at = [&](std::size_t column, std::size_t row) {
    return text(problem, grid.plans[at(grid.at(column, row).plan)]);
  };
  EXPECT_EQ(plan_at(0, 0), "here:0-0");
  EXPECT_EQ(plan_at(1, 0), "here:0-0");  // a tie: plan order
  EXPECT_EQ(plan_at(2, 0), "there:0-0");
  EXPECT_EQ(plan_at(2, 1), "here:0-0");
  EXPECT_EQ(grid.at(2, 0).latency, 1.5);
  EXPECT_EQ(grid.at(2, 0).runner_up_latency, 2);
  EXPECT_EQ(grid.at(2, 1).runner_up_latency, 2.25);
}

TEST(Envelope, KeepsWhatIsLeastSomewhere) {
  Draw draw(5);
  for (int i = 0; i < 2000; ++i) {
    std::vector<Segment> all;
    for (int s = 0; s <= draw.below(12); ++s) all.push_back({draw.below(20) * 1.0, draw.below(20) * 1.0, s});
    std::vector<Segment> kept = all;
    keep_near_envelope(kept, 1e-9);
    for (int step = 0; step <= 400; ++step) {
      const double t = step / 400.0;
      const auto least = [&](const std::vector<Segment>& segments) {
        double best = kNever;
        for (const Segment& s : segments) best = std::min(best, s.start + t * (s.end - s.start));
        return best;
      };
      ASSERT_EQ(least(kept), least(all));
    }
    // Whatever is kept is least, or nearly, at an end or where two segments cross.
    for (const Segment& s : kept) {
      double nearest = kNever;
      std::vector<double> corners{0, 1};
      for (const Segment& a : all) {
        for (const Segment& b : all) {
          const double slopes = (a.end - a.start) - (b.end - b.start);
          if (slopes != 0) corners.push_back(std::clamp((b.start - a.start) / slopes, 0.0, 1.0));
        }
      }
      for (const double t : corners) {
        double best = kNever;
        for (const Segment& other : all) best = std::min(best, other.start + t * (other.end - other.start));
        nearest = std::min(nearest, s.start + t * (s.end - s.start) - best);
      }
      ASSERT_LE(nearest, 1e-8);
    }
  }
}

}  // namespace
}  // namespace kerf::testing
