#include "models/onnx_skeleton.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <span>
#include <system_error>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "models/mapped_file.hpp"
#include "models/weight_place.hpp"
#include "models/wire.hpp"

namespace kerf {
namespace {

constexpr int kDeepestNesting = 50;
constexpr std::size_t kForgetEvery = 8 << 20;
constexpr std::size_t kPiece = 1 << 20;  // of a file, when it is hashed or written
constexpr std::string_view kPlaceKey = "place";

// Rewrites a message without its weights' data. Which messages can hold a tensor: model (7) > graph (1) >
// node (5) > attribute (5 one tensor, 10 several; 6 and 11 subgraphs), graph (5) > initializer, and model
// (25) > function (7) > node.
class Stripper {
 public:
  Stripper(const MappedFile& content, const std::filesystem::path& file, Skeleton& skeleton)
      : content_(content),
        mapped_(content.bytes()),
        file_(file),
        where_(file.string()),
        skeleton_(skeleton) {}

  std::string model() {
    std::string out;
    WireReader reader(mapped_, mapped_, where_);
    bool first = true;
    while (const auto field = reader.next()) {
      if (first && !plausible(*field)) {
        throw Error(ErrorCode::kBadInput, where_, "it does not begin like an ONNX model", "an .onnx file");
      }
      first = false;
      if (field->number == 7 && field->type == WireType::kLength) {
        append_field(out, 7, graph(field->payload, 0));
      } else if (field->number == 25 && field->type == WireType::kLength) {
        append_field(out, 25, function(field->payload));
      } else if (field->number != 20) {  // training graphs are of no use here
        out += field->whole;
      }
    }
    return out;
  }

 private:
  static bool plausible(const WireField& field) {
    const bool number = field.number == 1 || field.number == 5;
    const bool text = (field.number >= 2 && field.number <= 8) || field.number == 14 || field.number == 20 ||
                      field.number == 25;
    return (number && field.type == WireType::kVarint) || (text && field.type == WireType::kLength);
  }

  std::string graph(std::string_view message, int depth) {
    if (depth > kDeepestNesting) {
      throw Error(ErrorCode::kUnsupported, where_,
                  fmt::format("graphs nested more than {} deep", kDeepestNesting));
    }
    std::string out;
    WireReader reader(message, mapped_, where_);
    while (const auto field = reader.next()) {
      const bool nested = field->type == WireType::kLength;
      if (nested && field->number == 1) {
        append_field(out, 1, node(field->payload, depth));
      } else if (nested && field->number == 5) {
        append_field(out, 5, tensor(field->payload));
      } else {
        out += field->whole;
      }
    }
    return out;
  }

  std::string function(std::string_view message) {
    std::string out;
    WireReader reader(message, mapped_, where_);
    while (const auto field = reader.next()) {
      if (field->type == WireType::kLength && field->number == 7) {
        append_field(out, 7, node(field->payload, 0));
      } else {
        out += field->whole;
      }
    }
    return out;
  }

  std::string node(std::string_view message, int depth) {
    std::string out;
    WireReader reader(message, mapped_, where_);
    while (const auto field = reader.next()) {
      if (field->type == WireType::kLength && field->number == 5) {
        append_field(out, 5, attribute(field->payload, depth));
      } else {
        out += field->whole;
      }
    }
    return out;
  }

  std::string attribute(std::string_view message, int depth) {
    std::string out;
    WireReader reader(message, mapped_, where_);
    while (const auto field = reader.next()) {
      const bool nested = field->type == WireType::kLength;
      if (nested && (field->number == 5 || field->number == 10)) {
        append_field(out, field->number, tensor(field->payload));
      } else if (nested && (field->number == 6 || field->number == 11)) {
        append_field(out, field->number, graph(field->payload, depth + 1));
      } else {
        out += field->whole;
      }
    }
    return out;
  }

