#pragma once
// An ONNX file without its weights: the protobuf model as the file has it, except that each tensor's data is
// normalised: at most 1 KiB is inside as raw_data, more is left where it is (in the file, or to be generated)
// and the tensor says at which place (an index) that is. Attributes and initializers are treated alike, since
// some exporters keep all weights in Constant nodes. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct Skeleton {
  onnx::ModelProto model;
  std::vector<WeightPlace> places;                 // of the larger tensors
  std::set<std::filesystem::path> external_files;  // that hold data of tensors, large or small

  // The place of a tensor of this model.
  [[nodiscard]] WeightPlace place_of(const onnx::TensorProto& tensor) const;
  // Gives a tensor of this model, which has no data yet, the data at `place`.
  void put(onnx::TensorProto& tensor, WeightPlace place);
};

// Error(kBadInput) for what is no ONNX model or a damaged one.
[[nodiscard]] Skeleton read_skeleton(const std::filesystem::path& file);

// The whole file that the skeleton stands for, handed to `sink` in pieces of at most a mebibyte or one node's
// size: what read_skeleton() of that file gives is this skeleton again. Error(kUnsupported) over 2 GB, which
// is protobuf's limit, before any piece.
void write_skeleton(const Skeleton& skeleton, const std::function<void(std::string_view)>& sink);

// The hash of a content that comes in pieces of any size, of which one mebibyte at most is held.
class ContentHash {
 public:
  explicit ContentHash(std::uint64_t seed = 0) : hash_(seed) {}
  void add(std::string_view piece);
  [[nodiscard]] std::uint64_t value() const;

 private:
  std::uint64_t hash_;
  std::string piece_;
};

// A hash of the content of the file and of its external files. Of an external file over 64 MiB it looks at
// the size and at 512 pages of 4 KiB, evenly spread from its first to its last: such files reach many
// gigabytes, and a model that was trained or exported again differs nearly everywhere.
[[nodiscard]] std::uint64_t hash_content(const std::filesystem::path& file, const Skeleton& skeleton);

}  // namespace kerf
