#pragma once
// Protobuf's wire format, field by field, without parsing what the fields hold: how the importer finds a
// model's weights without reading them. A reader walks one message that lies in memory (usually a mapped
// file) and gives views into it; a nested message is another reader on the field's payload. Whatever does not
// fit is Error(kBadInput) with the byte.
//
//   WireReader reader(mapped, mapped, "m.onnx");
//   while (const auto field = reader.next()) if (field->number == 7) ... field->payload ...

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kerf {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  // of kVarint
  std::string_view payload;  // of the others: the bytes without tag and length
  std::string_view whole;    // with them
};

class WireReader {
 public:
  // `message` lies within `file`, which serves to count bytes in error messages only.
  WireReader(std::string_view message, std::string_view file, std::string_view where)
      : rest_(message), file_(file), where_(where) {}
  [[nodiscard]] std::optional<WireField> next();

 private:
  [[noreturn]] void damaged(const std::string& what) const;
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] std::string_view take(std::uint64_t count);

  std::string_view rest_, file_, where_;
};

// The values of a packed field of varints; `message` as in WireReader.
[[nodiscard]] std::uint64_t take_varint(std::string_view& rest, std::string_view file,
                                        std::string_view where);

void append_varint(std::string& to, std::uint64_t value);
void append_field(std::string& to, std::uint32_t number, std::string_view payload);

}  // namespace kerf
