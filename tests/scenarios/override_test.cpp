// --set, and the conditions of a sweep.

#include "scenarios/scenario.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

Scenario with(std::string_view assignment) {
  ScenarioFile file = file_of(kExample);
  file.set(assignment);
  return file.bind();
}

Error error_with(std::string_view assignment) {
  return error_of([&] { static_cast<void>(with(assignment)); });
}

TEST(Override, BareTextIsText) {
  EXPECT_EQ(with("workload.rate=2/s").workload.rate, PerSecond(2));
}
TEST(Override, QuotedTextIsText) {
  EXPECT_EQ(with("workload.rate=\"2/s\"").workload.rate, PerSecond(2));
}
TEST(Override, SpacesAroundAreNotCounted) {
  EXPECT_EQ(with(" workload.rate = 2/s ").workload.rate, PerSecond(2));
}
TEST(Override, NumbersAreNumbers) {
  EXPECT_EQ(with("hosts.camera.count=3").hosts[0].count, 3);
}
TEST(Override, TrueAndFalse) {
  EXPECT_FALSE(with("workload.return_result=false").workload.return_result);
}
TEST(Override, NumbersAreTextWhereTextIsMeant) {
  EXPECT_EQ(with("scenario.name=007").name, "007");
}
TEST(Override, DatesAreText) {
  EXPECT_EQ(with("scenario.name=2026-11-22").name, "2026-11-22");
}
TEST(Override, Paths) {
  EXPECT_EQ(with("platform.file=../other/p.xml").platform, "other/p.xml");
}
TEST(Override, Arrays) {
  EXPECT_EQ(with("network.backhaul.links=[\"a\", \"b\"]").networks[1].links,
            (std::vector<std::string>{"a", "b"}));
}
TEST(Override, NestedKeys) {
  EXPECT_EQ(with("hosts.camera.power.busy=9W").hosts[0].power.busy, Watts(9));
}
TEST(Override, OneDirectionOfATable) {
  const NetworkGroup uplink = with("network.uplink.bandwidth.down=8Mbps").networks[0];
  EXPECT_EQ(uplink.down, BytesPerSecond(1e6));
  EXPECT_EQ(uplink.up, BytesPerSecond(2.5e6));
}
TEST(Override, OneValueInPlaceOfATable) {
  const NetworkGroup uplink = with("network.uplink.bandwidth=8Mbps").networks[0];
  EXPECT_EQ(uplink.down, BytesPerSecond(1e6));
  EXPECT_EQ(uplink.up, BytesPerSecond(1e6));
}
TEST(Override, QuotedPartsOfAKey) {
  EXPECT_EQ(with("hosts.\"camera\".'count'=3").hosts[0].count, 3);
}
TEST(Override, EqualsSignsInTheValue) {
  EXPECT_EQ(with("scenario.name=\"a=b\"").name, "a=b");
}

TEST(Override, MissingSectionsAreMade) {
  ScenarioFile file = file_of("hosts.phone = { tier = \"device\", profile = \"p.json\" }\n");
  file.set("platform.file=a.xml");
  EXPECT_EQ(file.bind().platform, "scenarios/a.xml");
}

TEST(Override, NewHostsStandLastAndOldOnesKeepTheirPlace) {
  ScenarioFile file = file_of(kExample);
  file.set("hosts.attic={ profile = \"a.json\" }");
  file.set("hosts.camera.workers", "3");
  const std::vector<HostClass> hosts = file.bind().hosts;
  ASSERT_EQ(hosts.size(), 4U);
  EXPECT_EQ(hosts[0].name, "camera");
  EXPECT_EQ(hosts[0].workers, 3);
  EXPECT_EQ(hosts[3].name, "attic");
}

TEST(Override, AnAxisByItsDottedKey) {
  const Scenario scenario = with("sweep.network.uplink.rtt=[\"1ms\"]");
  ASSERT_EQ(scenario.sweep.axes.size(), 4U);
  EXPECT_EQ(scenario.sweep.axes[1].key, "network.uplink.rtt");
  EXPECT_EQ(scenario.sweep.axes[1].points.size(), 1U);
}

TEST(Override, AnAxisByItsQuotedKey) {
  EXPECT_EQ(with("sweep.\"network.uplink.rtt\"=[\"1ms\"]").sweep.axes[1].points.size(), 1U);
}

TEST(Override, CandidatesOfTheSweep) {
  EXPECT_EQ(with("sweep.candidates=9").sweep.candidates, 9);
}

TEST(Override, ChangesTheHashAsTheFileWould) {
  EXPECT_EQ(with("workload.seed=8").text_hash,
            file_of(example_with("seed = 7", "seed = 8")).bind().text_hash);
}

TEST(Override, UnknownKeyNamesTheOverride) {
  const Error error = error_with("workload.rat=2/s");
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_EQ(error.where(), "--set workload.rat=2/s");
  EXPECT_EQ(error.found(), "unknown key \"rat\" in [workload]");
  EXPECT_EQ(error.hint(), "did you mean \"rate\"?");
}

