// What a scenario file says, and the defaults of what it does not say.

#include "scenarios/scenario.hpp"

#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

constexpr std::string_view kSmallest = R"(
[platform]
file = "p.xml"
[hosts.phone]
tier = "device"
profile = "phone.json"
)";

TEST(Scenario, ReadsModel) {
  const ModelSection model = file_of(kExample).bind().model;
  EXPECT_EQ(model.file, "scenarios/ppocr-det.onnx");
  EXPECT_EQ(model.zoo, "");
  EXPECT_EQ(model.shape.at("x"), (std::vector<std::int64_t>{1, 3, 640, 640}));
  EXPECT_EQ(model.wire_bytes, Bytes(150e3));
  EXPECT_EQ(model.decode, Seconds(0.004));
}

TEST(Scenario, ReadsHostsInTheFilesOrder) {
  const std::vector<HostClass> hosts = file_of(kExample).bind().hosts;
  ASSERT_EQ(hosts.size(), 3U);
  EXPECT_EQ(hosts[0].name, "camera");
  EXPECT_EQ(hosts[0].where, "scenarios/cameras.toml:9:8");
  EXPECT_EQ(hosts[0].match, "cam-*");
  EXPECT_EQ(hosts[0].count, 12);
  EXPECT_EQ(hosts[0].tier, "device");
  EXPECT_EQ(hosts[0].profile, "/profiles/camera.json");
  EXPECT_EQ(hosts[0].slowdown, 8);
  EXPECT_EQ(hosts[0].memory, Bytes(512e6));
  EXPECT_EQ(hosts[0].power.idle, Watts(2));
  EXPECT_EQ(hosts[0].power.busy, Watts(6));
  EXPECT_EQ(hosts[0].power.send, Watts(1.5));
  EXPECT_FALSE(hosts[0].optional);
  EXPECT_EQ(hosts[1].name, "edge");
  EXPECT_EQ(hosts[1].match, "edge");
  EXPECT_EQ(hosts[1].tier, "edge");
  EXPECT_EQ(hosts[1].profile, "scenarios/edge.json");
  EXPECT_EQ(hosts[1].workers, 2);
  EXPECT_EQ(hosts[1].utilization, 0.25);
  EXPECT_EQ(hosts[2].name, "cloud");
  EXPECT_TRUE(hosts[2].optional);
}

TEST(Scenario, ReadsNetworks) {
  const std::vector<NetworkGroup> networks = file_of(kExample).bind().networks;
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[0].links, (std::vector<std::string>{"uplink", "wan-*"}));
  EXPECT_EQ(networks[0].up, BytesPerSecond(2.5e6));
  EXPECT_EQ(networks[0].down, BytesPerSecond(10e6));
  EXPECT_EQ(networks[0].delay, Seconds(0.02));
  EXPECT_EQ(networks[0].efficiency, 0.95);
  EXPECT_EQ(networks[0].overhead, Seconds(0.0003));
  EXPECT_EQ(networks[1].links, (std::vector<std::string>{"backhaul"}));
  EXPECT_EQ(networks[1].up, BytesPerSecond(125e6));
  EXPECT_EQ(networks[1].down, BytesPerSecond(125e6));
  EXPECT_EQ(networks[1].delay, Seconds(0.002));
}

TEST(Scenario, ReadsWorkloadAndObjective) {
  const Scenario scenario = file_of(kExample).bind();
  EXPECT_EQ(scenario.name, "cameras on a shared uplink");
  EXPECT_EQ(scenario.platform, "platforms/shared-uplink.xml");
  EXPECT_EQ(scenario.platform_where, "scenarios/cameras.toml:8:8");
  EXPECT_EQ(scenario.workload.source, "camera");
  EXPECT_EQ(scenario.workload.arrivals, Arrivals::kPoisson);
  EXPECT_EQ(scenario.workload.rate, PerSecond(4));
  EXPECT_EQ(scenario.workload.requests, 500);
  EXPECT_EQ(scenario.workload.warmup, 20);
  EXPECT_EQ(scenario.workload.seed, 7U);
  EXPECT_TRUE(scenario.workload.return_result);
  EXPECT_EQ(scenario.objective.latency, Statistic::kP95);
}

