#include "runtime/inference/session.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "runtime/inference/onnx_runtime.hpp"
#include "runtime/inference/weight_buffers.hpp"

namespace kerf {
namespace {

using onnx_runtime::borrowed_tensor;
using onnx_runtime::translating;

struct Port {
  std::string name;
  ElementType type;
  std::vector<std::int64_t> shape;
  std::size_t bytes;
};

std::vector<Port> ports(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<Port> result;
  for (const TensorId id : tensors) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    result.push_back(
        {tensor.name, tensor.type, tensor.shape, static_cast<std::size_t>(tensor.bytes().value())});
  }
  return result;
}

Ort::SessionOptions quiet_options(const SessionOptions& options) {
  Ort::SessionOptions result;
  result.SetIntraOpNumThreads(options.threads);
  result.SetInterOpNumThreads(1);
  result.SetExecutionMode(ORT_SEQUENTIAL);
  result.SetGraphOptimizationLevel(options.channel_blocks ? ORT_ENABLE_ALL : ORT_ENABLE_EXTENDED);
  result.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  result.AddConfigEntry("session.use_env_allocators", "1");
  // Weights laid out by the session do not come from the shared arena: they would leave holes in it when it
  // ends.
  result.AddConfigEntry("session.use_device_allocator_for_initializers", "1");
  if (options.threads > 1) result.AddConfigEntry("session.force_spinning_stop", "1");
  return result;
}

}  // namespace

struct Session::State {
  std::string where;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<const char*> input_names;
  std::vector<const char*> output_names;
  Ort::Session session{nullptr};
  Ort::RunOptions run_options;
  std::vector<Ort::Value> bound;

  template <class Tensors>  // Values, LiveTensors
  [[nodiscard]] std::vector<Ort::Value> views(const Tensors& values) const;
  [[nodiscard]] std::vector<Ort::Value> compute(const std::vector<Ort::Value>& arguments);
};

Session::Session(WeightStore& weights, const Slice& slice, const SessionOptions& options)
    : state_(std::make_unique<State>()) {
  const Graph& graph = weights.graph();
  state_->where = fmt::format("{}, blocks {}-{}", graph.name, slice.first_block, slice.last_block);
  state_->inputs = ports(graph, slice.inputs);
  state_->outputs = ports(graph, slice.outputs);
  for (const Port& port : state_->inputs) state_->input_names.push_back(port.name.c_str());
  for (const Port& port : state_->outputs) state_->output_names.push_back(port.name.c_str());

  translating(state_->where, [&] {
    Ort::SessionOptions session_options = quiet_options(options);
    std::vector<const char*> names;
    std::vector<const OrtValue*> values;
    for (const TensorId id : slice.weights) {
      const WeightStore::Buffers::Weight& weight = weights.buffers_->weight(id);
      const char* name = graph.tensors[static_cast<std::size_t>(id)].name.c_str();
      names.push_back(name);
      values.push_back(weight.tensor);
      if (weight.packable) session_options.AddInitializer(name, weight.tensor);
    }
    if (!names.empty()) {
      Ort::ThrowOnError(
          Ort::GetApi().AddExternalInitializers(session_options, names.data(), values.data(), names.size()));
    }
    state_->session = Ort::Session(onnx_runtime::environment(), slice.model.data(), slice.model.size(),
                                   session_options, weights.buffers_->packed.get());
  });
  // Optimising leaves large freed pieces in the C library's heap, which keeps them: hundreds of megabytes
  // after some sessions of large convolutions.
  if (options.give_memory_back) ::malloc_trim(0);
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

template <class Tensors>
std::vector<Ort::Value> Session::State::views(const Tensors& values) const {
  std::vector<Ort::Value> result;
  for (const Port& port : inputs) {
    const auto at = values.find(port.name);
    const std::string expected = describe(port.type, port.shape);
    if (at == values.end()) {
      throw Error(ErrorCode::kBadInput, where, fmt::format("no value for input \"{}\"", port.name), expected);
    }
    const auto& value = at->second;
    if (value.type != port.type || value.shape != port.shape) {
      throw Error(ErrorCode::kBadInput, where,
                  fmt::format("input \"{}\" is {}", port.name, describe(value.type, value.shape)), expected);
    }
    if (value.bytes.size() != port.bytes) {
      throw Error(ErrorCode::kBadInput, where,
                  fmt::format("input \"{}\" has {} bytes", port.name, value.bytes.size()),
                  fmt::format("{} bytes for {}", port.bytes, expected));
    }
    result.push_back(translating(where, [&] {
      return borrowed_tensor(value.bytes.data(), value.bytes.size(), port.type, port.shape);
    }));
  }
  return result;
}

std::vector<Ort::Value> Session::State::compute(const std::vector<Ort::Value>& arguments) {
  std::vector<Ort::Value> results;
  results.reserve(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) results.emplace_back(nullptr);
  session.Run(run_options, input_names.data(), arguments.data(), arguments.size(), output_names.data(),
              results.data(), results.size());
  return results;
}

void Session::bind(const Values& inputs) {
  state_->bound = state_->views(inputs);
}

Seconds Session::time_run() {
  using Clock = std::chrono::steady_clock;
  if (state_->bound.size() != state_->inputs.size()) {
    throw Error(ErrorCode::kBug, state_->where, "a run is timed before its inputs are bound");
  }
  return translating(state_->where, [&] {
    const auto start = Clock::now();
    const std::vector<Ort::Value> results = state_->compute(state_->bound);
    const auto end = Clock::now();
    return Seconds(std::chrono::duration<double>(end - start).count());
  });
}

Values Session::run(const Values& inputs) {
  Values values;
  for (const auto& [name, tensor] : run_in_place(borrowed(inputs))) values.emplace(name, copied(tensor));
  return values;
}

LiveTensors Session::run_in_place(const LiveTensors& inputs) const {
  return translating(state_->where, [&] {
    LiveTensors tensors;
    std::vector<Ort::Value> results = state_->compute(state_->views(inputs));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto owner = std::make_shared<const Ort::Value>(std::move(results[i]));
      const auto facts = owner->GetTensorTypeAndShapeInfo();
      const auto type = static_cast<ElementType>(facts.GetElementType());
      const std::size_t bytes = facts.GetElementCount() * bytes_of(type);
      const auto* const data = bytes > 0 ? static_cast<const std::byte*>(owner->GetTensorRawData()) : nullptr;
      tensors.emplace(state_->outputs[i].name,
                      LiveTensor{type, facts.GetShape(), std::span(data, bytes), owner});
    }
    return tensors;
  });
}

std::string runtime_version() {
  return fmt::format("onnxruntime {}", Ort::GetVersionString());
}

}  // namespace kerf