  std::string tensor(std::string_view message) {
    // The system maps the neighbours of every page that is looked at: with many weights that is most of the
    // file.
    const auto offset = static_cast<std::size_t>(message.data() - mapped_.data());
    if (offset > looked_until_ + kForgetEvery) {
      content_.forget();
      looked_until_ = offset;
    }
    TensorOnWire found = read_tensor(message, mapped_, file_);
    if (!found.external.empty()) skeleton_.external_files.insert(found.external);
    onnx::TensorProto slim;
    if (!found.name.empty()) slim.set_name(found.name);
    slim.set_data_type(found.type);
    for (const std::int64_t dimension : found.shape) slim.add_dims(dimension);
    if (found.strings.empty()) skeleton_.put(slim, std::move(found.place));
    return slim.SerializeAsString() + found.strings;
  }

  const MappedFile& content_;
  std::string_view mapped_;
  std::size_t looked_until_ = 0;
  const std::filesystem::path& file_;
  std::string where_;
  Skeleton& skeleton_;
};

constexpr std::uint64_t kLargestHashedWhole = 64 << 20;
constexpr std::uint64_t kSamples = 512;
constexpr std::size_t kSampleBytes = 4096;

[[noreturn]] void unreadable(const std::filesystem::path& path, int reason) {
  throw Error(ErrorCode::kBadInput, path.string(),
              fmt::format("cannot be read ({})", std::generic_category().message(reason)));
}

// Of a file larger than all samples together.
std::uint64_t hash_samples(const std::filesystem::path& path, std::uint64_t size, std::uint64_t seed) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) unreadable(path, errno);
  std::uint64_t hash = xxh64(std::to_string(size), seed);
  std::string page(kSampleBytes, '\0');
  const std::uint64_t stride = (size - kSampleBytes) / (kSamples - 1);
  int reason = 0;
  for (std::uint64_t sample = 0; sample < kSamples && reason == 0; ++sample) {
    const std::uint64_t offset = sample + 1 == kSamples ? size - kSampleBytes : sample * stride;
    const ssize_t got = ::pread(file, page.data(), page.size(), static_cast<off_t>(offset));
    if (got < 0) reason = errno;
    if (got > 0) hash = xxh64(std::string_view(page).substr(0, static_cast<std::size_t>(got)), hash);
  }
  ::close(file);
  if (reason != 0) unreadable(path, reason);
  return hash;
}

std::uint64_t hash_file(const std::filesystem::path& path, std::uint64_t seed) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  int reason = file < 0 ? errno : 0;
  std::string piece(kPiece, '\0');
  ContentHash hash(seed);
  while (reason == 0) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) reason = errno;
    if (got <= 0) break;
    hash.add(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
  }
  if (file >= 0) ::close(file);
  if (reason != 0) unreadable(path, reason);
  return hash.value();
}

}  // namespace

WeightPlace Skeleton::place_of(const onnx::TensorProto& tensor) const {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    const std::string& index = tensor.external_data(tensor.external_data_size() - 1).value();
    return places.at(std::strtoull(index.c_str(), nullptr, 10));
  }
  WeightPlace place;
  place.inlined = tensor.raw_data();
  place.length = place.inlined.size();
  return place;
}

void Skeleton::put(onnx::TensorProto& tensor, WeightPlace place) {
  if (place.length <= kInlineLimit) {
    tensor.set_raw_data(read_place(place, tensor.name()));
    return;
  }
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  auto* entry = tensor.add_external_data();
  entry->set_key(std::string(kPlaceKey));
  entry->set_value(std::to_string(places.size()));
  places.push_back(std::move(place));
}

