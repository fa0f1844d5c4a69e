// The scenario that we ship.

#include "scenarios/scenario.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

TEST(Quickstart, BindsToThreeThousandConditionsAndThreeNamedAxes) {
  const ScenarioFile file(std::filesystem::path(KERF_SOURCE_DIR) / "scenarios/quickstart.toml");
  const Scenario scenario = file.bind();
  EXPECT_EQ(condition_count(scenario), 3024U);
  EXPECT_EQ(scenario.sweep.policy.size(), 3U);
  EXPECT_EQ(scenario.hosts.size(), 4U);
  EXPECT_EQ(scenario.workload.source, "camera");
  EXPECT_TRUE(std::filesystem::exists(scenario.platform));
  EXPECT_EQ(scenario.sweep.axes[0].points.front().text, "0.5Mbps");
  EXPECT_EQ(scenario.sweep.axes[0].points.back().text, "200Mbps");
  for (const Setting& point : scenario.sweep.axes.back().points) {
    EXPECT_TRUE(std::filesystem::exists(file.bind({0, {point}}).platform)) << point.text;
  }
}

}  // namespace
}  // namespace kerf
