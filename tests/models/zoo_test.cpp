// The zoo's networks have exactly the parameters that Keras counts, and can be cut.

#include "models/zoo/zoo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "models/cuts.hpp"
#include "models/onnx_import.hpp"

namespace kerf {
namespace {

class ZooNetwork : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::filesystem::path file() const {
    return std::filesystem::temp_directory_path() /
           (std::string("kerf-zoo-") + GetParam() + "-" + std::to_string(::getpid()) + ".onnx");
  }
  void TearDown() override { std::filesystem::remove(file()); }
};

TEST_P(ZooNetwork, HasKerasParametersAndCuts) {
  write_zoo_model(GetParam(), file());
  const Graph graph = import_onnx(file());
  for (const ZooEntry& entry : zoo_list()) {
    if (entry.name != GetParam()) continue;
    EXPECT_EQ(graph.parameters(), entry.parameters);
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.inputs[0])].shape,
              (std::vector<std::int64_t>{1, 3, entry.input_size, entry.input_size}));
  }
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].shape,
            (std::vector<std::int64_t>{1, 1000}));
  EXPECT_GE(find_cuts(graph).blocks.size(), 10U);
}

INSTANTIATE_TEST_SUITE_P(Small, ZooNetwork,
                         testing::Values("mobilenet", "mobilenetv2", "nasnetmobile", "densenet121",
                                         "inception_v3"),
                         [](const auto& network) { return std::string(network.param); });

TEST(Zoo, HasTheEighteenNetworksOfTheScissionPaper) {
  EXPECT_EQ(zoo_list().size(), 18U);
}

TEST(Zoo, TheSameNetworkHasTheSameBytes) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto first = folder / ("kerf-zoo-first-" + std::to_string(::getpid()));
  const auto second = folder / ("kerf-zoo-second-" + std::to_string(::getpid()));
  write_zoo_model("mobilenetv2", first);
  write_zoo_model("mobilenetv2", second);
  EXPECT_EQ(read_file(first), read_file(second));
  std::filesystem::remove(first);
  std::filesystem::remove(second);
}

TEST(Zoo, AnUnknownNameNamesTheNearest) {
  try {
    write_zoo_model("resnet5", "unused.onnx");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr("resnet50"));
  }
}

}  // namespace
}  // namespace kerf
