#include "calibrate/measure/slice_set.hpp"

#include <set>
#include <utility>

#include "calibrate/measure/shuffle.hpp"

namespace kerf {
namespace {

enum Kind : std::uint32_t { kNeeded, kPairs, kWindows };

class SliceSet {
 public:
  SliceSet(const Chain& chain, std::uint64_t seed) : chain_(chain), seed_(seed) {
    for (const Block& block : chain.blocks) {
      nodes_ += block.end_node - block.first_node;
      multiply_adds_ += block.multiply_adds;
    }
  }

  void add(int first, int last, bool required) {
    if (!seen_.emplace(first, last).second) return;
    const int blocks = static_cast<int>(chain_.blocks.size());
    double nodes = 0;
    double multiply_adds = 0;
    for (int b = first; b <= last; ++b) {
      const Block& block = chain_.blocks[static_cast<std::size_t>(b)];
      nodes += block.end_node - block.first_node;
      multiply_adds += block.multiply_adds;
    }
    const double node_share = nodes_ > 0 ? nodes / nodes_ : 1.0;
    const double work_share = multiply_adds_ > 0 ? multiply_adds / multiply_adds_ : node_share;
    constexpr double kLeastLoad = 0.05;  // a session of a single operator still costs something
    batch_.push_back({first, last, required, first == 0 && last == blocks - 1,
                      kLeastLoad + (1 - kLeastLoad) * node_share, 0.5 * node_share + 0.5 * work_share});
  }

  void finish_batch(std::uint32_t kind) {
    shuffle(batch_, seed_, kind);
    slices_.insert(slices_.end(), batch_.begin(), batch_.end());
    batch_.clear();
  }

  std::vector<PlannedSlice> take() { return std::move(slices_); }

 private:
  const Chain& chain_;
  std::uint64_t seed_;
  double nodes_ = 0;
  double multiply_adds_ = 0;
  std::set<std::pair<int, int>> seen_;
  std::vector<PlannedSlice> batch_;
  std::vector<PlannedSlice> slices_;
};

}  // namespace

std::vector<PlannedSlice> slices_to_measure(const Chain& chain, std::uint64_t seed) {
  const int blocks = static_cast<int>(chain.blocks.size());
  SliceSet set(chain, seed);
  set.add(0, blocks - 1, true);
  set.finish_batch(kNeeded);
  for (int b = 0; b < blocks; ++b) {
    set.add(0, b, true);
    set.add(b, blocks - 1, true);
    set.add(b, b, true);
  }
  set.finish_batch(kNeeded);
  for (int b = 0; b + 1 < blocks; ++b) set.add(b, b + 1, false);
  set.finish_batch(kPairs);
  for (int width = 4; width < blocks; width *= 2) {
    for (int first = 0; first + width <= blocks; first += width / 2) set.add(first, first + width - 1, false);
  }
  set.finish_batch(kWindows);
  return set.take();
}

}  // namespace kerf
