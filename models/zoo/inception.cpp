#include "models/zoo/networks.hpp"

namespace kerf::zoo {
namespace {

constexpr ConvOptions kValid{.padding = Padding::kValid};
constexpr ConvOptions kHalve{.stride = 2, .padding = Padding::kValid};
constexpr PoolOptions kHalvingPool{.size = 3, .stride = 2};
constexpr PoolOptions kSmoothingPool{.size = 3, .stride = 1, .padding = Padding::kSame};

// Convolution, normalisation without scale, activation.
Features unit(NetworkBuilder& b, const Features& x, int filters, Kernel kernel,
              const ConvOptions& options = {}) {
  return b.relu(b.batch_norm(b.conv(x, filters, kernel, options), 1, false));
}

Features stem(NetworkBuilder& b) {
  Features x = unit(b, b.input(3, 299), 32, {3, 3}, kHalve);
  x = unit(b, unit(b, x, 32, {3, 3}, kValid), 64, {3, 3});
  x = b.max_pool(x, kHalvingPool);
  x = unit(b, unit(b, x, 80, {1, 1}, kValid), 192, {3, 3}, kValid);
  return b.max_pool(x, kHalvingPool);
}

// 1x1; 1x1-5x5; 1x1-3x3-3x3; pool-1x1.
Features mixed_35(NetworkBuilder& b, const Features& x, int first, int pooled) {
  return b.concat({unit(b, x, first, {1, 1}), unit(b, unit(b, x, 48, {1, 1}), 64, {5, 5}),
                   unit(b, unit(b, unit(b, x, 64, {1, 1}), 96, {3, 3}), 96, {3, 3}),
                   unit(b, b.average_pool(x, kSmoothingPool), pooled, {1, 1})});
}

// 7x7 kernels as 1x7 and 7x1.
Features mixed_17(NetworkBuilder& b, const Features& x, int middle) {
  Features seven = unit(b, unit(b, x, middle, {1, 1}), middle, {1, 7});
  seven = unit(b, seven, 192, {7, 1});
  Features twice = unit(b, unit(b, x, middle, {1, 1}), middle, {7, 1});
  twice = unit(b, unit(b, twice, middle, {1, 7}), middle, {7, 1});
  twice = unit(b, twice, 192, {1, 7});
  return b.concat(
      {unit(b, x, 192, {1, 1}), seven, twice, unit(b, b.average_pool(x, kSmoothingPool), 192, {1, 1})});
}

// The last kernels stand side by side.
Features mixed_8(NetworkBuilder& b, const Features& x) {
  const auto side_by_side = [&](const Features& y) {
    return b.concat({unit(b, y, 384, {1, 3}), unit(b, y, 384, {3, 1})});
  };
  return b.concat({unit(b, x, 320, {1, 1}), side_by_side(unit(b, x, 384, {1, 1})),
                   side_by_side(unit(b, unit(b, x, 448, {1, 1}), 384, {3, 3})),
                   unit(b, b.average_pool(x, kSmoothingPool), 192, {1, 1})});
}

// x + scale * (1x1 convolution of what the branches join to).
Features residual(NetworkBuilder& b, const Features& x, const std::vector<Features>& branches, double scale) {
  const Features up = b.conv(b.concat(branches), x.channels, {1, 1}, {.bias = true, .gain = 0.5});
  return b.add(x, b.scaled(up, scale));
}

}  // namespace

void inception_v3(NetworkBuilder& b) {
  Features x = stem(b);
  for (const int pooled : {32, 64, 64}) x = mixed_35(b, x, 64, pooled);
  x = b.concat({unit(b, x, 384, {3, 3}, kHalve),
                unit(b, unit(b, unit(b, x, 64, {1, 1}), 96, {3, 3}), 96, {3, 3}, kHalve),
                b.max_pool(x, kHalvingPool)});
  for (const int middle : {128, 160, 160, 192}) x = mixed_17(b, x, middle);
  const Features seven = unit(b, unit(b, unit(b, x, 192, {1, 1}), 192, {1, 7}), 192, {7, 1});
  x = b.concat({unit(b, unit(b, x, 192, {1, 1}), 320, {3, 3}, kHalve), unit(b, seven, 192, {3, 3}, kHalve),
                b.max_pool(x, kHalvingPool)});
  for (int i = 0; i < 2; ++i) x = mixed_8(b, x);
  b.softmax_output(b.dense(b.flatten(b.global_average_pool(x)), 1000));
}

void inception_resnet_v2(NetworkBuilder& b) {
  Features x = mixed_35(b, stem(b), 96, 64);
  for (int i = 0; i < 10; ++i) {
    x = b.relu(residual(b, x,
                        {unit(b, x, 32, {1, 1}), unit(b, unit(b, x, 32, {1, 1}), 32, {3, 3}),
                         unit(b, unit(b, unit(b, x, 32, {1, 1}), 48, {3, 3}), 64, {3, 3})},
                        0.17));
  }
  x = b.concat({unit(b, x, 384, {3, 3}, kHalve),
                unit(b, unit(b, unit(b, x, 256, {1, 1}), 256, {3, 3}), 384, {3, 3}, kHalve),
                b.max_pool(x, kHalvingPool)});
  for (int i = 0; i < 20; ++i) {
    x = b.relu(residual(
        b, x, {unit(b, x, 192, {1, 1}), unit(b, unit(b, unit(b, x, 128, {1, 1}), 160, {1, 7}), 192, {7, 1})},
        0.1));
  }
  x = b.concat({unit(b, unit(b, x, 256, {1, 1}), 384, {3, 3}, kHalve),
                unit(b, unit(b, x, 256, {1, 1}), 288, {3, 3}, kHalve),
                unit(b, unit(b, unit(b, x, 256, {1, 1}), 288, {3, 3}), 320, {3, 3}, kHalve),
                b.max_pool(x, kHalvingPool)});
  for (int i = 0; i < 10; ++i) {
    const bool last = i == 9;  // neither scaled nor activated
    const Features y = residual(
        b, x, {unit(b, x, 192, {1, 1}), unit(b, unit(b, unit(b, x, 192, {1, 1}), 224, {1, 3}), 256, {3, 1})},
        last ? 1.0 : 0.2);
    x = last ? y : b.relu(y);
  }
  x = unit(b, x, 1536, {1, 1});
  b.softmax_output(b.dense(b.flatten(b.global_average_pool(x)), 1000));
}

}  // namespace kerf::zoo
