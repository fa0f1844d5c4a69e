#include "models/zoo/networks.hpp"

namespace kerf::zoo {
namespace {

constexpr ConvOptions kPlain{};
constexpr double kResidualGamma =
    0.3;                           // of the last normalisation of a branch whose shortcut is the identity
constexpr double kSumGamma = 0.6;  // of both branches that end in a sum of two, one of them through a maximum

Features separable_bn(NetworkBuilder& b, const Features& x, int filters, double gamma = 1) {
  return b.batch_norm(b.separable(x, filters, {3, 3}, kPlain), gamma);
}

// Two separable convolutions and a pool, beside a strided 1x1 convolution.
Features halving(NetworkBuilder& b, const Features& x, int first, int second, bool activate) {
  const Features shortcut = b.batch_norm(b.conv(x, second, {1, 1}, {.stride = 2}), kSumGamma);
  Features y = separable_bn(b, activate ? b.relu(x) : x, first);
  y = separable_bn(b, b.relu(y), second, kSumGamma);
  return b.add(b.max_pool(y, {.size = 3, .stride = 2, .padding = Padding::kSame}), shortcut);
}

}  // namespace

void xception(NetworkBuilder& b) {
  Features x = b.conv(b.input(3, 299), 32, {3, 3}, {.stride = 2, .padding = Padding::kValid});
  x = b.relu(b.batch_norm(x));
  x = b.relu(b.batch_norm(b.conv(x, 64, {3, 3}, {.padding = Padding::kValid})));
  x = halving(b, x, 128, 128, false);
  x = halving(b, x, 256, 256, true);
  x = halving(b, x, 728, 728, true);
  for (int i = 0; i < 8; ++i) {
    Features y = separable_bn(b, b.relu(x), 728);
    y = separable_bn(b, b.relu(y), 728);
    y = separable_bn(b, b.relu(y), 728, kResidualGamma);
    x = b.add(y, x);
  }
  x = halving(b, x, 728, 1024, true);
  x = b.relu(separable_bn(b, x, 1536));
  x = b.relu(separable_bn(b, x, 2048));
  b.softmax_output(b.dense(b.flatten(b.global_average_pool(x)), 1000));
}

}  // namespace kerf::zoo
