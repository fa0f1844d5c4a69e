// `kerf plan --dag` on a network of the zoo with the profile that comes with Kerf.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

class PlanDag : public testing::Test {
 protected:
  PlanDag() {
    const std::string profile =
        (std::filesystem::path(KERF_SOURCE_DIR) / "results/profiles/mobilenetv2-vm-2core.json").string();
    const std::string platform = (std::filesystem::path(KERF_SOURCE_DIR) / "platforms/chain.xml").string();
    file_ = folder_.write("scenario.toml",
                          "[model]\nzoo = \"mobilenetv2\"\ninput_wire = { bytes = \"60kB\" }\n"
                          "[platform]\nfile = \"" +
                              platform +
                              "\"\n"
                              "[hosts.device]\nmatch = \"device\"\nslowdown = 8.0\nprofile = \"" +
                              profile + "\"\n[hosts.edge]\nprofile = \"" + profile +
                              "\"\n[hosts.cloud]\nslowdown = 0.5\nprofile = \"" + profile + "\"\n");
  }
  [[nodiscard]] Ran plan(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"plan", file_.string(), "--dag"});
    return run_kerf(arguments, {.folder = folder_.path()});
  }
  test::TempFolder folder_;
  std::filesystem::path file_;
};

TEST_F(PlanDag, JsonHoldsThePartitionItsBoundAndTheChain) {
  const Ran ran = plan({"--json", "--set", "constraints.device.must_run=[0]"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const nlohmann::json dag = nlohmann::json::parse(ran.out).at("dag");
  EXPECT_LE(dag.at("lower_bound_s"), dag.at("latency_s"));
  EXPECT_LE(dag.at("latency_s"), dag.at("chain_latency_s"));
  EXPECT_GE(dag.at("chain_loses"), 0);
  EXPECT_EQ(dag.at("place").size(), dag.at("operators"));
  EXPECT_EQ(dag.at("place").at(0), 0);
  EXPECT_EQ(dag.at("hosts").at(0).at("host"), "device");
  EXPECT_THAT(dag.at("chain").get<std::string>(), testing::StartsWith("device:0-"));
}

TEST_F(PlanDag, TextSaysWhatAChainLoses) {
  const Ran ran = plan({});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Operator by operator"));
  EXPECT_THAT(ran.out, HasSubstr("A chain of cuts loses"));
}

TEST_F(PlanDag, NeedsTheModel) {
  const Ran ran = plan({"--set", "model={}"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("no model in the scenario"));
}

TEST_F(PlanDag, AnotherModelIsRefused) {
  const Ran ran = plan({"--set", "model.zoo=mobilenet"});
  EXPECT_EQ(ran.exit_code, 30);
}

TEST_F(PlanDag, WithoutAFeasiblePlanThereIsNone) {
  const Ran ran = plan({"--json", "--set", "constraints.device.used=false", "--set",
                        "constraints.edge.used=false", "--set", "constraints.cloud.used=false"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_TRUE(nlohmann::json::parse(ran.out).at("dag").is_null());
}

}  // namespace
}  // namespace kerf
