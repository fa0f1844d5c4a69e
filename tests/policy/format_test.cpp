// The file itself: every flipped, missing or added byte is seen, and bytes that pass the checksum but mean
// nothing are refused without a crash.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "policy/reader/file_header.hpp"
#include "policy/reader/policy_reader.hpp"
#include "tests/policy/sample.hpp"

namespace kerf {
namespace {

using namespace policy_file;

PolicyStatus open_status(const std::string& bytes) {
  Policy policy;
  return policy.open(bytes.data(), bytes.size());
}

// A header that is right about any payload.
std::string with_header(const std::string& payload) {
  const auto header = header_bytes({.payload_size = payload.size(), .checksum = xxh64(payload)});
  return std::string(header.data(), header.size()) + payload;
}

// Whatever opened must answer anything. Under ASan and UBSan this is what proves the checks complete.
void use(const std::string& bytes) {
  Policy policy;
  if (policy.open(bytes.data(), bytes.size()) != PolicyStatus::kOk) return;
  const PolicyInfo info = policy.info();
  std::size_t read = info.scenario.size() + info.model.size() + info.objective.size() + info.made_by.size();
  std::vector<double> low, high, middle;
  for (std::size_t i = 0; i < policy.axes(); ++i) {
    const PolicyAxisInfo axis = policy.axis(i);
    read += std::strlen(axis.name.data()) + std::strlen(axis.key.data()) + std::strlen(axis.unit.data());
    for (std::size_t point = 0; point < axis.size; ++point)
      read += std::strlen(policy.axis_label(i, point).data());
    low.push_back(axis.numeric ? axis.lowest : 0);
    high.push_back(axis.numeric ? axis.highest : static_cast<double>(axis.size - 1));
    middle.push_back(axis.numeric ? policy.axis_point(i, axis.size / 2) : 0);
  }
  for (const std::vector<double>* values : {&low, &middle, &high}) {
    const PolicyAnswer answer = policy.query(values->data(), values->size());
    ASSERT_GE(answer.plan, 0);
    ASSERT_LT(static_cast<std::size_t>(answer.plan), policy.plans());
    read += std::strlen(policy.plan_text(static_cast<std::size_t>(answer.plan)).data());
  }
  for (std::size_t cell = 0; cell < info.cells; ++cell)
    ASSERT_LT(policy.cell_plan(cell), static_cast<int>(info.plans));
  for (std::size_t i = 0; i < info.profile_hashes; ++i) read += policy.profile_hash(i).size();
  for (std::size_t i = 0; i < info.platform_hashes; ++i) read += policy.platform_hash(i).size();
  ASSERT_GT(read, 0u);
}

TEST(PolicyFormat, TheSameContentGivesTheSameBytes) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(encode_policy(test::random_content(seed)), encode_policy(test::random_content(seed)));
  }
}

TEST(PolicyFormat, TheHeaderIsAsDocumented) {
  const std::string bytes = encode_policy(test::sample());
  EXPECT_EQ(bytes.substr(0, 8), std::string("KERFPOL\0", 8));
  EXPECT_EQ(bytes.substr(8, 4), std::string("\1\0\0\0", 4));
  EXPECT_EQ(bytes.substr(12, 4), std::string(4, '\0'));
  EXPECT_EQ(load<std::uint64_t>(bytes.data() + 16), bytes.size() - 32);
  EXPECT_EQ(load<std::uint64_t>(bytes.data() + 24), xxh64(bytes.substr(32)));
}

