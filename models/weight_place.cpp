#include "models/weight_place.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <system_error>

#include "base/error.hpp"
#include "models/generated_floats.hpp"
#include "models/wire.hpp"

namespace kerf {
namespace {

// Field numbers of TensorProto.
enum Field : std::uint32_t {
  kDims = 1,
  kDataType = 2,
  kSegment = 3,
  kFloats = 4,
  kInt32s = 5,
  kStrings = 6,
  kInt64s = 7,
  kName = 8,
  kRaw = 9,
  kDoubles = 10,
  kUint64s = 11,
  kExternalData = 13,
  kDataLocation = 14,
};

struct Walk {
  TensorOnWire tensor;
  std::map<std::uint32_t, std::vector<WireField>> data;  // by field number
  std::map<std::string, std::string> external;
  bool is_external = false;
};

void read_external_entry(std::string_view payload, std::string_view mapped, std::string_view where,
                         Walk& walk) {
  std::string key;
  std::string value;
  WireReader reader(payload, mapped, where);
  while (const auto field = reader.next()) {
    if (field->number == 1) key = field->payload;
    if (field->number == 2) value = field->payload;
  }
  walk.external[key] = value;
}

Walk walk_fields(std::string_view message, std::string_view mapped, const std::string& where) {
  Walk walk;
  WireReader reader(message, mapped, where);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case kDims: {
        if (field->type == WireType::kVarint)
          walk.tensor.shape.push_back(static_cast<std::int64_t>(field->varint));
        for (std::string_view rest = field->payload; !rest.empty();) {
          walk.tensor.shape.push_back(static_cast<std::int64_t>(take_varint(rest, mapped, where)));
        }
        break;
      }
      case kDataType:
        walk.tensor.type = static_cast<std::int32_t>(field->varint);
        break;
      case kName:
        walk.tensor.name = field->payload;
        break;
      case kSegment:
        throw Error(ErrorCode::kUnsupported, where, "a tensor stored in segments", "a tensor in one piece");
      case kStrings:
        walk.tensor.strings += field->whole;
        break;
      case kRaw:
        walk.data[kRaw] = {*field};  // of a field that may occur once, the last counts
        break;
      case kFloats:
      case kInt32s:
      case kInt64s:
      case kDoubles:
      case kUint64s:
        if (!field->payload.empty() || field->type == WireType::kVarint)
          walk.data[field->number].push_back(*field);
        break;
      case kExternalData:
        read_external_entry(field->payload, mapped, where, walk);
        break;
      case kDataLocation:
        walk.is_external = field->varint == 1;
        break;
      default:
        break;
    }
  }
  return walk;
}

// Which field holds a type's elements when they are not raw.
std::optional<std::uint32_t> field_of(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return kFloats;
    case ElementType::kFloat64:
      return kDoubles;
    case ElementType::kInt64:
      return kInt64s;
    case ElementType::kUint32:
    case ElementType::kUint64:
      return kUint64s;
    case ElementType::kInt32:
    case ElementType::kInt16:
    case ElementType::kInt8:
    case ElementType::kUint16:
    case ElementType::kUint8:
    case ElementType::kBool:
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
      return kInt32s;
    case ElementType::kUndefined:
    case ElementType::kString:
      return std::nullopt;
  }
  return std::nullopt;
}

// Numbers one by one (varints, or floats that were not packed) into little-endian elements of `size` bytes.
std::string decode(const std::vector<WireField>& fields, std::size_t size, std::string_view mapped,
                   std::string_view where) {
  std::string bytes;
  const auto append = [&](std::uint64_t value) {
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  };
  for (const WireField& field : fields) {
    const bool floating = field.number == kFloats || field.number == kDoubles;
    if (field.type == WireType::kVarint) {
      append(field.varint);
    } else if (floating) {
      bytes += field.payload;
    } else {
      for (std::string_view rest = field.payload; !rest.empty();) append(take_varint(rest, mapped, where));
    }
  }
  return bytes;
}

std::uint64_t expected_bytes(const Walk& walk, const std::string& where) {
  std::uint64_t count = 1;
  for (const std::int64_t dimension : walk.tensor.shape) {
    if (dimension < 0) {
      throw Error(ErrorCode::kBadInput, where, fmt::format("a dimension of {}", dimension),
                  "dimensions of 0 or more");
    }
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(dimension), &count) ||
        count > (1ULL << 56)) {
      throw Error(ErrorCode::kBadInput, where, "more elements than any machine holds",
                  "a tensor that fits in memory");
    }
  }
  return count * bytes_of(static_cast<ElementType>(walk.tensor.type));
}

std::uint64_t external_number(const Walk& walk, const std::string& key, std::uint64_t otherwise,
                              const std::string& where) {
  const auto entry = walk.external.find(key);
  if (entry == walk.external.end()) return otherwise;
  std::uint64_t value = 0;
  const std::string& text = entry->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("external {} \"{}\"", key, text),
                "a whole number of bytes");
  }
  return value;
}

// A model may only name files in its own folder: one that is handed around must not read the reader's other
// files.
std::filesystem::path external_file(const Walk& walk, const std::filesystem::path& model,
                                    const std::string& where) {
  const auto entry = walk.external.find("location");
  if (entry == walk.external.end()) {
    throw Error(ErrorCode::kBadInput, where, "external data without a location",
                "the name of the file that holds it");
  }
  std::error_code failure;
  const auto folder = std::filesystem::canonical(std::filesystem::absolute(model).parent_path(), failure);
  const std::filesystem::path location = entry->second;
  const auto file = std::filesystem::weakly_canonical(folder / location, failure);
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (failure || location.is_absolute() || end != folder.end() || rest == file.end()) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("external data in \"{}\"", entry->second),
                "a file in the model's own folder",
                "move the file beside the model and name it relative to it");
  }
  if (!std::filesystem::is_regular_file(file, failure)) {
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("its external data \"{}\" is missing", entry->second),
                fmt::format("the file {}", file.string()), "copy it beside the model");
  }
  return file;
}

