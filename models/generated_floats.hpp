#pragma once
// The elements of a GeneratedFloats: weights of the zoo, drawn by Philox4x32-10 (base/random.hpp), so that
// any part of them can be made by itself, and in integers and two roundings of IEEE arithmetic, so that they
// are the same bits on every machine. A few nanoseconds an element. Internal to models.

#include <cstdint>
#include <span>

#include "models/graph.hpp"

namespace kerf {

// Elements first .. first + values.size(). Element i comes from word i mod 4 of the block whose counter is
// i / 4 (64 bits) and the stream: d = its upper 24 bits as a signed number.
void generate(const GeneratedFloats& from, std::uint64_t first, std::span<float> values);

}  // namespace kerf
