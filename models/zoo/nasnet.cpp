#include "models/zoo/networks.hpp"

namespace kerf::zoo {
namespace {

constexpr double kSumGamma = 0.7;      // every normalised branch ends in a sum of two
constexpr double kSqueezeGamma = 0.8;  // what a cell joins is larger than what it reads by as much
constexpr PoolOptions kSmoothing{.size = 3, .stride = 1, .padding = Padding::kSame};
constexpr PoolOptions kHalving{.size = 3, .stride = 2, .padding = Padding::kSame, .count_padding = true};
constexpr PoolOptions kHalvingMax{.size = 3, .stride = 2, .padding = Padding::kSame};
constexpr PoolOptions kEverySecond{.size = 1, .stride = 2};

// A cell's output and its input: what the next cell sees. The first cell has nothing before it.
struct Pair {
  Features now, before;
};

Features squeeze(NetworkBuilder& b, const Features& x, int filters) {
  return b.batch_norm(b.conv(b.relu(x), filters, {1, 1}), kSqueezeGamma);
}

// Activation, separable convolution and normalisation, twice; the stride stands on the first.
Features separable(NetworkBuilder& b, const Features& x, int filters, int kernel, int stride = 1) {
  Features y = b.batch_norm(b.separable(b.relu(x), filters, {kernel, kernel}, {.stride = stride}));
  return b.batch_norm(b.separable(b.relu(y), filters, {kernel, kernel}), kSumGamma);
}

// The cell before the last, brought to the last one's size and to `filters` channels.
Features adjusted(NetworkBuilder& b, const Pair& pair, int filters) {
  const Features& before = pair.before;
  if (before.tensor.empty()) return pair.now;
  if (before.height != pair.now.height) {
    const Features active = b.relu(before);
    const Features even = b.conv(b.average_pool(active, kEverySecond), filters / 2, {1, 1});
    const Features odd = b.conv(b.average_pool(b.shifted(active), kEverySecond), filters / 2, {1, 1});
    return b.batch_norm(b.concat({even, odd}));
  }
  return before.channels == filters ? before : squeeze(b, before, filters);
}

Pair normal_cell(NetworkBuilder& b, const Pair& in, int filters) {
  const Features p = adjusted(b, in, filters);
  const Features h = squeeze(b, in.now, filters);
  const Features x1 = b.add(separable(b, h, filters, 5), separable(b, p, filters, 3));
  const Features x2 = b.add(separable(b, p, filters, 5), separable(b, p, filters, 3));
  const Features x3 = b.add(b.average_pool(h, kSmoothing), p);
  const Features x4 = b.add(b.average_pool(p, kSmoothing), b.average_pool(p, kSmoothing));
  const Features x5 = b.add(separable(b, h, filters, 3), h);
  return {b.concat({p, x1, x2, x3, x4, x5}), in.now};
}

Pair reduction_cell(NetworkBuilder& b, const Pair& in, int filters) {
  const Features p = adjusted(b, in, filters);
  const Features h = squeeze(b, in.now, filters);
  const Features x1 = b.add(separable(b, h, filters, 5, 2), separable(b, p, filters, 7, 2));
  const Features x2 = b.add(b.max_pool(h, kHalvingMax), separable(b, p, filters, 7, 2));
  const Features x3 = b.add(b.average_pool(h, kHalving), separable(b, p, filters, 5, 2));
  const Features x4 = b.add(x2, b.average_pool(x1, kSmoothing));
  const Features x5 = b.add(separable(b, x1, filters, 3), b.max_pool(h, kHalvingMax));
  return {b.concat({x2, x3, x4, x5}), in.now};
}

}  // namespace

void nasnet(NetworkBuilder& b, bool large) {
  const int filters = (large ? 4032 : 1056) / 24;
  const int cells = large ? 6 : 4;
  Features x = b.conv(b.input(3, large ? 331 : 224), large ? 96 : 32, {3, 3},
                      {.stride = 2, .padding = Padding::kValid});
  x = b.batch_norm(x);
  Pair pair{x, {}};
  pair = reduction_cell(b, pair, filters / 4);
  pair = reduction_cell(b, pair, filters / 2);
  for (const int width : {1, 2, 4}) {
    if (width > 1) {
      const Pair reduced = reduction_cell(b, pair, filters * width);
      // The large network's next cell looks past the reduction.
      pair = {reduced.now, large ? pair.before : reduced.before};
    }
    for (int i = 0; i < cells; ++i) pair = normal_cell(b, pair, filters * width);
  }
  x = b.global_average_pool(b.relu(pair.now));
  b.softmax_output(b.dense(b.flatten(x), 1000));
}

}  // namespace kerf::zoo
