#include "models/zoo/networks.hpp"

namespace kerf::zoo {

void vgg(NetworkBuilder& b, int depth) {
  const int more = depth == 19 ? 4 : 3;
  const int filters[] = {64, 128, 256, 512, 512};
  const int convolutions[] = {2, 2, more, more, more};
  Features x = b.input(3, 224);
  for (int stage = 0; stage < 5; ++stage) {
    for (int i = 0; i < convolutions[stage]; ++i)
      x = b.relu(b.conv(x, filters[stage], {3, 3}, {.bias = true}));
    x = b.max_pool(x);
  }
  x = b.flatten(x);
  x = b.relu(b.dense(x, 4096, 2));
  x = b.relu(b.dense(x, 4096, 2));
  b.softmax_output(b.dense(x, 1000));
}

}  // namespace kerf::zoo
