#include "runtime/inference/runtime_shapes.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/inference/onnx_runtime.hpp"

namespace kerf {
namespace {

constexpr double kMostBytesOfARun = 1e9;  // of all operands, so that a question never takes the machine down

std::vector<TensorType> types_of_outputs(const Ort::Session& session) {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    const Ort::TypeInfo type = session.GetOutputTypeInfo(i);
    TensorType& known = types.emplace_back();
    if (type.GetONNXType() != ONNX_TYPE_TENSOR) continue;
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    known = {static_cast<ElementType>(tensor.GetElementType()), tensor.GetShape()};
    // A shape of no dimensions is a scalar's or one that is not known: ONNX Runtime does not say which.
    const bool fixed = !known.shape.empty() && std::all_of(known.shape.begin(), known.shape.end(),
                                                           [](auto size) { return size >= 0; });
    if (!fixed) known = {};
  }
  return types;
}

// The shapes that a run gives with every operand's bytes all zero, or ones in turn with zeros. Such patterns
// are small numbers of every type, so valid as indices.
std::vector<TensorType> types_of_a_run(Ort::Session& session, bool zeros) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<std::string> names;
  std::vector<std::string> bytes;
  std::vector<Ort::Value> operands;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    names.emplace_back(session.GetInputNameAllocated(i, allocator).get());
    const Ort::TypeInfo type = session.GetInputTypeInfo(i);
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    const auto element = static_cast<ElementType>(tensor.GetElementType());
    std::string& value = bytes.emplace_back(tensor.GetElementCount() * bytes_of(element), '\0');
    if (!zeros) {
      for (std::size_t at = 0; at < value.size(); at += 2 * bytes_of(element)) value[at] = 1;
    }
    operands.push_back(onnx_runtime::borrowed_tensor(value.data(), value.size(), element, tensor.GetShape()));
  }
  std::vector<const char*> inputs;
  for (const std::string& name : names) inputs.push_back(name.c_str());
  std::vector<std::string> output_names;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i)
    output_names.emplace_back(session.GetOutputNameAllocated(i, allocator).get());
  std::vector<const char*> outputs;
  for (const std::string& name : output_names) outputs.push_back(name.c_str());

  std::vector<TensorType> types;
  for (const Ort::Value& result : session.Run(Ort::RunOptions(), inputs.data(), operands.data(),
                                              operands.size(), outputs.data(), outputs.size())) {
    TensorType& type = types.emplace_back();
    if (!result.IsTensor()) continue;
    const auto tensor = result.GetTensorTypeAndShapeInfo();
    type = {static_cast<ElementType>(tensor.GetElementType()), tensor.GetShape()};
  }
  return types;
}

bool small_enough(const Ort::Session& session) {
  double sum = 0;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    const Ort::TypeInfo type = session.GetInputTypeInfo(i);
    if (type.GetONNXType() != ONNX_TYPE_TENSOR) return false;
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    const std::size_t element = bytes_of(static_cast<ElementType>(tensor.GetElementType()));
    if (element == 0) return false;
    double bytes = static_cast<double>(element);
    for (const std::int64_t size : tensor.GetShape()) bytes *= static_cast<double>(size);
    sum += bytes;
  }
  return sum <= kMostBytesOfARun;
}

void complete_by_running(Ort::Session& session, std::vector<TensorType>& types) {
  if (!small_enough(session)) return;
  try {
    const std::vector<TensorType> first = types_of_a_run(session, true);
    const std::vector<TensorType> second = types_of_a_run(session, false);
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (types[i].type == ElementType::kUndefined && first[i] == second[i]) types[i] = first[i];
    }
  } catch (const Ort::Exception&) {
    // Made-up operands need not be valid ones: what they would have told stays unknown.
  }
}

std::vector<TensorType> answer(const std::string& model) {
  return onnx_runtime::translating("ONNX Runtime", [&] {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetInterOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
    options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    Ort::Session session(onnx_runtime::environment(), model.data(), model.size(), options);
    std::vector<TensorType> types = types_of_outputs(session);
    const bool all = std::none_of(types.begin(), types.end(), [](const TensorType& type) {
      return type.type == ElementType::kUndefined;
    });
    if (!all) complete_by_running(session, types);
    return types;
  });
}

}  // namespace

ShapeOracle runtime_shapes() {
  return answer;
}

}  // namespace kerf
