#include "calibrate/measure/level.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kerf::test {
namespace {

// Four blocks of 1, 2, 3 and 4 ms that add up; the slices in `slow` were measured while everything took a
// tenth longer.
struct Study {
  std::vector<PlannedSlice> plan;
  std::vector<ProfileBlock> blocks;
  SliceStretches stretches;
  SliceVisits visits;

  explicit Study(int stretches_in_all) {
    for (int b = 0; b < 4; ++b) blocks.push_back({"block", 0, Bytes(0), Bytes(0)});
    for (int first = 0; first < 4; ++first) {
      for (int last = first; last < 4; ++last) {
        PlannedSlice slice;
        slice.first_block = first;
        slice.last_block = last;
        slice.held_out = first == 1 && last == 3;
        const int stretch = (first + last) % stretches_in_all;
        double seconds = 0;
        for (int b = first; b <= last; ++b) seconds += 1e-3 * (b + 1);
        plan.push_back(slice);
        visits.emplace_back(4, Visit(3, stretch == 1 ? 1.1 * seconds : seconds));
        stretches.emplace_back(4, stretch);
      }
    }
  }
  [[nodiscard]] double run(std::size_t slice) const { return visits[slice].front().front(); }
};

TEST(Level, BringsAllStretchesToTheSameSpeed) {
  Study study(2);
  level(study.plan, study.blocks, study.stretches, study.visits);
  // Block 0 (slow: no), blocks 0..1 (slow: yes), held out 1..3 (slow: no), 2..3 (slow: yes).
  EXPECT_NEAR(study.run(1) / study.run(0), 3, 0.1);
  EXPECT_NEAR(study.run(8) / study.run(0), 7, 0.3);
  EXPECT_NEAR(study.run(6) / study.run(8), 9.0 / 7, 0.05);
}

TEST(Level, TouchesNothingWhereEverythingWasMeasuredInOneStretch) {
  Study study(1);
  const SliceVisits before = study.visits;
  level(study.plan, study.blocks, study.stretches, study.visits);
  EXPECT_EQ(study.visits, before);
}

}  // namespace
}  // namespace kerf::test
