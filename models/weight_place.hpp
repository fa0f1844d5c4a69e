#pragma once
// From a TensorProto on the wire to the place of its elements, and from there to the elements. ONNX stores a
// tensor's data in one of several ways: raw bytes, packed floats (which are the same bytes), numbers as
// varints, or a range of another file. The first two and the last become an offset and a length; varints are
// decoded here. Internal to the import.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

// Weights up to this size are held in memory: shape inference looks at the operands of Reshape, Slice and
// their like.
inline constexpr std::uint64_t kInlineLimit = 1024;

struct TensorOnWire {
  std::string name;
  std::int32_t type = 0;  // TensorProto.DataType
  std::vector<std::int64_t> shape;
  WeightPlace place;               // empty for strings
  std::string strings;             // the wire bytes of its string_data
  std::filesystem::path external;  // the other file that holds its data, if one does
};

// `message` is the TensorProto's payload within `mapped`, the content of `file`. Small data is inlined.
// Errors name the file and the tensor: kBadInput for data that is missing, doubled, of the wrong length or
// outside of its file, kUnsupported for element types that this version does not know.
[[nodiscard]] TensorOnWire read_tensor(std::string_view message, std::string_view mapped,
                                       const std::filesystem::path& file);

// The elements, wherever they are. `where` is for errors: kBadInput when the file has gone or shrunk.
[[nodiscard]] std::string read_place(const WeightPlace& place, const std::string& where);
// Bytes first .. first + to.size() of them, within the place's length.
void read_part(const WeightPlace& place, std::uint64_t first, std::span<char> to, const std::string& where);
// The same, appended to `to` without a copy in between.
void append_place(std::string& to, const WeightPlace& place, const std::string& where);

}  // namespace kerf
