#include "testbed/executors.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/testbed/small_scenario.hpp"

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int kEdge = 1;
constexpr int kCloud = 2;

std::string line(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string by_host(int /*host_class*/, HostId host) {
  return fmt::format("h{}:1", host);
}

TEST(Slices, OfAllPlansEachOnce) {
  SmallScenario small;
  const std::vector<Plan> plans{small.plan("camera:0-1,edge:2-3"),
                                small.plan("camera:0-0,edge:1-1,cloud:2-3"), small.plan("edge:0-3"),
                                small.plan("camera:0-1,edge:2-3")};
  EXPECT_THAT(slices_of(plans, kEdge), ElementsAre(Pair(0, 3), Pair(1, 1), Pair(2, 3)));
  EXPECT_THAT(slices_of(plans, kCloud), ElementsAre(Pair(2, 3)));
}

TEST(Servers, LaterTiersAreStartedFirstAndIdleOnesNot) {
  SmallScenario small;
  const std::shared_ptr<const Problem> problem = small.problem();
  const std::vector<Plan> plans{small.plan("camera:0-1,edge:2-2,cloud:3-3")};
  const std::vector<ServerPlace> places = server_places(*problem, plans);
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].host_class, kCloud);
  EXPECT_EQ(places[1].host_class, kEdge);
  EXPECT_THAT(server_places(*problem, std::vector<Plan>{small.plan("camera:0-3")}), IsEmpty());
}

TEST(Servers, KnowWhoComesAfterThem) {
  SmallScenario small;
  const std::shared_ptr<const Problem> problem = small.problem();
  const ServerPlace edge{.host_class = kEdge, .host = problem->instance(kEdge, 0)};
  const ServerPlace cloud{.host_class = kCloud, .host = problem->instance(kCloud, 0)};
  EXPECT_THAT(next_of(*problem, edge, by_host), ElementsAre(Pair("cloud", by_host(kCloud, cloud.host))));
  EXPECT_THAT(next_of(*problem, cloud, by_host), IsEmpty());
}

TEST(Servers, CommandLine) {
  SmallScenario small;
  const std::shared_ptr<const Problem> problem = small.problem();
  const std::vector<Plan> plans{small.plan("camera:0-1,edge:2-3"), small.plan("edge:0-3")};
  const ServerPlace edge{.host_class = kEdge, .host = problem->instance(kEdge, 0)};
  EXPECT_EQ(line(serve_words(small.scenario(), *problem, plans, edge, "10.97.0.3:8470",
                             {{"cloud", "10.97.0.4:8470"}})),
            "serve mobilenet --shape input=1,3,224,224 --as edge --threads 1 --workers 2 --insecure --listen "
            "10.97.0.3:8470 --slice 0-3 --slice 2-3 --next cloud=10.97.0.4:8470 --decode 0.001s");
}

TEST(Devices, CommandLine) {
  SmallScenario small;
  const std::shared_ptr<const Problem> problem = small.problem();
  EXPECT_EQ(line(run_words(small.scenario(), *problem, small.plan("camera:0-1,edge:2-3"), 1, {},
                           {{"edge", "a:1"}}, "o.csv")),
            "run mobilenet --shape input=1,3,224,224 --as camera --threads 1 --workers 1 --insecure --plan "
            "camera:0-1,edge:2-3 --host edge=a:1 --arrivals poisson --requests 20 --warmup 2 --seed 3 "
            "--device 1 --rate "
            "5/s --input-bytes 90000B --wait --out o.csv");
}

TEST(Devices, NeedAModelToRun) {
  SmallScenario small;
  Scenario scenario = small.scenario();
  scenario.model.zoo.clear();
  try {
    static_cast<void>(run_words(scenario, *small.problem(), small.plan("camera:0-3"), 0, {}, {}, "o.csv"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("profiles alone cannot be run"));
  }
}

}  // namespace
}  // namespace kerf
