// The zoo's random weights keep signals of ordinary size all the way: nothing vanishes or explodes, no
// denormal slows a run down, and outputs depend on the input far more than rounding does, so that `kerf model
// verify` proves something.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "models/zoo/zoo.hpp"
#include "runtime/inference/exposed.hpp"
#include "runtime/inference/session.hpp"

namespace kerf {
namespace {

std::vector<float> floats_of(const Value& value) {
  std::vector<float> floats(value.bytes.size() / sizeof(float));
  std::memcpy(floats.data(), value.bytes.data(), value.bytes.size());
  return floats;
}

double rms(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double spread(const std::vector<float>& values) {
  double mean = 0;
  for (const float value : values) mean += static_cast<double>(value);
  mean /= static_cast<double>(values.size());
  double sum = 0;
  for (const float value : values) sum += std::pow(static_cast<double>(value) - mean, 2);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

bool ordinary(float value) {
  return value == 0 || std::isnormal(value);
}

class ZooActivations : public testing::TestWithParam<std::string> {
 protected:
  // Every tensor that a node makes, for one input.
  [[nodiscard]] Values all_values(std::uint64_t seed) const {
    std::vector<TensorId> made;
    for (const Node& node : graph_.nodes) {
      if (!node.constant) made.insert(made.end(), node.outputs.begin(), node.outputs.end());
    }
    const int last = static_cast<int>(chain_.blocks.size()) - 1;
    WeightStore weights(graph_);
    Session session(weights, expose(graph_, make_slice(graph_, chain_, 0, last), made));
    return session.run(random_inputs(graph_, seed));
  }
  // What the softmax reads.
  [[nodiscard]] const std::string& logits() const {
    const Tensor& output = graph_.tensors[static_cast<std::size_t>(graph_.outputs[0])];
    const Node& softmax = graph_.nodes[static_cast<std::size_t>(output.producer)];
    return graph_.tensors[static_cast<std::size_t>(softmax.inputs[0])].name;
  }
  Graph graph_ = zoo_graph(GetParam());
  Chain chain_ = find_cuts(graph_);
};

TEST_P(ZooActivations, AreOfOrdinarySize) {
  const Values values = all_values(1);
  for (const auto& [name, value] : values) {
    const std::vector<float> floats = floats_of(value);
    EXPECT_TRUE(std::all_of(floats.begin(), floats.end(), ordinary)) << name;
    if (name == "probabilities") continue;
    EXPECT_GT(rms(floats), 0.02) << name;
    EXPECT_LT(rms(floats), 50) << name;
  }
  // Neither flat nor saturated.
  const double deviation = spread(floats_of(values.at(logits())));
  EXPECT_GT(deviation, 0.5);
  EXPECT_LT(deviation, 4);

  // Fifty times the tolerance of verify, and a thousand times what sessions differ by.
  const Values others = all_values(2);
  EXPECT_GT(difference(others.at(logits()), values.at(logits())).relative, 0.005);
  EXPECT_GT(difference(others.at("probabilities"), values.at("probabilities")).relative, 0.005);
}

// One of every kind; `inference_test --gtest_also_run_disabled_tests` runs them all.
INSTANTIATE_TEST_SUITE_P(Zoo, ZooActivations,
                         testing::Values("mobilenet", "mobilenetv2", "nasnetmobile", "densenet121",
                                         "resnet50", "resnet50v2"),
                         [](const auto& network) { return network.param; });
INSTANTIATE_TEST_SUITE_P(DISABLED_Zoo, ZooActivations,
                         testing::Values("vgg16", "vgg19", "xception", "resnet101", "resnet152",
                                         "resnet101v2", "resnet152v2", "inception_v3", "inceptionresnet_v2",
                                         "densenet169", "densenet201", "nasnetlarge"),
                         [](const auto& network) { return network.param; });

}  // namespace
}  // namespace kerf