TEST(Override, WrongValueNamesTheOverride) {
  const Error error = error_with("workload.rate=2");
  EXPECT_EQ(error.where(), "--set workload.rate=2");
  EXPECT_EQ(error.found(), "workload.rate is 2");
}

TEST(Override, WrongPointNamesTheOverride) {
  EXPECT_EQ(error_with("sweep.hosts.camera.count=[0, 1]").where(), "--set sweep.hosts.camera.count=[0, 1]");
}

TEST(Override, ATableInsideAValueIsRefused) {
  const Error error = error_with("network.backhaul.bandwidth.up=1Mbps");
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_EQ(error.where(), "--set network.backhaul.bandwidth.up=1Mbps");
  EXPECT_EQ(error.found(), "network.backhaul.bandwidth is \"1Gbps\"");
}

TEST(Override, WhatCannotBeSetLeavesTheFileAsItWas) {
  ScenarioFile file = file_of(kExample);
  const std::string hash = file.bind().text_hash;
  EXPECT_THROW(file.set("network.backhaul.bandwidth.up=1Mbps"), Error);
  EXPECT_EQ(file.bind().text_hash, hash);
}

TEST(Override, MalformedKeysAreUsage) {
  for (const char* wrong : {"workload.rate", "=4", "workload..rate=4", "work load=4", "workload.\"rate=4",
                            ".a=1", "a.=1", "workload.rate=", ""}) {
    const Error error = error_with(wrong);
    EXPECT_EQ(error.code(), ErrorCode::kUsage) << wrong;
    EXPECT_THAT(error.where(), testing::StartsWith("--set")) << wrong;
  }
}

TEST(Override, ANewLineDoesNotSmuggleASecondKey) {
  EXPECT_EQ(with("scenario.name=1\nw = 2").name, "1\nw = 2");
}

TEST(Condition, IsTheSameAsSettingItsKeys) {
  const ScenarioFile file = file_of(kExample);
  const Scenario base = file.bind();
  for (std::size_t i = 0; i < condition_count(base); ++i) {
    const Condition condition = condition_at(base, i);
    ScenarioFile set = file_of(kExample);
    for (const Setting& setting : condition.settings) set.set(setting.key, setting.text);
    const Scenario by_condition = file.bind(condition);
    const Scenario by_set = set.bind();
    EXPECT_EQ(by_condition.networks[0].up, by_set.networks[0].up);
    EXPECT_EQ(by_condition.networks[0].down, by_set.networks[0].down);
    EXPECT_EQ(by_condition.networks[0].delay, by_set.networks[0].delay);
    EXPECT_EQ(by_condition.hosts[0].count, by_set.hosts[0].count);
    EXPECT_EQ(by_condition.platform, by_set.platform);
    EXPECT_EQ(by_condition.text_hash, base.text_hash);
    EXPECT_EQ(by_condition.sweep.axes.size(), base.sweep.axes.size());
  }
}

TEST(Condition, TakesTheNumbersOfItsSettings) {
  const ScenarioFile file = file_of(kExample);
  const Scenario base = file.bind();
  for (std::size_t i = 0; i < condition_count(base); ++i) {
    const Condition condition = condition_at(base, i);
    const Scenario scenario = file.bind(condition);
    EXPECT_EQ(scenario.networks[0].up->value(), condition.settings[0].number);
    EXPECT_EQ(scenario.networks[0].delay->value() * 2, condition.settings[1].number);
    EXPECT_EQ(*scenario.hosts[0].count, condition.settings[2].number);
  }
}

TEST(Condition, LastAxisIsFastest) {
  const Scenario scenario = file_of(kExample).bind();
  ASSERT_EQ(condition_count(scenario), 4U * 3 * 2 * 2);
  const auto texts = [&](std::size_t index) {
    std::vector<std::string> all;
    for (const Setting& setting : condition_at(scenario, index).settings) all.push_back(setting.text);
    return all;
  };
  const std::string one = "../platforms/shared-uplink.xml";
  const std::string two = "/elsewhere/two-edges.xml";
  EXPECT_EQ(texts(0), (std::vector<std::string>{"0.5Mbps", "5ms", "1", one}));
  EXPECT_EQ(texts(1), (std::vector<std::string>{"0.5Mbps", "5ms", "1", two}));
  EXPECT_EQ(texts(2), (std::vector<std::string>{"0.5Mbps", "5ms", "4", one}));
  EXPECT_EQ(texts(4), (std::vector<std::string>{"0.5Mbps", "20ms", "1", one}));
  EXPECT_EQ(texts(12), (std::vector<std::string>{"3.684Mbps", "5ms", "1", one}));
  EXPECT_EQ(texts(47), (std::vector<std::string>{"200Mbps", "80ms", "4", two}));
  EXPECT_EQ(condition_at(scenario, 17).index, 17U);
}

TEST(Condition, BadSettingNamesTheCondition) {
  const Error error = error_of([] {
    static_cast<void>(file_of(kExample).bind(Condition{5, {{"network.uplink.rtt", "fast", 0}}}));
  });
  EXPECT_EQ(error.where(), "condition 5: network.uplink.rtt=fast");
}

}  // namespace
}  // namespace kerf
