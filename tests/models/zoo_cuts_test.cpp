// Where the zoo's networks can be cut, beside what Scission offers: boundaries at which exactly one tensor is
// alive. In any topological order those are the same, so they are found here by the definition alone.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/file.hpp"
#include "models/cuts.hpp"
#include "models/zoo/zoo.hpp"

namespace kerf {
namespace {

// A place in the graph's order: the work before it and what crosses it.
struct Boundary {
  double multiply_adds_before = 0;
  Bytes bytes;
  std::size_t tensors = 0;
};

class ZooCuts : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const Tensor& tensor(TensorId id) const {
    return graph_.tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] bool crosses(const Tensor& t, TensorId id, int nodes_before) const {
    const bool made = t.producer < nodes_before;
    const bool used = (!t.consumers.empty() && t.consumers.back() >= nodes_before) ||
                      std::ranges::find(graph_.outputs, id) != graph_.outputs.end();
    return !t.constant && made && used;
  }
  // Every inner place that one tensor crosses.
  [[nodiscard]] std::vector<Boundary> single_tensor_boundaries() const {
    std::vector<Boundary> found;
    double before = 0;
    for (int n = chain_.blocks.front().first_node; n + 1 < static_cast<int>(graph_.nodes.size()); ++n) {
      before += graph_.nodes[static_cast<std::size_t>(n)].multiply_adds;
      Boundary here{before, Bytes(0), 0};
      for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
        if (!crosses(graph_.tensors[t], static_cast<TensorId>(t), n + 1)) continue;
        here.bytes += graph_.tensors[t].bytes();
        ++here.tensors;
      }
      if (here.tensors == 1) found.push_back(here);
    }
    return found;
  }
  [[nodiscard]] std::vector<Boundary> cuts() const {
    std::vector<Boundary> found;
    double before = 0;
    for (const Cut& cut : chain_.cuts) {
      found.push_back({before, cut.bytes, cut.tensors.size()});
      const auto block = static_cast<std::size_t>(cut.index);
      if (block < chain_.blocks.size()) before += chain_.blocks[block].multiply_adds;
    }
    return found;
  }
  Graph graph_ = zoo_graph(GetParam());
  Chain chain_ = find_cuts(graph_);
};

TEST_P(ZooCuts, NoSingleTensorBoundaryIsBetterThanACutAfterTheSameWork) {
  const std::vector<Boundary> ours = cuts();
  for (const Boundary& theirs : single_tensor_boundaries()) {
    EXPECT_TRUE(std::ranges::any_of(ours,
                                    [&](const Boundary& cut) {
                                      return cut.multiply_adds_before == theirs.multiply_adds_before &&
                                             cut.bytes <= theirs.bytes;
                                    }))
        << theirs.bytes.value() << " bytes after " << theirs.multiply_adds_before << " multiply-adds";
  }
}

// What Scission measured at its boundaries, in order, is found among these boundaries in the same order.
// Reshapes and dropouts, of which we have none, repeat a size; padding, which is part of our convolutions,
// makes a tensor larger before the same work. Sizes there are those of .npy files: 128 bytes of header.
TEST_P(ZooCuts, SingleTensorBoundariesAreThoseOfScission) {
  const std::filesystem::path file =
      std::filesystem::path(KERF_SOURCE_DIR) / "../shared/data/scission/measured_blocks.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is absent";
  std::istringstream lines(read_file(file));
  std::vector<double> theirs;
  std::string system;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    if (fields[0] != GetParam() || (!system.empty() && fields[2] != system)) continue;
    system = fields[2];
    theirs.push_back(std::stod(fields[7]) - 128);
  }
  ASSERT_GE(theirs.size(), 5U);
  std::vector<Boundary> ours = single_tensor_boundaries();
  ours.push_back(cuts().back());
  double size = cuts().front().bytes.value();
  auto at = ours.begin();
  for (const double bytes : theirs) {
    if (bytes == size) continue;  // the same tensor, reshaped; or one of equal size, which is further on
    const auto next =
        std::find_if(at, ours.end(), [&](const Boundary& b) { return b.bytes == Bytes(bytes); });
    if (next == ours.end() && bytes > size) continue;  // padded
    ASSERT_NE(next, ours.end()) << bytes << " bytes behind " << size;
    at = next;
    size = bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooCuts, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const ZooEntry& entry : zoo_list()) names.push_back(entry.name);
                           return names;
                         }()),
                         [](const auto& network) { return network.param; });

// Scission sees nothing between a NASNet's first convolution and its last cell.
class NasnetCuts : public ZooCuts {
 protected:
  // Nodes that join a cell's parts: four or six of them; the paths that bring a tensor to size join two.
  [[nodiscard]] std::vector<NodeId> cells() const {
    std::vector<NodeId> joins;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      if (node.op_type == "Concat" && node.inputs.size() > 2) joins.push_back(static_cast<NodeId>(n));
    }
    return joins;
  }
};

TEST_P(NasnetCuts, HaveOneBehindEveryCell) {
  const std::vector<NodeId> joins = cells();
  ASSERT_EQ(joins.size(), GetParam() == "nasnetlarge" ? 22U : 16U);
  for (std::size_t c = 0; c < joins.size(); ++c) {
    const TensorId joined = graph_.nodes[static_cast<std::size_t>(joins[c])].outputs[0];
    const int next = c + 1 < joins.size() ? joins[c + 1] : static_cast<int>(graph_.nodes.size());
    // Where everyone reads the cell through its activation, that is what crosses.
    const auto is_joined = [&](TensorId id) {
      const NodeId producer = tensor(id).producer;
      if (id == joined || producer < 0) return id == joined;
      const Node& node = graph_.nodes[static_cast<std::size_t>(producer)];
      return node.op_type == "Relu" && node.inputs[0] == joined;
    };
    const bool last = c + 1 == joins.size();
    const auto is_behind = [&](const Cut& cut) {
      return cut.nodes_before > joins[c] && cut.nodes_before <= next && cut.tensors.size() <= 3 &&
             (last || std::ranges::any_of(cut.tensors, is_joined));
    };
    EXPECT_TRUE(std::ranges::any_of(chain_.cuts, is_behind)) << "cell " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, NasnetCuts, testing::Values("nasnetlarge", "nasnetmobile"),
                         [](const auto& network) { return network.param; });

}  // namespace
}  // namespace kerf
