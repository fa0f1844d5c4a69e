#include "cli/policy_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "policy/reader/file_header.hpp"

namespace kerf::cli {
namespace {

// What is wrong with `bytes`, in the words of the header where they help.
[[noreturn]] void refuse(const std::string& file, std::string_view bytes, PolicyStatus status) {
  using policy_file::kHeaderSize;
  const bool has_header = bytes.size() >= kHeaderSize;
  const auto header = has_header ? policy_file::parse_header(bytes.data()) : policy_file::FileHeader{};
  const std::string again = "copy the file again, or run kerf sweep again";
  switch (status) {
    case PolicyStatus::kTruncated:
      throw Error(ErrorCode::kBadInput, file, fmt::format("truncated: found {} bytes", bytes.size()),
                  has_header ? fmt::format("{} bytes, as its header says", kHeaderSize + header.payload_size)
                             : fmt::format("a header of {} bytes", kHeaderSize),
                  again);
    case PolicyStatus::kNotAPolicy:
      throw Error(ErrorCode::kBadInput, file, "not a policy table", "the policy.kerf that kerf sweep writes");
    case PolicyStatus::kWrongVersion:
      throw Error(ErrorCode::kUnsupported, file, fmt::format("policy format version {}", header.version),
                  fmt::format("version {}", policy_file::kVersion),
                  "run kerf sweep again with this version of kerf");
    case PolicyStatus::kDamaged: {
      const std::uint64_t size = bytes.size() - kHeaderSize;
      if (size != header.payload_size) {
        throw Error(ErrorCode::kBadInput, file, fmt::format("damaged: found {} bytes", bytes.size()),
                    fmt::format("{} bytes, as its header says", kHeaderSize + header.payload_size), again);
      }
      const std::uint64_t checksum = xxh64(bytes.substr(kHeaderSize));
      if (checksum == header.checksum)
        throw Error(ErrorCode::kBadInput, file, "damaged: the header is", "", again);
      throw Error(ErrorCode::kBadInput, file,
                  fmt::format("damaged: the checksum of its content is {}", hex(checksum)),
                  fmt::format("{}, as its header says", hex(header.checksum)), again);
    }
    case PolicyStatus::kOutOfMemory:
      throw Error(ErrorCode::kLimit, file, "out of memory");
    default:
      throw Error(ErrorCode::kBadInput, file, "the checksum is right, but the content contradicts itself",
                  "a table that kerf sweep wrote", "run kerf sweep again");
  }
}

}  // namespace

PolicyFile open_policy(const std::string& file) {
  PolicyFile open{read_file(file), {}};
  const PolicyStatus status = open.policy.open(open.bytes.data(), open.bytes.size());
  if (status != PolicyStatus::kOk) refuse(file, open.bytes, status);
  return open;
}

std::string in_unit(std::string_view unit, double value) {
  if (unit == "s") return format(Seconds(value));
  if (unit == "B") return format(Bytes(value));
  if (unit == "B/s") return format(BytesPerSecond(value));
  if (unit == "1/s") return format(PerSecond(value));
  return unit.empty() ? fmt::format("{:.6g}", value) : fmt::format("{:.6g} {}", value, unit);
}

double parse_in_unit(std::string_view unit, std::string_view text, std::string_view where) {
  if (unit == "s") return parse_seconds(text, where).value();
  if (unit == "B") return parse_bytes(text, where).value();
  if (unit == "B/s") return parse_bytes_per_second(text, where).value();
  if (unit == "1/s") return parse_per_second(text, where).value();
  if (unit == "W") return parse_watts(text, where).value();
  if (const auto number = parse_number(text)) return *number;
  throw Error(ErrorCode::kUsage, std::string(where), fmt::format("\"{}\"", text), "a number");
}

std::vector<std::string> labels_of(const Policy& policy, std::size_t axis) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < policy.axis(axis).size; ++i) labels.emplace_back(policy.axis_label(axis, i));
  return labels;
}

std::string range_text(const Policy& policy, std::size_t index) {
  const PolicyAxisInfo axis = policy.axis(index);
  if (!axis.numeric) return fmt::format("{}", fmt::join(labels_of(policy, index), ", "));
  const std::string first = in_unit(axis.unit, policy.axis_point(index, 0));
  if (axis.size == 1) return first + ", not varied";
  return fmt::format("{} to {}", first, in_unit(axis.unit, policy.axis_point(index, axis.size - 1)));
}

void print_json(const nlohmann::ordered_json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace kerf::cli
