// The axes of [sweep].

#include <cmath>

#include "base/error.hpp"
#include "scenarios/scenario.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

// The example's first axis only, as given.
Axis axis(std::string_view text) {
  const Scenario scenario = file_of(example_until("[sweep]") + "[sweep]\n" + std::string(text) + "\n").bind();
  EXPECT_EQ(scenario.sweep.axes.size(), 1U);
  return scenario.sweep.axes.front();
}

std::vector<std::string> texts(const Axis& swept) {
  std::vector<std::string> all;
  for (const Setting& point : swept.points) all.push_back(point.text);
  return all;
}

std::vector<double> numbers(const Axis& swept) {
  std::vector<double> all;
  for (const Setting& point : swept.points) all.push_back(point.number);
  return all;
}

TEST(SweepAxes, StandInTheFilesOrder) {
  const Scenario scenario = file_of(kExample).bind();
  std::vector<std::string> keys;
  for (const Axis& one : scenario.sweep.axes) keys.push_back(one.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"network.uplink.bandwidth", "network.uplink.rtt",
                                            "hosts.camera.count", "platform.file"}));
  EXPECT_EQ(scenario.sweep.candidates, 4);
}

TEST(SweepAxes, ArrayOfQuantities) {
  const Axis rtt = axis("\"network.uplink.rtt\" = [\"5ms\", \"20ms\", \"0.08s\"]");
  EXPECT_EQ(texts(rtt), (std::vector<std::string>{"5ms", "20ms", "0.08s"}));
  EXPECT_EQ(numbers(rtt), (std::vector<double>{0.005, 0.02, 0.08}));
  EXPECT_EQ(rtt.unit, "s");
  EXPECT_TRUE(rtt.numeric);
  EXPECT_FALSE(rtt.logarithmic);
}

TEST(SweepAxes, ArrayOfNumbers) {
  const Axis load = axis("\"hosts.edge.utilization\" = [0, 0.25, 0.5]");
  EXPECT_EQ(texts(load), (std::vector<std::string>{"0", "0.25", "0.5"}));
  EXPECT_EQ(numbers(load), (std::vector<double>{0, 0.25, 0.5}));
  EXPECT_EQ(load.unit, "");
}

TEST(SweepAxes, NamesAreNotNumeric) {
  const Axis platform = axis("\"platform.file\" = [\"b.xml\", \"a.xml\", \"7\", \"[odd]\"]");
  EXPECT_FALSE(platform.numeric);
  EXPECT_EQ(texts(platform), (std::vector<std::string>{"b.xml", "a.xml", "7", "[odd]"}));
  EXPECT_TRUE(std::isnan(platform.points[0].number));
}

TEST(SweepAxes, NamesThatLookLikeValuesBindAsText) {
  const ScenarioFile file =
      file_of(example_until("[sweep]") + "[sweep]\n\"platform.file\" = [\"7\", \"[odd]\"]\n");
  const Scenario base = file.bind();
  EXPECT_EQ(file.bind(condition_at(base, 0)).platform, "scenarios/7");
  EXPECT_EQ(file.bind(condition_at(base, 1)).platform, "scenarios/[odd]");
}

TEST(SweepAxes, UnitsAreBaseUnits) {
  EXPECT_EQ(axis("\"network.uplink.bandwidth\" = [\"8Mbps\"]").unit, "B/s");
  EXPECT_EQ(axis("\"network.uplink.bandwidth\" = [\"8Mbps\"]").points[0].number, 1e6);
  EXPECT_EQ(axis("\"model.input_wire.bytes\" = [\"1kB\"]").unit, "B");
  EXPECT_EQ(axis("\"hosts.camera.power.busy\" = [\"1W\"]").unit, "W");
  EXPECT_EQ(axis("\"workload.rate\" = [\"60/min\"]").unit, "1/s");
  EXPECT_EQ(axis("\"constraints.camera.upload\" = [\"1kB\"]").unit, "B");
}

TEST(SweepAxes, LogGridHasExactEndsAndFourDigits) {
  const Axis bandwidth =
      axis("\"network.uplink.bandwidth\" = { log = [\"0.5Mbps\", \"200Mbps\"], points = 5 }");
  EXPECT_TRUE(bandwidth.logarithmic);
  EXPECT_EQ(texts(bandwidth),
            (std::vector<std::string>{"0.5Mbps", "2.236Mbps", "10Mbps", "44.72Mbps", "200Mbps"}));
  EXPECT_EQ(numbers(bandwidth), (std::vector<double>{62500, 279500, 1.25e6, 5.59e6, 25e6}));
}

TEST(SweepAxes, LogGridOverSeveralUnits) {
  EXPECT_EQ(texts(axis("\"network.uplink.bandwidth\" = { log = [\"100kbps\", \"1Gbps\"], points = 3 }")),
            (std::vector<std::string>{"100kbps", "10000kbps", "1Gbps"}));
}

