#pragma once
// The inputs of an ONNX graph with every dimension fixed: by the file, by the shapes the user gave, or by a
// name (dim_param) that stands for the same number wherever it occurs. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/onnx_import.hpp"
#include "models/onnx_shapes.hpp"

namespace kerf {

struct ResolvedInputs {
  std::vector<std::pair<std::string, TensorType>> inputs;  // in the file's order, without initializers
  std::map<std::string, std::int64_t> dimensions;          // what the names of dimensions stand for
  bool as_filed = true;                                    // no shape given differs from a number in the file
};

// Error(kBadInput) for a dimension left open, an input that does not exist, a wrong number of dimensions, two
// numbers for one name; kUnsupported for inputs that are no tensors of numbers.
[[nodiscard]] ResolvedInputs resolve_inputs(const onnx::GraphProto& graph,
                                            const std::set<std::string>& initializers,
                                            const InputShapes& shapes, const std::string& file);

// The type with names of dimensions replaced; kUndefined when something stays open.
[[nodiscard]] TensorType fixed_type(const onnx::TypeProto& type,
                                    const std::map<std::string, std::int64_t>& dimensions);

}  // namespace kerf
