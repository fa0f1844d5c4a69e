#include "calibrate/measure/slice_set.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/random.hpp"
#include "calibrate/measure/shuffle.hpp"

namespace kerf {
namespace {

enum Kind : std::uint32_t { kNeeded, kPairs, kHeldOut, kScattered };  // kScattered and on: one a pass
constexpr int kMostAnchors = 16;
constexpr int kLongChain = 125;  // blocks: with more of them one pass of scattered slices is enough

class SliceSet {
 public:
  SliceSet(const Chain& chain, std::uint64_t seed) : chain_(chain), seed_(seed) {
    for (const Block& block : chain.blocks) {
      nodes_ += block.end_node - block.first_node;
      multiply_adds_ += block.multiply_adds;
      weights_ += block.weights;
    }
    std::vector<Bytes> inner;
    for (std::size_t k = 1; k + 1 < chain.cuts.size(); ++k) inner.push_back(chain.cuts[k].bytes);
    if (inner.empty()) return;
    const auto middle = inner.begin() + static_cast<std::ptrdiff_t>((inner.size() - 1) / 2);
    std::nth_element(inner.begin(), middle, inner.end());
    usual_cut_ = *middle;
  }

  void add(int first, int last, bool required, bool held_out = false) {
    if (!seen_.emplace(first, last).second) return;
    const int blocks = static_cast<int>(chain_.blocks.size());
    double nodes = 0;
    double multiply_adds = 0;
    Bytes weights;
    for (int b = first; b <= last; ++b) {
      const Block& block = chain_.blocks[static_cast<std::size_t>(b)];
      nodes += block.end_node - block.first_node;
      multiply_adds += block.multiply_adds;
      weights += block.weights;
    }
    const double node_share = nodes_ > 0 ? nodes / nodes_ : 1.0;
    const double weight_share = weights_ > Bytes(0) ? weights / weights_ : node_share;
    const double work_share = multiply_adds_ > 0 ? multiply_adds / multiply_adds_ : node_share;
    constexpr double kLeastLoad = 0.05;  // a session of a single operator still costs something
    batch_.push_back({.first_block = first,
                      .last_block = last,
                      .required = required,
                      .whole = first == 0 && last == blocks - 1,
                      .wide = is_wide(first) || is_wide(last + 1),
                      .held_out = held_out,
                      .load_share = kLeastLoad + (1 - kLeastLoad) * (0.5 * node_share + 0.5 * weight_share),
                      .run_share = 0.5 * node_share + 0.5 * work_share});
  }

  void finish_batch(std::uint32_t kind) {
    shuffle(batch_, seed_, kind);
    if (kind != kNeeded) {
      std::stable_partition(batch_.begin(), batch_.end(), [](const PlannedSlice& s) { return !s.wide; });
    }
    slices_.insert(slices_.end(), batch_.begin(), batch_.end());
    batch_.clear();
  }

  std::vector<PlannedSlice> take() { return std::move(slices_); }

 private:
  // The ends are no choice of a plan's.
  [[nodiscard]] bool is_wide(int cut) const {
    return cut > 0 && cut + 1 < static_cast<int>(chain_.cuts.size()) &&
           chain_.cuts[static_cast<std::size_t>(cut)].bytes > usual_cut_;
  }

  const Chain& chain_;
  std::uint64_t seed_;
  double nodes_ = 0;
  double multiply_adds_ = 0;
  Bytes weights_;
  Bytes usual_cut_;
  std::set<std::pair<int, int>> seen_;
  std::vector<PlannedSlice> batch_;
  std::vector<PlannedSlice> slices_;
};

// Slices of no kind that the fit needs: of three blocks and more, neither head nor tail.
std::vector<std::pair<int, int>> held_out_slices(int blocks, std::uint64_t seed, int count) {
  std::vector<std::pair<int, int>> inner;
  for (int first = 1; first < blocks - 1; ++first) {
    for (int last = first + 2; last < blocks - 1; ++last) inner.emplace_back(first, last);
  }
  shuffle(inner, seed, kHeldOut);
  inner.resize(std::min(inner.size(), static_cast<std::size_t>(count)));
  return inner;
}

// Inner slices of any length: every block begins one and ends another.
std::vector<std::pair<int, int>> scattered_slices(int blocks, std::uint64_t seed, std::uint32_t pass) {
  const auto drawn = [&](int block, std::uint32_t end, int low, int high) {
    const double luck = uniform({seed, static_cast<std::uint32_t>(block), 2 * pass + end, kScattered});
    return low + static_cast<int>(luck * (high - low + 1));
  };
  std::vector<std::pair<int, int>> slices;
  for (int block = 1; block < blocks - 1; ++block) {
    if (block + 2 < blocks - 1) slices.emplace_back(block, drawn(block, 0, block + 2, blocks - 2));
    if (block - 2 > 0) slices.emplace_back(drawn(block, 1, 1, block - 2), block);
  }
  return slices;
}

// The inner cuts at which the fit needs head and tail.
std::vector<bool> anchors(const Chain& chain) {
  const int blocks = static_cast<int>(chain.blocks.size());
  std::vector<bool> chosen(chain.blocks.size() + 1, blocks <= kMostAnchors);
  if (blocks <= kMostAnchors) return chosen;
  const auto bytes = [&](int cut) {
    const auto at = static_cast<std::size_t>(cut);
    return at < chain.cuts.size() ? chain.cuts[at].bytes : Bytes(0);
  };
  for (int part = 0; part < kMostAnchors; ++part) {
    const int first = 1 + part * (blocks - 1) / kMostAnchors;
    const int end = 1 + (part + 1) * (blocks - 1) / kMostAnchors;
    int narrowest = first;
    for (int cut = first; cut < end; ++cut) {
      if (bytes(cut) < bytes(narrowest)) narrowest = cut;
    }
    chosen[static_cast<std::size_t>(narrowest)] = true;
  }
  return chosen;
}

}  // namespace

std::vector<PlannedSlice> slices_to_measure(const Chain& chain, std::uint64_t seed, int held_out) {
  const int blocks = static_cast<int>(chain.blocks.size());
  SliceSet set(chain, seed);
  set.add(0, blocks - 1, true);
  set.finish_batch(kNeeded);
  const std::vector<bool> anchor = anchors(chain);
  for (int b = 0; b < blocks; ++b) set.add(b, b, true);
  for (int cut = 1; cut < blocks; ++cut) {
    if (!anchor[static_cast<std::size_t>(cut)]) continue;
    set.add(0, cut - 1, true);
    set.add(cut, blocks - 1, true);
  }
  for (const auto& [first, last] : held_out_slices(blocks, seed, held_out)) set.add(first, last, true, true);
  set.finish_batch(kNeeded);
  for (int b = 0; b + 1 < blocks; ++b) set.add(b, b + 1, false);
  set.finish_batch(kPairs);
  for (std::uint32_t pass = 0; pass < (blocks > kLongChain ? 1U : 2U); ++pass) {
    for (const auto& [first, last] : scattered_slices(blocks, seed, pass)) set.add(first, last, false);
    set.finish_batch(kScattered + pass);
  }
  return set.take();
}

}  // namespace kerf
