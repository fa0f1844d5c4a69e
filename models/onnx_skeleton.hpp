#pragma once
// An ONNX file without its weights: the protobuf model as the file has it, except that each tensor's data is
// normalised: at most 1 KiB is inside as raw_data, more is left in the file and the tensor says at which
// place (an index) it is. Attributes and initializers are treated alike, since some exporters keep all
// weights in Constant nodes. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct Skeleton {
  onnx::ModelProto model;
  std::vector<WeightPlace> places;                 // of the larger tensors
  std::set<std::filesystem::path> external_files;  // that hold data of tensors, large or small

  // The place of a tensor of this model.
  [[nodiscard]] WeightPlace place_of(const onnx::TensorProto& tensor) const;
};

// Error(kBadInput) for what is no ONNX model or a damaged one.
[[nodiscard]] Skeleton read_skeleton(const std::filesystem::path& file);

// A hash of the content of the file and of its external files. Of an external file over 64 MiB it looks at
// the size and at 512 pages of 4 KiB, evenly spread from its first to its last: such files reach many
// gigabytes, and a model that was trained or exported again differs nearly everywhere.
[[nodiscard]] std::uint64_t hash_content(const std::filesystem::path& file, const Skeleton& skeleton);

}  // namespace kerf
