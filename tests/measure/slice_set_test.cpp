#include "calibrate/measure/slice_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

namespace kerf {
namespace {

Chain chain_of(int blocks) {
  Chain chain;
  for (int b = 0; b < blocks; ++b) {
    Block block;
    block.first_node = b;
    block.end_node = b + 1;
    block.multiply_adds = 100;
    chain.blocks.push_back(block);
  }
  return chain;
}

std::set<std::pair<int, int>> places(const std::vector<PlannedSlice>& slices, bool required) {
  std::set<std::pair<int, int>> result;
  for (const PlannedSlice& slice : slices) {
    if (slice.required == required) result.emplace(slice.first_block, slice.last_block);
  }
  return result;
}

TEST(SliceSet, BeginsWithTheWholeModel) {
  const PlannedSlice first = slices_to_measure(chain_of(9), 1).front();
  EXPECT_EQ(std::pair(first.first_block, first.last_block), std::pair(0, 8));
  EXPECT_TRUE(first.whole);
}

TEST(SliceSet, RequiresHeadsTailsAndBlocks) {
  EXPECT_EQ(places(slices_to_measure(chain_of(3), 1), true),
            (std::set<std::pair<int, int>>{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}));
}

TEST(SliceSet, AddsPairsThenSlicesOfAnyPlaceAndLength) {
  const std::vector<PlannedSlice> slices = slices_to_measure(chain_of(12), 1);
  const auto optional =
      std::find_if(slices.begin(), slices.end(), [](const PlannedSlice& slice) { return !slice.required; });
  constexpr int kInnerPairs = 9;
  std::set<int> begun;
  std::set<int> ended;
  for (auto slice = optional; slice != slices.end(); ++slice) {
    const int blocks = slice->last_block - slice->first_block + 1;
    EXPECT_GT(slice->first_block, 0);
    EXPECT_LT(slice->last_block, 11);
    EXPECT_EQ(blocks == 2, slice < optional + kInnerPairs);
    if (blocks < 3) continue;
    begun.insert(slice->first_block);
    ended.insert(slice->last_block);
  }
  EXPECT_EQ(begun, (std::set<int>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(ended, (std::set<int>{3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(SliceSet, HoldsOutSlicesThatTheFitDoesNotSee) {
  std::set<std::pair<int, int>> seen;
  int held_out = 0;
  for (const PlannedSlice& slice : slices_to_measure(chain_of(20), 1, 30)) {
    EXPECT_TRUE(seen.emplace(slice.first_block, slice.last_block).second);
    if (!slice.held_out) continue;
    ++held_out;
    EXPECT_GT(slice.first_block, 0);
    EXPECT_LT(slice.last_block, 19);
    EXPECT_GE(slice.last_block - slice.first_block, 2);
  }
  EXPECT_EQ(held_out, 30);
}

TEST(SliceSet, HoldsOutWhatThereIs) {
  EXPECT_EQ(slices_to_measure(chain_of(3), 1, 30).size(), slices_to_measure(chain_of(3), 1).size());
}

TEST(SliceSet, SlicesAtNarrowCutsComeFirstAmongThoseNotRequired) {
  Chain chain = chain_of(13);
  for (int k = 0; k <= 13; ++k) chain.cuts.push_back({k, k, {}, Bytes(k % 2 == 0 ? 100 : 900)});
  bool wide = false;
  for (const PlannedSlice& slice : slices_to_measure(chain, 1)) {
    if (slice.required || slice.last_block != slice.first_block + 1) continue;
    EXPECT_EQ(slice.wide, slice.first_block % 2 == 1);
    EXPECT_TRUE(slice.wide || !wide);
    wide = wide || slice.wide;
  }
  EXPECT_TRUE(wide);
}

TEST(SliceSet, OfALongChainNeedsHeadsAndTailsAtTheNarrowestCutsOfItsParts) {
  Chain chain = chain_of(201);
  for (int k = 0; k <= 201; ++k) chain.cuts.push_back({k, k, {}, Bytes(k % 5 == 3 ? 10 : 50)});
  int heads = 0;
  for (const PlannedSlice& slice : slices_to_measure(chain, 1)) {
    if (slice.first_block != 0 || slice.last_block == 0 || slice.whole || !slice.required) continue;
    ++heads;
    EXPECT_EQ((slice.last_block + 1) % 5, 3);
  }
  EXPECT_EQ(heads, 16);
}

TEST(SliceSet, HasHeadsAndTailsOfALongChainNowhereElse) {
  int heads = 0;
  int tails = 0;
  for (const PlannedSlice& slice : slices_to_measure(chain_of(201), 1)) {
    if (slice.whole || slice.last_block - slice.first_block < 2) continue;
    heads += slice.first_block == 0 ? 1 : 0;
    tails += slice.last_block == 200 ? 1 : 0;
  }
  EXPECT_LE(heads, 16);
  EXPECT_LE(tails, 16);
  EXPECT_GE(heads, 14);  // some are of one or two blocks
  EXPECT_GE(tails, 14);
}

TEST(SliceSet, HasEachSliceOnce) {
  const std::vector<PlannedSlice> slices = slices_to_measure(chain_of(40), 1);
  std::set<std::pair<int, int>> seen;
  for (const PlannedSlice& slice : slices)
    EXPECT_TRUE(seen.emplace(slice.first_block, slice.last_block).second);
}

TEST(SliceSet, OfOneBlockIsTheWholeModel) {
  const std::vector<PlannedSlice> slices = slices_to_measure(chain_of(1), 1);
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_TRUE(slices[0].whole && slices[0].required);
}

TEST(SliceSet, RequiredOnesComeFirst) {
  const std::vector<PlannedSlice> slices = slices_to_measure(chain_of(20), 1);
  EXPECT_TRUE(
      std::is_partitioned(slices.begin(), slices.end(), [](const auto& slice) { return slice.required; }));
}

TEST(SliceSet, SharesOfBlocksAddUp) {
  double run = 0;
  for (const PlannedSlice& slice : slices_to_measure(chain_of(5), 1)) {
    if (slice.first_block == slice.last_block) run += slice.run_share;
  }
  EXPECT_NEAR(run, 1, 1e-12);
}

TEST(SliceSet, IsShuffledBySeed) {
  const auto order = [](std::uint64_t seed) {
    std::vector<std::pair<int, int>> result;
    for (const PlannedSlice& slice : slices_to_measure(chain_of(20), seed)) {
      result.emplace_back(slice.first_block, slice.last_block);
    }
    return result;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

}  // namespace
}  // namespace kerf
