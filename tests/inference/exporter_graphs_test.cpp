// ONNX Runtime computes the shapes that the import says, and every cut of exporters' graphs changes nothing.

#include "tests/models/exporter_graphs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/inference/exposed.hpp"
#include "runtime/inference/runtime_shapes.hpp"
#include "runtime/inference/verify.hpp"
#include "tests/inference/inference_fixture.hpp"

namespace kerf {
namespace {

class ExportersInOnnxRuntime : public testing::TestWithParam<test::ExporterGraph> {
 protected:
  [[nodiscard]] Graph graph(const ShapeOracle& oracle = {}) const {
    InputShapes shapes;
    if (GetParam().name == "torch_vit") shapes["pixels"] = {2, 3, 32, 32};
    if (GetParam().name == "torch_squeeze") shapes["x"] = {3, 1, 8};
    return import_onnx(folder_.write("model.onnx", test::onnx_model(GetParam().text)), shapes, oracle);
  }
  test::TempFolder folder_;
};

TEST_P(ExportersInOnnxRuntime, HaveTheShapesThatTheImportSays) {
  const Graph imported = graph();
  const Chain chain = find_cuts(imported);
  std::vector<TensorId> computed;
  for (const Node& node : imported.nodes) {
    if (!node.constant) computed.insert(computed.end(), node.outputs.begin(), node.outputs.end());
  }
  const Slice whole =
      expose(imported, make_slice(imported, chain, 0, static_cast<int>(chain.blocks.size()) - 1), computed);
  WeightStore weights(imported);
  const Values values = Session(weights, whole).run(random_inputs(imported, 1));
  EXPECT_GE(values.size(), computed.size());
  for (const auto& [name, value] : values) {
    const Tensor& tensor = imported.tensors.at(static_cast<std::size_t>(imported.find_tensor(name)));
    EXPECT_EQ(describe(value.type, value.shape), describe(tensor.type, tensor.shape)) << name;
  }
}

TEST_P(ExportersInOnnxRuntime, AreTheSameInSlices) {
  const Graph imported = graph();
  const VerifyReport report = verify(imported, find_cuts(imported), 1, {}, {});
  EXPECT_TRUE(report.outputs_differ);
  for (const CutCheck& check : report.cuts)
    EXPECT_TRUE(check.passed) << check.cut << ": " << check.worst_tensor << " " << check.worst
                              << check.problem;
}

TEST_P(ExportersInOnnxRuntime, AreTheSameGraphWithAnOracle) {
  EXPECT_EQ(graph(runtime_shapes()).hash, graph().hash);
}

INSTANTIATE_TEST_SUITE_P(All, ExportersInOnnxRuntime, testing::ValuesIn(test::kExporterGraphs),
                         [](const auto& graph) { return std::string(graph.param.name); });

}  // namespace
}  // namespace kerf
