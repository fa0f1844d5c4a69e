#include "runtime/executor/wire_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "open_inference.pb.h"

namespace kerf {
namespace {

// Protobuf's encoding: a field begins with (number << 3 | wire type) as a varint.
constexpr std::uint64_t kVarint = 0, kEightBytes = 1, kLengthDelimited = 2, kFourBytes = 5;
constexpr std::uint64_t kRawInputs = inference::ModelInferRequest::kRawInputContentsFieldNumber;
constexpr std::uint64_t kRawOutputs = inference::ModelInferResponse::kRawOutputContentsFieldNumber;

[[noreturn]] void refuse(std::string found, std::string expected = {}) {
  throw Error(ErrorCode::kBadInput, "", std::move(found), std::move(expected));
}

void append_varint(std::string& text, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
  text += static_cast<char>(value);
}

// ---- Out

using ProtoParameters = google::protobuf::Map<std::string, inference::InferParameter>;

struct SetParameter {
  inference::InferParameter& to;
  void operator()(bool value) const { to.set_bool_param(value); }
  void operator()(std::int64_t value) const { to.set_int64_param(value); }
  void operator()(const std::string& value) const { to.set_string_param(value); }
  void operator()(double value) const { to.set_double_param(value); }
  void operator()(std::uint64_t value) const { to.set_uint64_param(value); }
};

void set_parameters(const Parameters& parameters, ProtoParameters& to) {
  for (const auto& [name, value] : parameters) std::visit(SetParameter{to[name]}, value);
}

template <class ProtoTensor>
void describe(const NamedTensor& tensor, ProtoTensor& to) {
  to.set_name(tensor.name);
  to.set_datatype(tensor.datatype);
  for (const std::int64_t dimension : tensor.shape) to.add_shape(dimension);
}

// gRPC calls back when it has let go of the memory.
grpc::Slice slice_of(const Payload::Piece& piece) {
  constexpr std::size_t kCheaperCopied = 512;
  if (piece.bytes.size() <= kCheaperCopied) return {piece.bytes.data(), piece.bytes.size()};
  using Owner = std::shared_ptr<const void>;
  // gRPC takes a pointer that is not const, and writes nothing through it.
  auto* const data = const_cast<std::byte*>(piece.bytes.data());
  return {data, piece.bytes.size(), [](void* owner) { delete static_cast<Owner*>(owner); },
          new Owner(piece.owner)};
}

grpc::ByteBuffer assemble(std::string head, std::uint64_t raw_field,
                          const std::vector<NamedTensor>& tensors) {
  std::vector<grpc::Slice> slices;
  for (const NamedTensor& tensor : tensors) {
    append_varint(head, raw_field << 3 | kLengthDelimited);
    append_varint(head, tensor.bytes.size());
    if (tensor.bytes.size() == 0) continue;
    slices.emplace_back(head);
    head.clear();
    for (const Payload::Piece& piece : tensor.bytes.pieces()) slices.push_back(slice_of(piece));
  }
  if (!head.empty()) slices.emplace_back(head);
  return {slices.data(), slices.size()};
}

// ---- In

// Reads a message that lies in several slices.
class Cursor {
 public:
  explicit Cursor(const grpc::ByteBuffer& message) {
    auto slices = std::make_shared<std::vector<grpc::Slice>>();
    if (message.Valid() && !message.Dump(slices.get()).ok()) refuse("a message that cannot be read");
    for (const grpc::Slice& slice : *slices) left_ += slice.size();
    slices_ = std::move(slices);
  }
  [[nodiscard]] bool at_end() const { return left_ == 0; }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(take_some(1).front());
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    refuse("a message that is no protobuf: a number of more than 64 bits");
  }
  // The next `bytes` where they lie.
  Payload payload(std::uint64_t bytes) {
    Payload payload;
    for_each(bytes, [&](std::span<const std::byte> part) { payload.append(part, slices_); });
    return payload;
  }
  void copy(std::uint64_t bytes, std::string& to) {
    for_each(bytes, [&](std::span<const std::byte> part) {
      to.append(reinterpret_cast<const char*>(part.data()), part.size());
    });
  }

 private:
  template <class Visit>
  void for_each(std::uint64_t bytes, Visit visit) {
    if (bytes > left_) refuse(fmt::format("a field of {} bytes where {} are left", bytes, left_));
    while (bytes > 0) {
      const std::span<const std::byte> part = take_some(bytes);
      visit(part);
      bytes -= part.size();
    }
  }
  // At most `most` bytes: what lies in one slice.
  std::span<const std::byte> take_some(std::uint64_t most) {
    if (left_ == 0) refuse("a message that ends in the middle");
    while (at_ == (*slices_)[index_].size()) {
      ++index_;
      at_ = 0;
    }
    const grpc::Slice& slice = (*slices_)[index_];
    const std::size_t size = std::min<std::uint64_t>(most, slice.size() - at_);
    const auto* const begin = reinterpret_cast<const std::byte*>(slice.begin()) + at_;
    at_ += size;
    left_ -= size;
    return {begin, size};
  }

