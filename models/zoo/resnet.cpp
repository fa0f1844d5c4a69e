#include <array>
#include <cmath>
#include <numeric>

#include "models/zoo/networks.hpp"

namespace kerf::zoo {
namespace {

std::array<int, 4> blocks_of(int depth) {
  return depth == 50    ? std::array{3, 4, 6, 3}
         : depth == 101 ? std::array{3, 4, 23, 3}
                        : std::array{3, 8, 36, 3};
}

// Of the last normalisation of a branch: all branches together add about as much as there was before.
double residual_gamma(int depth) {
  const std::array<int, 4> blocks = blocks_of(depth);
  return std::sqrt(1.0 / std::accumulate(blocks.begin(), blocks.end(), 0));
}

Features classified(NetworkBuilder& b, const Features& x) {
  return b.dense(b.flatten(b.global_average_pool(x)), 1000);
}

// conv 1x1, 3x3, 1x1, each normalised; the stride stands on the first.
Features bottleneck(NetworkBuilder& b, const Features& x, int filters, int stride, bool project,
                    double gamma) {
  const ConvOptions strided{.stride = stride, .bias = true};
  const Features shortcut = project ? b.batch_norm(b.conv(x, 4 * filters, {1, 1}, strided)) : x;
  Features y = b.relu(b.batch_norm(b.conv(x, filters, {1, 1}, strided)));
  y = b.relu(b.batch_norm(b.conv(y, filters, {3, 3}, {.bias = true})));
  y = b.batch_norm(b.conv(y, 4 * filters, {1, 1}, {.bias = true}), gamma);
  return b.relu(b.add(shortcut, y));
}

// Normalisation and activation come first; the stride stands on the 3x3.
Features preactivated_bottleneck(NetworkBuilder& b, const Features& x, int filters, int stride, bool project,
                                 double gamma) {
  const Features active = b.relu(b.batch_norm(x));
  const Features shortcut = project ? b.conv(active, 4 * filters, {1, 1}, {.stride = stride, .bias = true})
                            : stride > 1 ? b.max_pool(x, {.size = 1, .stride = stride})
                                         : x;
  Features y = b.relu(b.batch_norm(b.conv(active, filters, {1, 1})));
  y = b.relu(b.batch_norm(b.conv(y, filters, {3, 3}, {.stride = stride, .padding = Padding::kBoth1})));
  y = b.conv(y, 4 * filters, {1, 1}, {.bias = true, .gain = 2 * gamma * gamma});
  return b.add(shortcut, y);
}

}  // namespace

void resnet(NetworkBuilder& b, int depth) {
  Features x = b.conv(b.input(3, 224), 64, {7, 7}, {.stride = 2, .padding = Padding::kBoth3, .bias = true});
  x = b.max_pool(b.relu(b.batch_norm(x)), {.size = 3, .stride = 2, .padding = Padding::kBoth1});
  int filters = 64;
  for (int stage = 0; stage < 4; ++stage, filters *= 2) {
    for (int i = 0; i < blocks_of(depth)[static_cast<std::size_t>(stage)]; ++i) {
      x = bottleneck(b, x, filters, i == 0 && stage > 0 ? 2 : 1, i == 0, residual_gamma(depth));
    }
  }
  b.softmax_output(classified(b, x));
}

void resnet_v2(NetworkBuilder& b, int depth) {
  Features x = b.conv(b.input(3, 224), 64, {7, 7}, {.stride = 2, .padding = Padding::kBoth3, .bias = true});
  x = b.max_pool(x, {.size = 3, .stride = 2, .padding = Padding::kBoth1});
  int filters = 64;
  for (int stage = 0; stage < 4; ++stage, filters *= 2) {
    const int blocks = blocks_of(depth)[static_cast<std::size_t>(stage)];
    for (int i = 0; i < blocks; ++i) {
      x = preactivated_bottleneck(b, x, filters, i + 1 == blocks && stage < 3 ? 2 : 1, i == 0,
                                  residual_gamma(depth));
    }
  }
  b.softmax_output(classified(b, b.relu(b.batch_norm(x))));
}

}  // namespace kerf::zoo
