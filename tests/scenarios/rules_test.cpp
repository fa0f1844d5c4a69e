// [plans], [objective] and [constraints]: how they are written, and what is refused.

#include <algorithm>

#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ScenarioFile with(const std::vector<std::string>& settings) {
  ScenarioFile file(std::string(kExample), "scenarios/cameras.toml");
  for (const std::string& setting : settings) file.set(setting);
  return file;
}

Error refused(const std::vector<std::string>& settings) {
  try {
    static_cast<void>(with(settings).bind());
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "not refused";
  return {ErrorCode::kBug, "", ""};
}

TEST(Rules, PlansMoveForwardUnlessTold) {
  EXPECT_FALSE(with({}).bind().rules.any_order);
  const PlanRules rules =
      with({"plans.order=any", "plans.revisit=true", "plans.one_per_tier=true", "plans.slices=3"})
          .bind()
          .rules;
  EXPECT_TRUE(rules.any_order);
  EXPECT_TRUE(rules.revisit);
  EXPECT_TRUE(rules.one_per_tier);
  EXPECT_EQ(rules.slices, 3);
}

TEST(Rules, ForwardPlansRevisitNothing) {
  EXPECT_EQ(refused({"plans.revisit=true"}).expected(), "order = \"any\" beside it");
}

TEST(Rules, AnUnknownOrderNamesTheKnown) {
  EXPECT_EQ(refused({"plans.order=forwards"}).hint(), "did you mean \"forward\"?");
}

TEST(Rules, ObjectivesAreSumsOneAfterTheOther) {
  using Level = std::vector<WeightedCriterion>;
  const auto minimize = [](const std::string& value) {
    return with({"objective.minimize=" + value}).bind().objective;
  };
  EXPECT_THAT(minimize("energy").minimize, ElementsAre(Level{{Criterion::kEnergy, 1}}));
  EXPECT_THAT(minimize("{ latency = 1, price = 0.5 }").minimize,
              ElementsAre(Level{{Criterion::kLatency, 1}, {Criterion::kPrice, 0.5}}));
  EXPECT_THAT(minimize("[\"period\", { energy = 2 }]").minimize,
              ElementsAre(Level{{Criterion::kPeriod, 1}}, Level{{Criterion::kEnergy, 2}}));
  EXPECT_EQ(minimize("[\"energy\", \"latency.p99\"]").latency, Statistic::kP99);
}

TEST(Rules, WeightsAreAboveZero) {
  EXPECT_THAT(refused({"objective.minimize={ latency = 0 }"}).expected(), HasSubstr("a weight above 0"));
  EXPECT_EQ(refused({"objective.minimize={ latencies = 1 }"}).hint(), "did you mean \"latency\"?");
  EXPECT_THAT(refused({"objective.minimize=[]"}).expected(), HasSubstr("one to four criteria"));
}

TEST(Rules, MaximizeThroughputIsMinimizePeriod) {
  ScenarioFile file(
      "[platform]\nfile = \"p.xml\"\n[hosts.phone]\ntier = \"device\"\nprofile = \"p.json\"\n"
      "[objective]\nmaximize = \"throughput\"\n",
      "cameras.toml");
  EXPECT_EQ(file.bind().objective.minimize[0][0].criterion, Criterion::kPeriod);
  EXPECT_EQ(refused({"objective.maximize=throughput"}).found(), "[objective] has both minimize and maximize");
}

TEST(Rules, ATierIsCalledByItsNameWhereNoClassHasIt) {
  const Scenario scenario = with({"constraints.device.used=true", "constraints.tier.edge.upload=1kB",
                                  "constraints.edge.upload=2kB"})
                                .bind();
  const auto find = [&](const std::string& name, bool tier) {
    return std::any_of(scenario.constraints.begin(), scenario.constraints.end(),
                       [&](const PlaceConstraints& c) { return c.name == name && c.is_tier == tier; });
  };
  EXPECT_TRUE(find("device", true));
  EXPECT_TRUE(find("edge", true));
  EXPECT_TRUE(find("edge", false));
  EXPECT_TRUE(find("camera", false));
}

TEST(Rules, ComputingIsCappedByTimeAndByShare) {
  const auto cap = [](const std::string& value) {
    return with({"constraints.device={ compute = " + value + " }"}).bind().constraints.back().compute;
  };
  EXPECT_EQ(cap("\"40ms\"").seconds, Seconds(0.04));
  EXPECT_EQ(cap("\"40ms\"").share, std::nullopt);
  EXPECT_EQ(cap("\"30%\"").share, 0.3);
  EXPECT_EQ(cap("[\"40ms\", \"30%\"]").share, 0.3);
  EXPECT_EQ(cap("[\"40ms\", \"30%\"]").seconds, Seconds(0.04));
  EXPECT_THAT(refused({"constraints.edge.compute=130%"}).expected(), HasSubstr("0% to 100%"));
  EXPECT_THAT(refused({"constraints.edge.compute=40"}).expected(), HasSubstr("a share of all computing"));
}

TEST(Rules, CapsOnTheWholePlan) {
  const PlanConstraints plan = with({"constraints.deadline=200ms", "constraints.energy=350mJ",
                                     "constraints.price=0.002", "constraints.private_until=3"})
                                   .bind()
                                   .plan_constraints;
  EXPECT_EQ(plan.deadline, Seconds(0.2));
  EXPECT_EQ(plan.energy, Joules(0.35));
  EXPECT_EQ(plan.price, 0.002);
  EXPECT_EQ(plan.private_until, "3");
  EXPECT_EQ(refused({"constraints.dedline=200ms"}).hint(), "did you mean \"deadline\"?");
}

TEST(Rules, CapsOnANetworkGroup) {
  const auto caps = with({"constraints.network.uplink.bytes=1MB"}).bind().network_constraints;
  ASSERT_EQ(caps.size(), 1U);
  EXPECT_EQ(caps[0].bytes, Bytes(1e6));
  EXPECT_EQ(refused({"constraints.network.uplnk.bytes=1MB"}).hint(), "did you mean \"uplink\"?");
  EXPECT_EQ(refused({"constraints.tier.egde.used=true"}).hint(), "did you mean \"edge\"?");
}

TEST(Rules, PricesArePerTimeAndPerAmount) {
  const Scenario scenario = with({"hosts.edge.price=3.6/h", "network.uplink.price=0.09/GB"}).bind();
  EXPECT_DOUBLE_EQ(scenario.hosts[1].price, 0.001);
  EXPECT_DOUBLE_EQ(scenario.networks[0].price, 0.09e-9);
  EXPECT_THAT(refused({"hosts.edge.price=3.6"}).expected(), HasSubstr("0.9/h"));
  EXPECT_THAT(refused({"network.uplink.price=cheap"}).expected(), HasSubstr("0.09/GB"));
}

TEST(Rules, CapsCanBeSwept) {
  const Scenario scenario = with({"sweep.constraints.deadline=[\"100ms\", \"200ms\"]"}).bind();
  EXPECT_TRUE(std::any_of(scenario.sweep.axes.begin(), scenario.sweep.axes.end(),
                          [](const Axis& axis) { return axis.key == "constraints.deadline"; }));
}

}  // namespace
}  // namespace kerf