TEST(SweepAxes, LinearGrid) {
  const Axis rtt = axis("\"network.uplink.rtt\" = { linear = [\"0\", \"90ms\"], points = 4 }");
  EXPECT_FALSE(rtt.logarithmic);
  EXPECT_EQ(texts(rtt), (std::vector<std::string>{"0", "30ms", "60ms", "90ms"}));
  EXPECT_EQ(numbers(rtt), (std::vector<double>{0, 0.03, 0.06, 0.09}));
}

TEST(SweepAxes, LinearGridOfPlainNumbers) {
  EXPECT_EQ(texts(axis("\"hosts.edge.utilization\" = { linear = [0.0, 0.7], points = 8 }")),
            (std::vector<std::string>{"0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"}));
}

TEST(SweepAxes, GridOfWholeNumbers) {
  EXPECT_EQ(texts(axis("\"hosts.camera.count\" = { linear = [1, 12], points = 4 }")),
            (std::vector<std::string>{"1", "5", "8", "12"}));
}

TEST(SweepAxes, GridOfRates) {
  EXPECT_EQ(texts(axis("\"workload.rate\" = { log = [\"1/s\", \"100/s\"], points = 3 }")),
            (std::vector<std::string>{"1/s", "10/s", "100/s"}));
}

TEST(SweepAxes, FineGridsTakeMoreDigits) {
  const Axis rtt = axis("\"network.uplink.rtt\" = { linear = [\"1000ms\", \"1000.5ms\"], points = 6 }");
  EXPECT_EQ(texts(rtt),
            (std::vector<std::string>{"1000ms", "1000.1ms", "1000.2ms", "1000.3ms", "1000.4ms", "1000.5ms"}));
}

TEST(SweepAxes, EveryPointsTextBindsToItsNumber) {
  const std::string sweep =
      "[sweep]\n\"network.uplink.bandwidth\" = { log = [\"0.37Mbps\", \"913Mbps\"], points = 200 }\n";
  const ScenarioFile file = file_of(example_until("[sweep]") + sweep);
  const Scenario base = file.bind();
  for (std::size_t i = 0; i < 200; ++i) {
    const Condition condition = condition_at(base, i);
    EXPECT_EQ(file.bind(condition).networks[0].up->value(), condition.settings[0].number);
  }
}

TEST(SweepAxes, DottedKeysNeedNoQuotes) {
  const Scenario scenario =
      file_of(
          example_until("[sweep]") +
          "[sweep]\nnetwork.uplink.rtt = [\"5ms\"]\nhosts.camera.count = { linear = [1, 3], points = 3 }\n"
          "network.backhaul.delay = [\"1ms\"]\n")
          .bind();
  ASSERT_EQ(scenario.sweep.axes.size(), 3U);
  EXPECT_EQ(scenario.sweep.axes[0].key, "network.uplink.rtt");
  EXPECT_EQ(scenario.sweep.axes[1].key, "network.backhaul.delay");
  EXPECT_EQ(scenario.sweep.axes[2].key, "hosts.camera.count");
}

TEST(SweepAxes, PolicyNamesAxes) {
  const std::vector<PolicyAxisName> policy = file_of(kExample).bind().sweep.policy;
  ASSERT_EQ(policy.size(), 2U);
  EXPECT_EQ(policy[0].name, "goodput");
  EXPECT_EQ(policy[0].observes, "network.uplink.bandwidth");
  EXPECT_EQ(policy[1].name, "round_trip");
}

TEST(SweepAxes, PolicyWithoutAGoalIsNotRefined) {
  const SweepSection sweep = file_of(kExample).bind().sweep;
  EXPECT_FALSE(sweep.regret);
  EXPECT_EQ(sweep.policy_cells, 65536U);
}

TEST(SweepAxes, PolicyMayHaveAGoal) {
  ScenarioFile file = file_of(kExample);
  file.set("policy.regret = \"2.5%\"");
  EXPECT_EQ(file.bind().sweep.regret, 0.025);
  EXPECT_EQ(file.bind().sweep.policy.size(), 2U);
  file.set("policy.regret = 0.01");
  EXPECT_EQ(file.bind().sweep.regret, 0.01);
  file.set("policy.cells = 1000");
  EXPECT_EQ(file.bind().sweep.policy_cells, 1000U);
}

TEST(SweepAxes, ASizeAloneIsAGoal) {
  ScenarioFile file = file_of(kExample);
  file.set("policy.cells = 1000");
  EXPECT_EQ(file.bind().sweep.regret, 0);
}

TEST(SweepAxes, AGoalThatIsNoShareIsRefused) {
  for (const char* wrong : {"\"1\"", "\"-1%\"", "0", "-0.5", "\"much\"", "true", "\"0%\""}) {
    ScenarioFile file = file_of(kExample);
    file.set("policy.regret", wrong);
    EXPECT_THROW(static_cast<void>(file.bind()), Error) << wrong;
  }
}

TEST(SweepAxes, AnotherKeyBesideTheGoalIsUnknown) {
  ScenarioFile file = file_of(kExample);
  file.set("policy.regrets = 0.01");
  try {
    static_cast<void>(file.bind());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "did you mean \"regret\"?");
  }
}

}  // namespace
}  // namespace kerf