Skeleton read_skeleton(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  Skeleton skeleton;
  const std::string slim = Stripper(mapped, file, skeleton).model();
  const auto refuse = [&](std::string_view found) {
    return Error(ErrorCode::kBadInput, file.string(), std::string(found), "an ONNX model",
                 "the file is damaged or of another kind: export it again");
  };
  if (slim.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorCode::kUnsupported, file.string(), "more than 2 GB without its weights");
  }
  if (!skeleton.model.ParseFromArray(slim.data(), static_cast<int>(slim.size()))) {
    throw refuse("its parts do not decode");
  }
  if (!skeleton.model.has_graph()) throw refuse("no graph in it");
  return skeleton;
}

// The wire format is written by hand around the weights. Sizes come first, so every head is made before the
// first piece goes out.
void write_skeleton(const Skeleton& skeleton, const std::function<void(std::string_view)>& sink) {
  constexpr std::uint32_t kModelGraph = 7;
  constexpr std::uint32_t kGraphInitializer = 5;
  constexpr std::uint32_t kTensorRawData = 9;
  onnx::ModelProto envelope = skeleton.model;
  onnx::GraphProto graph;
  graph.Swap(envelope.mutable_graph());
  envelope.clear_graph();
  onnx::GraphProto weights;
  weights.mutable_initializer()->Swap(graph.mutable_initializer());

  struct Weight {
    std::string head;  // field and tensor up to where its raw data begin
    WeightPlace place;
  };
  std::vector<Weight> parts;
  const std::string rest = graph.SerializeAsString();
  std::uint64_t size = rest.size();
  for (onnx::TensorProto& tensor : *weights.mutable_initializer()) {
    Weight part{{}, skeleton.place_of(tensor)};
    tensor.clear_raw_data();
    tensor.clear_data_location();
    tensor.clear_external_data();
    std::string head = tensor.SerializeAsString();
    append_varint(head, (kTensorRawData << 3) | 2);
    append_varint(head, part.place.length);
    append_varint(part.head, (kGraphInitializer << 3) | 2);
    append_varint(part.head, head.size() + part.place.length);
    part.head += head;
    size += part.head.size() + part.place.length;
    parts.push_back(std::move(part));
  }
  std::string head = envelope.SerializeAsString();
  append_varint(head, (kModelGraph << 3) | 2);
  append_varint(head, size);
  if (head.size() + size > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorCode::kUnsupported, graph.name(),
                fmt::format("a model of {:.2f} GB", static_cast<double>(size) / 1e9),
                "less than 2 GB, which is what one ONNX file can hold");
  }
  sink(head);
  sink(rest);
  std::vector<char> piece(kPiece);
  for (const Weight& part : parts) {
    sink(part.head);
    for (std::uint64_t done = 0; done < part.place.length;) {
      const auto some = std::span(piece).first(std::min<std::uint64_t>(kPiece, part.place.length - done));
      read_part(part.place, done, some, graph.name());
      sink({some.data(), some.size()});
      done += some.size();
    }
  }
}

// Chained over pieces of one mebibyte, whose last may be empty.
void ContentHash::add(std::string_view piece) {
  while (!piece.empty()) {
    if (piece_.empty() && piece.size() >= kPiece) {
      hash_ = xxh64(piece.substr(0, kPiece), hash_);
      piece.remove_prefix(kPiece);
      continue;
    }
    const std::string_view some = piece.substr(0, kPiece - piece_.size());
    piece_ += some;
    piece.remove_prefix(some.size());
    if (piece_.size() < kPiece) continue;
    hash_ = xxh64(piece_, hash_);
    piece_.clear();
  }
}

std::uint64_t ContentHash::value() const {
  return xxh64(piece_, hash_);
}

std::uint64_t hash_content(const std::filesystem::path& file, const Skeleton& skeleton) {
  std::uint64_t hash = hash_file(file, 0);
  for (const auto& other : skeleton.external_files) {
    std::error_code failure;
    const std::uint64_t size = std::filesystem::file_size(other, failure);
    const bool whole = failure || size <= kLargestHashedWhole;
    hash = whole ? hash_file(other, hash) : hash_samples(other, size, hash);
  }
  return hash;
}

}  // namespace kerf
