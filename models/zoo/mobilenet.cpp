#include <array>

#include "models/zoo/networks.hpp"

namespace kerf::zoo {
namespace {

Features conv_bn_relu6(NetworkBuilder& b, const Features& x, int filters, Kernel kernel, int stride = 1) {
  return b.relu6(b.batch_norm(b.conv(x, filters, kernel, {.stride = stride})));
}

Features depthwise_bn_relu6(NetworkBuilder& b, const Features& x, int stride) {
  return b.relu6(b.batch_norm(b.depthwise(x, {3, 3}, {.stride = stride})));
}

}  // namespace

void mobilenet(NetworkBuilder& b) {
  struct Stage {
    int filters, stride;
  };
  constexpr std::array<Stage, 13> kStages{{{64, 1},
                                           {128, 2},
                                           {128, 1},
                                           {256, 2},
                                           {256, 1},
                                           {512, 2},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {512, 1},
                                           {1024, 2},
                                           {1024, 1}}};
  Features x = conv_bn_relu6(b, b.input(3, 224), 32, {3, 3}, 2);
  for (const Stage& stage : kStages) {
    x = conv_bn_relu6(b, depthwise_bn_relu6(b, x, stage.stride), stage.filters, {1, 1});
  }
  // The classifier is a convolution of the pooled features, which are small: activations end at 6.
  x = b.conv(b.global_average_pool(x), 1000, {1, 1}, {.bias = true, .gain = 12});
  b.softmax_output(b.flatten(x));
}

void mobilenet_v2(NetworkBuilder& b) {
  struct Stage {
    int filters, blocks, stride, expansion;
  };
  constexpr std::array<Stage, 7> kStages{{{16, 1, 1, 1},
                                          {24, 2, 2, 6},
                                          {32, 3, 2, 6},
                                          {64, 4, 2, 6},
                                          {96, 3, 1, 6},
                                          {160, 3, 2, 6},
                                          {320, 1, 1, 6}}};
  Features x = conv_bn_relu6(b, b.input(3, 224), 32, {3, 3}, 2);
  for (const Stage& stage : kStages) {
    for (int i = 0; i < stage.blocks; ++i) {
      const int stride = i == 0 ? stage.stride : 1;
      Features y = stage.expansion == 1 ? x : conv_bn_relu6(b, x, stage.expansion * x.channels, {1, 1});
      y = b.batch_norm(b.conv(depthwise_bn_relu6(b, y, stride), stage.filters, {1, 1}));
      x = i > 0 ? b.add(x, y) : y;
    }
  }
  x = conv_bn_relu6(b, x, 1280, {1, 1});
  b.softmax_output(b.dense(b.flatten(b.global_average_pool(x)), 1000));
}

}  // namespace kerf::zoo
