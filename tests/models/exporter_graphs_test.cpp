// Graphs as exporters write them are imported by rules alone, without a runtime to ask, and can be cut.

#include "tests/models/exporter_graphs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/cuts.hpp"
#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

class ExporterGraphs : public testing::TestWithParam<test::ExporterGraph> {
 protected:
  test::TempFolder folder_;
};

InputShapes open_dimensions(std::string_view name) {
  if (name == "torch_vit") return {{"pixels", {2, 3, 32, 32}}};
  if (name == "torch_squeeze") return {{"x", {3, 1, 8}}};
  return {};
}

TEST_P(ExporterGraphs, AreImportedAndCut) {
  const Graph graph = test::import_text(folder_, GetParam().text, open_dimensions(GetParam().name));
  const Chain chain = find_cuts(graph);
  EXPECT_GE(static_cast<int>(chain.cuts.size()) - 2, GetParam().least_cuts);
  for (int k = 0; k < static_cast<int>(chain.blocks.size()); ++k)
    EXPECT_FALSE(slice_file(graph, chain, k, k).empty());
}

TEST_P(ExporterGraphs, CountTheirWork) {
  EXPECT_GT(test::import_text(folder_, GetParam().text, open_dimensions(GetParam().name)).multiply_adds(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, ExporterGraphs, testing::ValuesIn(test::kExporterGraphs),
                         [](const auto& graph) { return std::string(graph.param.name); });

}  // namespace
}  // namespace kerf
