#include "models/wire.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace kerf {
namespace {

[[noreturn]] void damaged_at(const char* at, std::string_view file, std::string_view where,
                             std::string_view what) {
  throw Error(ErrorCode::kBadInput, std::string(where), fmt::format("{} at byte {}", what, at - file.data()),
              "a complete ONNX model", "the file is truncated or damaged: copy, download or export it again");
}

}  // namespace

std::uint64_t take_varint(std::string_view& rest, std::string_view file, std::string_view where) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest.empty()) damaged_at(rest.data(), file, where, "the data ends inside a number");
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  damaged_at(rest.data(), file, where, "a number is longer than ten bytes");
}

void WireReader::damaged(const std::string& what) const {
  damaged_at(rest_.data(), file_, where_, what);
}

std::uint64_t WireReader::varint() {
  return take_varint(rest_, file_, where_);
}

std::string_view WireReader::take(std::uint64_t count) {
  if (count > rest_.size()) damaged(fmt::format("a field of {} bytes ends after {}", count, rest_.size()));
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view start = rest_;
  const std::uint64_t tag = varint();
  if (tag >> 3 == 0 || tag >> 3 >= (1U << 29)) damaged("there is no such field");
  WireField field;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  switch (tag & 7) {
    case 0:
      field.type = WireType::kVarint;
      field.varint = varint();
      break;
    case 1:
      field.type = WireType::kFixed64;
      field.payload = take(8);
      break;
    case 2:
      field.type = WireType::kLength;
      field.payload = take(varint());
      break;
    case 5:
      field.type = WireType::kFixed32;
      field.payload = take(4);
      break;
    default:
      damaged(fmt::format("field {} has no known encoding", field.number));
  }
  field.whole = start.substr(0, start.size() - rest_.size());
  return field;
}

void append_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<char>((value & 0x7f) | 0x80));
  to.push_back(static_cast<char>(value));
}

void append_field(std::string& to, std::uint32_t number, std::string_view payload) {
  append_varint(to, (static_cast<std::uint64_t>(number) << 3) | 2);
  append_varint(to, payload.size());
  to += payload;
}

}  // namespace kerf
