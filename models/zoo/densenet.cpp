#include <array>

#include "models/zoo/networks.hpp"

namespace kerf::zoo {

void densenet(NetworkBuilder& b, int depth) {
  constexpr int kGrowth = 32;
  const auto layers = depth == 121   ? std::array{6, 12, 24, 16}
                      : depth == 169 ? std::array{6, 12, 32, 32}
                                     : std::array{6, 12, 48, 32};
  Features x = b.conv(b.input(3, 224), 64, {7, 7}, {.stride = 2, .padding = Padding::kBoth3});
  x = b.max_pool(b.relu(b.batch_norm(x)), {.size = 3, .stride = 2, .padding = Padding::kBoth1});
  for (std::size_t block = 0; block < layers.size(); ++block) {
    for (int i = 0; i < layers[block]; ++i) {
      Features y = b.conv(b.relu(b.batch_norm(x)), 4 * kGrowth, {1, 1});
      y = b.conv(b.relu(b.batch_norm(y)), kGrowth, {3, 3});
      x = b.concat({x, y});
    }
    if (block + 1 < layers.size()) {
      x = b.average_pool(b.conv(b.relu(b.batch_norm(x)), x.channels / 2, {1, 1}));
    }
  }
  x = b.relu(b.batch_norm(x));
  b.softmax_output(b.dense(b.flatten(b.global_average_pool(x)), 1000));
}

}  // namespace kerf::zoo
