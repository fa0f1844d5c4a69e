// The zoo's networks, built in memory and exported, are the same graph, and can be cut. What they consist of:
// zoo_table_test.cpp.

#include "models/zoo/zoo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "models/cuts.hpp"
#include "models/onnx_import.hpp"
#include "models/skeleton_import.hpp"
#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const ZooEntry& entry : zoo_list()) names.push_back(entry.name);
  return names;
}

std::string by_name(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

class ExportedNetwork : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    write_zoo_model(GetParam(), file_);
    exported_ = import_onnx(file_);
  }
  test::TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / (GetParam() + ".onnx");
  Graph built_ = zoo_graph(GetParam());
  Graph exported_;
};

TEST_P(ExportedNetwork, IsTheSameGraph) {
  EXPECT_EQ(exported_.name, built_.name);
  EXPECT_EQ(exported_.hash, built_.hash);
  EXPECT_EQ(exported_.inputs, built_.inputs);
  EXPECT_EQ(exported_.outputs, built_.outputs);
  EXPECT_EQ(exported_.parameters(), built_.parameters());
  ASSERT_EQ(exported_.nodes.size(), built_.nodes.size());
  for (std::size_t n = 0; n < built_.nodes.size(); ++n) {
    EXPECT_EQ(exported_.nodes[n].name, built_.nodes[n].name);
    EXPECT_EQ(exported_.nodes[n].proto, built_.nodes[n].proto) << built_.nodes[n].name;
    EXPECT_EQ(exported_.nodes[n].inputs, built_.nodes[n].inputs);
  }
  ASSERT_EQ(exported_.tensors.size(), built_.tensors.size());
  for (std::size_t t = 0; t < built_.tensors.size(); ++t) {
    EXPECT_EQ(exported_.tensors[t].name, built_.tensors[t].name);
    EXPECT_EQ(exported_.tensors[t].shape, built_.tensors[t].shape);
  }
}

TEST_P(ExportedNetwork, HasTheSameWeights) {
  for (std::size_t t = 0; t < built_.tensors.size(); ++t) {
    if (built_.tensors[t].weight < 0) continue;
    const auto id = static_cast<TensorId>(t);
    ASSERT_EQ(read_weight(built_, id), read_weight(exported_, id)) << built_.tensors[t].name;
  }
}

TEST_P(ExportedNetwork, HasTheSameCutsAndSlices) {
  const Chain chain = find_cuts(built_);
  const Chain of_file = find_cuts(exported_);
  ASSERT_EQ(of_file.cuts.size(), chain.cuts.size());
  for (std::size_t k = 0; k < chain.cuts.size(); ++k) {
    EXPECT_EQ(of_file.cuts[k].tensors, chain.cuts[k].tensors);
    EXPECT_EQ(of_file.cuts[k].nodes_before, chain.cuts[k].nodes_before);
  }
  const int middle = static_cast<int>(chain.blocks.size()) / 2;
  EXPECT_EQ(slice_file(exported_, of_file, middle, middle + 3),
            slice_file(built_, chain, middle, middle + 3));
  EXPECT_EQ(make_slice(exported_, of_file, 0, middle).model, make_slice(built_, chain, 0, middle).model);
}

// Large and small weights, shared constants, weights inside attributes; no more, since files cost time.
INSTANTIATE_TEST_SUITE_P(Zoo, ExportedNetwork, testing::Values("mobilenetv2", "nasnetmobile", "inception_v3"),
                         by_name);

class ZooNetwork : public testing::TestWithParam<std::string> {};

// The list in zoo.cpp is what spares every command the making of all weights; here it is held to the bytes.
TEST_P(ZooNetwork, HasTheHashOfItsExportedBytes) {
  const Graph graph = zoo_graph(GetParam());
  const std::string from_bytes = graph_hash(zoo_content_hash(GetParam()), graph);
  EXPECT_EQ(graph.hash, from_bytes) << "the network has changed; its content hash in zoo.cpp must become 0x"
                                    << hex(zoo_content_hash(GetParam()));
}

TEST_P(ZooNetwork, HoldsNoWeightBeforeItIsRead) {
  std::size_t held = 0;
  for (const WeightPlace& place : zoo_graph(GetParam()).weights) held += place.inlined.size();
  EXPECT_LT(held, 1U << 20);
}

TEST_P(ZooNetwork, TakesAnyBatch) {
  const Graph one = zoo_graph(GetParam());
  std::vector<std::int64_t> shape = one.tensors[static_cast<std::size_t>(one.inputs[0])].shape;
  shape[0] = 4;
  const Graph four = zoo_graph(GetParam(), {{"input", shape}});
  EXPECT_EQ(four.multiply_adds(), 4 * one.multiply_adds());
  EXPECT_EQ(four.tensors[static_cast<std::size_t>(four.outputs[0])].shape,
            (std::vector<std::int64_t>{4, 1000}));
  EXPECT_NE(four.hash, one.hash);
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooNetwork, testing::ValuesIn(all_names()), by_name);

TEST(Zoo, HasTheEighteenNetworksOfTheScissionPaper) {
  EXPECT_EQ(zoo_list().size(), 18U);
}

TEST(Zoo, AnUnknownNameNamesTheNearest) {
  for (const bool writing : {false, true}) {
    try {
      if (writing) write_zoo_model("resnet5", "unused.onnx");
      if (!writing) (void)zoo_graph("resnet5");
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), testing::HasSubstr("resnet50"));
    }
  }
}

}  // namespace
}  // namespace kerf