TEST(Scenario, ReadsConstraints) {
  const std::vector<PlaceConstraints> constraints = file_of(kExample).bind().constraints;
  ASSERT_EQ(constraints.size(), 2U);
  EXPECT_EQ(constraints[0].name, "camera");
  EXPECT_EQ(constraints[0].must_run, (std::vector<std::string>{"0", "backbone.0", "3-5"}));
  EXPECT_EQ(constraints[0].upload, Bytes(1e6));
  EXPECT_EQ(constraints[1].must_not_run, (std::vector<std::string>{"head"}));
  EXPECT_EQ(constraints[1].used, true);
}

TEST(Scenario, DefaultsOfTheSmallestFile) {
  const Scenario scenario = file_of(kSmallest).bind();
  EXPECT_EQ(scenario.name, "cameras");
  EXPECT_EQ(scenario.platform, "scenarios/p.xml");
  ASSERT_EQ(scenario.hosts.size(), 1U);
  EXPECT_EQ(scenario.hosts[0].match, "phone");
  EXPECT_EQ(scenario.hosts[0].count, std::nullopt);
  EXPECT_EQ(scenario.hosts[0].slowdown, 1);
  EXPECT_EQ(scenario.hosts[0].workers, 1);
  EXPECT_EQ(scenario.hosts[0].utilization, 0);
  EXPECT_EQ(scenario.hosts[0].memory, std::nullopt);
  EXPECT_EQ(scenario.workload.source, "phone");
  EXPECT_EQ(scenario.workload.arrivals, Arrivals::kSingle);
  EXPECT_TRUE(scenario.workload.return_result);
  EXPECT_TRUE(scenario.workload.jitter);
  EXPECT_EQ(scenario.objective.latency, Statistic::kMean);
  EXPECT_EQ(scenario.model.wire_bytes, std::nullopt);
  EXPECT_EQ(condition_count(scenario), 1U);
  EXPECT_TRUE(condition_at(scenario, 0).settings.empty());
}

TEST(Scenario, ReadsEveryStatistic) {
  const auto statistic = [](std::string_view minimize) {
    return file_of(example_with("latency.p95", minimize)).bind().objective.latency;
  };
  EXPECT_EQ(statistic("latency"), Statistic::kMean);
  EXPECT_EQ(statistic("latency.mean"), Statistic::kMean);
  EXPECT_EQ(statistic("latency.p50"), Statistic::kP50);
  EXPECT_EQ(statistic("latency.p99"), Statistic::kP99);
}

TEST(Scenario, ReadsEveryKindOfArrivals) {
  const auto arrivals = [](std::string_view text) {
    return file_of(example_with("arrivals = \"poisson\"", text)).bind().workload;
  };
  EXPECT_EQ(arrivals("arrivals = \"single\"").arrivals, Arrivals::kSingle);
  EXPECT_EQ(arrivals("arrivals = \"periodic\"").arrivals, Arrivals::kPeriodic);
  EXPECT_EQ(arrivals("arrivals = \"closed\"\nin_flight = 3").arrivals, Arrivals::kClosed);
  EXPECT_EQ(arrivals("arrivals = \"closed\"\nin_flight = 3").in_flight, 3);
}

TEST(Scenario, HashCountsContentNotSpacesOrCommentsOrTheFilesName) {
  const std::string hash = file_of(kExample).bind().text_hash;
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(file_of("# a comment\n\n" + std::string(kExample)).bind().text_hash, hash);
  EXPECT_EQ(ScenarioFile(std::string(kExample), "scenarios/copy.toml").bind().text_hash, hash);
  EXPECT_NE(file_of(example_with("seed = 7", "seed = 8")).bind().text_hash, hash);
  EXPECT_NE(file_of(example_with("\"5ms\"", "\"6ms\"")).bind().text_hash, hash);
}

TEST(Scenario, SourceMayBeNamed) {
  const std::string text =
      std::string(kSmallest) + "[hosts.watch]\ntier = \"device\"\nprofile = \"w.json\"\n";
  EXPECT_EQ(file_of(text + "[workload]\nsource = \"watch\"\n").bind().workload.source, "watch");
}

}  // namespace
}  // namespace kerf