// Rewritten by: build/dev/tests/policy/write_sample tests/policy/golden.kerf
TEST(PolicyFormat, TheGoldenFileIsWhatTheWriterWrites) {
  std::ifstream file(KERF_SOURCE_DIR "/tests/policy/golden.kerf", std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(golden.empty());
  EXPECT_TRUE(golden == encode_policy(test::sample()));
}

TEST(PolicyFormat, TheCellsOfALargeTableTakeTwoBytesEach) {
  PolicyContent content = test::sample();
  content.axes = {{"a", "a", "", false, false, {}, std::vector<std::string>(64, "l")},
                  {"b", "b", "", false, false, {}, std::vector<std::string>(64, "l")},
                  {"c", "c", "", false, false, {}, std::vector<std::string>(8, "l")}};
  content.cells.assign(64 * 64 * 8, PolicyCell{1, Seconds(1), 1});
  const std::size_t predictions = 64 * 64 * 8 * 4;
  EXPECT_LT(encode_policy(content).size(), 65536 + predictions + 4096);
}

TEST(PolicyFormat, EveryFlippedBitIsSeen) {
  const std::string bytes = encode_policy(test::sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_NE(open_status(flipped), PolicyStatus::kOk) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(PolicyFormat, EveryOtherByteIsSeen) {
  const std::string bytes = encode_policy(test::sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(~changed[i]);
    EXPECT_NE(open_status(changed), PolicyStatus::kOk) << "byte " << i;
  }
}

TEST(PolicyFormat, AFlippedByteOfThePayloadIsDamage) {
  std::string bytes = encode_policy(test::sample());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  EXPECT_EQ(open_status(bytes), PolicyStatus::kDamaged);
}

TEST(PolicyFormat, EveryShorterFileIsTruncated) {
  const std::string bytes = encode_policy(test::sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // In a block of its own, so that a read beyond the end is seen.
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    Policy policy;
    EXPECT_EQ(policy.open(part.data(), part.size()), PolicyStatus::kTruncated) << size;
  }
}

TEST(PolicyFormat, BytesAfterTheEndAreDamage) {
  EXPECT_EQ(open_status(encode_policy(test::sample()) + '\0'), PolicyStatus::kDamaged);
}

TEST(PolicyFormat, OtherFilesAreNoPolicies) {
  EXPECT_EQ(open_status("SQLite format 3, and then some more of it"), PolicyStatus::kNotAPolicy);
  EXPECT_EQ(open_status("[scenario]"), PolicyStatus::kNotAPolicy);
}

TEST(PolicyFormat, OtherVersionsAreNamed) {
  for (const std::uint32_t version : {0u, 2u, 0xffffffffu}) {
    std::string bytes = encode_policy(test::sample());
    store(bytes.data() + kVersionAt, version);
    EXPECT_EQ(open_status(bytes), PolicyStatus::kWrongVersion) << version;
  }
}

TEST(PolicyFormat, AnEmptyPayloadIsMalformed) {
  EXPECT_EQ(open_status(with_header("")), PolicyStatus::kMalformed);
}

TEST(PolicyFormat, RandomBytesWithARightChecksumAreMalformed) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    test::Draws draws(seed);
    std::string payload(draws.below(300), '\0');
    // Small numbers often: they look like offsets.
    for (char& byte : payload) byte = static_cast<char>(draws.below(draws.next() < 0.5 ? 256 : 16));
    ASSERT_EQ(open_status(with_header(payload)), PolicyStatus::kMalformed) << seed;
  }
}

TEST(PolicyFormat, DamageUnderARightChecksumNeverCrashes) {
  const std::string whole = encode_policy(test::sample()).substr(kHeaderSize);
  for (std::uint64_t seed = 0; seed < 40000; ++seed) {
    test::Draws draws(seed);
    std::string payload = whole;
    const std::size_t changes = 1 + draws.below(4);
    for (std::size_t i = 0; i < changes; ++i) {
      constexpr std::array<int, 8> kTelling{0, 1, 2, 4, 127, 128, 254, 255};
      payload[draws.below(payload.size())] = static_cast<char>(
          draws.next() < 0.7 ? kTelling[draws.below(8)] : static_cast<int>(draws.below(256)));
    }
    if (draws.next() < 0.2) payload.resize(draws.below(payload.size()));
    use(with_header(payload));
  }
}

TEST(PolicyFormat, EveryByteUnderARightChecksumNeverCrashes) {
  const std::string whole = encode_policy(test::sample()).substr(kHeaderSize);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 3, 8, 127, 128, 255}) {
      std::string payload = whole;
      payload[at] = static_cast<char>(value);
      use(with_header(payload));
    }
  }
}

TEST(PolicyFormat, EveryPayloadCutShortUnderARightChecksumNeverCrashes) {
  const std::string whole = encode_policy(test::sample()).substr(kHeaderSize);
  for (std::size_t size = 0; size < whole.size(); ++size) use(with_header(whole.substr(0, size)));
}

TEST(PolicyFormat, StatusesAndReasonsHaveWords) {
  for (int i = 0; i <= 6; ++i) EXPECT_STRNE(to_string(static_cast<PolicyStatus>(i)), "unknown");
  for (int i = 0; i <= 7; ++i) EXPECT_STRNE(to_string(static_cast<PolicyReason>(i)), "unknown");
}

}  // namespace
}  // namespace kerf