WeightPlace external_place(const Walk& walk, const std::filesystem::path& model, std::uint64_t expected,
                           const std::string& where) {
  WeightPlace place;
  place.file = external_file(walk, model, where);
  place.offset = external_number(walk, "offset", 0, where);
  std::error_code failure;
  const std::uint64_t size = std::filesystem::file_size(place.file, failure);
  const std::uint64_t rest = failure || place.offset > size ? 0 : size - place.offset;
  place.length = external_number(walk, "length", expected, where);
  if (place.length > rest) {
    throw Error(
        ErrorCode::kBadInput, where,
        fmt::format("external data at {} + {} of \"{}\"", place.offset, place.length, place.file.string()),
        fmt::format("a range inside the file's {} bytes", failure ? 0 : size),
        "the file is truncated: copy it again");
  }
  return place;
}

}  // namespace

TensorOnWire read_tensor(std::string_view message, std::string_view mapped,
                         const std::filesystem::path& file) {
  Walk walk = walk_fields(message, mapped, file.string());
  TensorOnWire& tensor = walk.tensor;
  const std::string where =
      tensor.name.empty() ? file.string() : fmt::format("{}: weight \"{}\"", file.string(), tensor.name);
  const auto type = static_cast<ElementType>(tensor.type);
  if (type == ElementType::kString) return std::move(walk.tensor);
  const std::optional<std::uint32_t> typed_field = field_of(type);
  if (!typed_field) {
    throw Error(ErrorCode::kUnsupported, where, fmt::format("element type {}", tensor.type),
                "floats, integers or booleans of 8 to 64 bits");
  }
  const std::uint64_t expected = expected_bytes(walk, where);
  if (walk.data.size() + (walk.is_external ? 1 : 0) > 1) {
    throw Error(ErrorCode::kBadInput, where, "its data is stored twice", "raw, typed or external data");
  }
  WeightPlace& place = tensor.place;
  if (walk.is_external) {
    place = external_place(walk, file, expected, where);
    tensor.external = place.file;
  } else if (walk.data.empty()) {
    place.length = 0;
  } else if (const auto& [number, fields] = *walk.data.begin(); number != kRaw && number != *typed_field) {
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("elements of type {} in field {}", name_of(type), number),
                fmt::format("them in field {}", *typed_field));
  } else if (number == kRaw || ((number == kFloats || number == kDoubles) && fields.size() == 1)) {
    place.file = file;
    place.offset = static_cast<std::uint64_t>(fields.front().payload.data() - mapped.data());
    place.length = fields.front().payload.size();
  } else {
    place.inlined = decode(fields, bytes_of(type), mapped, where);
    place.length = place.inlined.size();
  }
  if (place.length != expected) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("{} bytes of data", place.length),
                fmt::format("{} for its shape and type", expected), "the file is damaged: export it again");
  }
  if (!place.file.empty() && place.length <= kInlineLimit) {
    place.inlined =
        walk.is_external ? read_place(place, where) : std::string(mapped.substr(place.offset, place.length));
    place.file.clear();
    place.offset = 0;
  }
  return std::move(walk.tensor);
}

namespace {

void read_file_part(const WeightPlace& place, std::uint64_t first, std::span<char> to,
                    const std::string& where) {
  const int file = ::open(place.file.c_str(), O_RDONLY | O_CLOEXEC);
  std::size_t done = 0;
  int reason = file < 0 ? errno : 0;
  while (reason == 0 && done < to.size()) {
    const ssize_t got =
        ::pread(file, to.data() + done, to.size() - done, static_cast<off_t>(place.offset + first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) reason = errno;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (file >= 0) ::close(file);
  if (done == to.size()) return;
  throw Error(
      ErrorCode::kBadInput, where,
      fmt::format("\"{}\" cannot be read at {} + {} ({})", place.file.string(), place.offset, place.length,
                  reason != 0 ? std::generic_category().message(reason) : "it has become shorter"),
      "the file as it was when it was imported");
}

// Through a buffer: `to` need not be aligned as floats are, nor begin with one.
void generate_part(const GeneratedFloats& from, std::uint64_t first, std::span<char> to) {
  std::array<float, 4096> some;
  while (!to.empty()) {
    const std::size_t skipped = first % sizeof(float);
    const std::size_t bytes = std::min(to.size(), sizeof some - skipped);
    const std::size_t floats = (skipped + bytes + sizeof(float) - 1) / sizeof(float);
    generate(from, first / sizeof(float), std::span(some).first(floats));
    std::memcpy(to.data(), reinterpret_cast<const char*>(some.data()) + skipped, bytes);
    to = to.subspan(bytes);
    first += bytes;
  }
}

}  // namespace

void read_part(const WeightPlace& place, std::uint64_t first, std::span<char> to, const std::string& where) {
  assert(first + to.size() <= place.length);
  if (place.generated) {
    generate_part(*place.generated, first, to);
  } else if (place.file.empty()) {
    std::copy_n(place.inlined.data() + first, to.size(), to.data());
  } else {
    read_file_part(place, first, to, where);
  }
}

void append_place(std::string& to, const WeightPlace& place, const std::string& where) {
  const std::size_t before = to.size();
  to.resize(before + place.length);
  read_part(place, 0, std::span(to).subspan(before), where);
}

std::string read_place(const WeightPlace& place, const std::string& where) {
  std::string bytes;
  append_place(bytes, place, where);
  return bytes;
}

}  // namespace kerf
