#include "runtime/executor/infer_message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace kerf {
namespace {

constexpr std::array<std::pair<std::string_view, std::size_t>, 14> kDatatypes{{{"BOOL", 1},
                                                                               {"UINT8", 1},
                                                                               {"UINT16", 2},
                                                                               {"UINT32", 4},
                                                                               {"UINT64", 8},
                                                                               {"INT8", 1},
                                                                               {"INT16", 2},
                                                                               {"INT32", 4},
                                                                               {"INT64", 8},
                                                                               {"FP16", 2},
                                                                               {"BF16", 2},
                                                                               {"FP32", 4},
                                                                               {"FP64", 8},
                                                                               {"BYTES", 0}}};

// Nothing where a dimension is negative or the product is beyond what memory holds.
std::optional<std::size_t> bytes_of(const std::vector<std::int64_t>& shape, std::size_t element) {
  constexpr std::size_t kMost = std::numeric_limits<std::int64_t>::max();
  std::size_t bytes = element;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    const auto size = static_cast<std::size_t>(dimension);
    if (size != 0 && bytes > kMost / size) return std::nullopt;
    bytes *= size;
  }
  return bytes;
}

bool fits(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& signature) {
  return std::equal(shape.begin(), shape.end(), signature.begin(), signature.end(),
                    [](std::int64_t is, std::int64_t wanted) { return wanted < 0 || is == wanted; });
}

}  // namespace

std::optional<std::size_t> element_bytes(std::string_view datatype) {
  const auto* const found = std::find_if(kDatatypes.begin(), kDatatypes.end(),
                                         [&](const auto& known) { return known.first == datatype; });
  return found == kDatatypes.end() ? std::nullopt : std::optional(found->second);
}

std::string to_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string fault_of(const NamedTensor& tensor, std::string_view what) {
  const std::optional<std::size_t> element = element_bytes(tensor.datatype);
  if (!element) return fmt::format("{} {}: no datatype is called \"{}\"", what, tensor.name, tensor.datatype);
  const std::optional<std::size_t> bytes = bytes_of(tensor.shape, *element);
  if (!bytes)
    return fmt::format("{} {}: no tensor has the shape {}", what, tensor.name, to_text(tensor.shape));
  if (*element == 0 || *bytes == tensor.bytes.size()) return {};
  return fmt::format("{} {}: {} {} is {} bytes, and {} are there", what, tensor.name, tensor.datatype,
                     to_text(tensor.shape), *bytes, tensor.bytes.size());
}

std::string mismatch(const std::vector<NamedTensor>& tensors, const std::vector<TensorSignature>& signatures,
                     std::string_view what) {
  if (tensors.size() != signatures.size()) {
    return fmt::format("{} {}s where the model has {}", tensors.size(), what, signatures.size());
  }
  for (const TensorSignature& wanted : signatures) {
    const auto tensor = std::find_if(tensors.begin(), tensors.end(),
                                     [&](const NamedTensor& each) { return each.name == wanted.name; });
    if (tensor == tensors.end()) return fmt::format("no {} is called \"{}\"", what, wanted.name);
    if (tensor->datatype == wanted.datatype && fits(tensor->shape, wanted.shape)) continue;
    return fmt::format("{} {} is {} {} where the model has {} {}", what, wanted.name, tensor->datatype,
                       to_text(tensor->shape), wanted.datatype, to_text(wanted.shape));
  }
  return {};
}

}  // namespace kerf