  std::shared_ptr<const std::vector<grpc::Slice>> slices_;
  std::size_t index_ = 0;
  std::size_t at_ = 0;
  std::uint64_t left_ = 0;
};

struct Parts {
  std::string head;  // the message without its raw contents
  std::vector<Payload> raw;
};

Parts take_apart(const grpc::ByteBuffer& message, std::uint64_t raw_field) {
  Parts parts;
  Cursor cursor(message);
  while (!cursor.at_end()) {
    const std::uint64_t tag = cursor.varint();
    if (tag == (raw_field << 3 | kLengthDelimited)) {
      parts.raw.push_back(cursor.payload(cursor.varint()));
      continue;
    }
    append_varint(parts.head, tag);
    switch (tag & 7) {
      case kVarint:
        append_varint(parts.head, cursor.varint());
        break;
      case kEightBytes:
        cursor.copy(8, parts.head);
        break;
      case kFourBytes:
        cursor.copy(4, parts.head);
        break;
      case kLengthDelimited: {
        const std::uint64_t length = cursor.varint();
        append_varint(parts.head, length);
        cursor.copy(length, parts.head);
        break;
      }
      default:
        refuse(fmt::format("a message that is no protobuf: wire type {}", tag & 7));
    }
  }
  return parts;
}

Parameters parameters_of(const ProtoParameters& from) {
  Parameters parameters;
  for (const auto& [name, value] : from) {
    switch (value.parameter_choice_case()) {
      case inference::InferParameter::kBoolParam:
        parameters.emplace(name, value.bool_param());
        break;
      case inference::InferParameter::kInt64Param:
        parameters.emplace(name, std::int64_t{value.int64_param()});
        break;
      case inference::InferParameter::kStringParam:
        parameters.emplace(name, value.string_param());
        break;
      case inference::InferParameter::kDoubleParam:
        parameters.emplace(name, value.double_param());
        break;
      case inference::InferParameter::kUint64Param:
        parameters.emplace(name, std::uint64_t{value.uint64_param()});
        break;
      case inference::InferParameter::PARAMETER_CHOICE_NOT_SET:
        refuse(fmt::format("the parameter {} has no value", name));
    }
  }
  return parameters;
}

template <class ProtoTensors>
std::vector<NamedTensor> tensors_of(const ProtoTensors& described, std::vector<Payload> raw,
                                    std::string_view what) {
  for (const auto& each : described) {
    if (!each.has_contents()) continue;
    refuse(fmt::format("{} {} has typed contents", what, each.name()), fmt::format("raw_{}_contents", what));
  }
  if (raw.size() != static_cast<std::size_t>(described.size())) {
    refuse(fmt::format("{} {}s and {} raw_{}_contents", described.size(), what, raw.size(), what),
           fmt::format("one for each {}", what));
  }
  std::vector<NamedTensor> tensors;
  for (const auto& each : described) {
    tensors.push_back({each.name(),
                       each.datatype(),
                       {each.shape().begin(), each.shape().end()},
                       std::move(raw[tensors.size()])});
    std::string fault = fault_of(tensors.back(), what);
    if (!fault.empty()) refuse(std::move(fault));
  }
  return tensors;
}

template <class Message>
Message parse(const std::string& head) {
  Message message;
  if (!message.ParseFromString(head)) refuse(fmt::format("a message that is no {}", message.GetTypeName()));
  return message;
}

}  // namespace

grpc::ByteBuffer encode(const InferRequest& request) {
  inference::ModelInferRequest head;
  head.set_model_name(request.model);
  head.set_model_version(request.version);
  head.set_id(request.id);
  set_parameters(request.parameters, *head.mutable_parameters());
  for (const NamedTensor& tensor : request.inputs) describe(tensor, *head.add_inputs());
  return assemble(head.SerializeAsString(), kRawInputs, request.inputs);
}

grpc::ByteBuffer encode(const InferReply& reply) {
  inference::ModelInferResponse head;
  head.set_model_name(reply.model);
  head.set_model_version(reply.version);
  head.set_id(reply.id);
  set_parameters(reply.parameters, *head.mutable_parameters());
  for (const NamedTensor& tensor : reply.outputs) describe(tensor, *head.add_outputs());
  return assemble(head.SerializeAsString(), kRawOutputs, reply.outputs);
}

InferRequest decode_request(const grpc::ByteBuffer& message) {
  Parts parts = take_apart(message, kRawInputs);
  const auto head = parse<inference::ModelInferRequest>(parts.head);
  return {head.model_name(), head.model_version(), head.id(), parameters_of(head.parameters()),
          tensors_of(head.inputs(), std::move(parts.raw), "input")};
}

InferReply decode_reply(const grpc::ByteBuffer& message) {
  Parts parts = take_apart(message, kRawOutputs);
  const auto head = parse<inference::ModelInferResponse>(parts.head);
  return {head.model_name(), head.model_version(), head.id(), parameters_of(head.parameters()),
          tensors_of(head.outputs(), std::move(parts.raw), "output")};
}

}  // namespace kerf
