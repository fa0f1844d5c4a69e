#pragma once
// Takes out of visits what the machine did over minutes. Not all slices fit into memory at once, so groups of
// them are measured one after the other, and a neighbour that is busy for half a minute would make one group
// slow: every slice in it, by much the same factor. The groups' factors are found with the fit
// (level_stretches()) from the slices that it may see, and all visits brought to the average.

#include <span>
#include <vector>

#include "calibrate/measure/sampler.hpp"
#include "calibrate/measure/slice_set.hpp"
#include "calibrate/profile/profile.hpp"

namespace kerf {

using SliceStretches = std::vector<std::vector<int>>;  // of each slice's visits, in their order

// visits and stretches: as many slices as in the plan.
void level(std::span<const PlannedSlice> plan, std::span<const ProfileBlock> blocks,
           const SliceStretches& stretches, SliceVisits& visits);

}  // namespace kerf
