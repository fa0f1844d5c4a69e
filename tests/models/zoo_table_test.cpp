// Each network of the zoo against a table written from its definition (zoo_table.cpp).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/zoo/zoo.hpp"
#include "tests/models/zoo_table.hpp"

namespace kerf {
namespace {

using test::ZooRow;

class ZooTable : public testing::TestWithParam<ZooRow> {
 protected:
  // Nodes that compute, by kind, in the order of the definition: their names end in their numbers.
  [[nodiscard]] std::map<std::string, std::map<int, const Node*>> nodes() const {
    std::map<std::string, std::map<int, const Node*>> by_kind;
    for (const Node& node : graph_.nodes) {
      if (node.constant) continue;
      by_kind[node.op_type][std::stoi(node.name.substr(node.name.rfind('_') + 1))] = &node;
    }
    return by_kind;
  }
  Graph graph_ = zoo_graph(GetParam().name);
};

TEST_P(ZooTable, HasTheParametersThatKerasCounts) {
  EXPECT_EQ(graph_.parameters(), GetParam().parameters);
}

TEST_P(ZooTable, HasThePublishedMultiplyAdds) {
  const double published = GetParam().multiply_adds;
  EXPECT_NEAR(graph_.multiply_adds(), published, 0.01 * published + GetParam().last_digit / 2);
}

TEST_P(ZooTable, HasTheOperatorsOfItsDefinition) {
  std::map<std::string, int> operators;
  for (const auto& [kind, list] : nodes()) operators[kind] = static_cast<int>(list.size());
  EXPECT_EQ(operators, GetParam().operators);
}

TEST_P(ZooTable, HasTheStagesOfItsDefinition) {
  const auto by_kind = nodes();
  for (const auto& [kind, nth, channels, side] : GetParam().stages) {
    ASSERT_TRUE(by_kind.contains(kind));
    const auto& list = by_kind.at(kind);
    ASSERT_LE(static_cast<std::size_t>(nth), list.size()) << kind;
    const Node& node = *std::next(list.begin(), nth - 1)->second;
    EXPECT_EQ(graph_.tensors[static_cast<std::size_t>(node.outputs.at(0))].shape,
              (std::vector<std::int64_t>{1, channels, side, side}))
        << kind << " " << nth;
  }
}

TEST_P(ZooTable, GoesFromAnImageToAThousandProbabilities) {
  for (const ZooEntry& entry : zoo_list()) {
    if (entry.name != GetParam().name) continue;
    EXPECT_EQ(entry.parameters, GetParam().parameters);
    EXPECT_EQ(graph_.tensors[static_cast<std::size_t>(graph_.inputs[0])].shape,
              (std::vector<std::int64_t>{1, 3, entry.input_size, entry.input_size}));
  }
  EXPECT_EQ(graph_.tensors[static_cast<std::size_t>(graph_.outputs[0])].shape,
            (std::vector<std::int64_t>{1, 1000}));
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooTable, testing::ValuesIn(test::zoo_table()),
                         [](const auto& network) { return network.param.name; });

TEST(ZooTableRows, HaveEveryNetwork) {
  std::vector<std::string> table;
  std::vector<std::string> zoo;
  for (const ZooRow& row : test::zoo_table()) table.push_back(row.name);
  for (const ZooEntry& entry : zoo_list()) zoo.push_back(entry.name);
  EXPECT_EQ(table, zoo);
}

}  // namespace
}  // namespace kerf
