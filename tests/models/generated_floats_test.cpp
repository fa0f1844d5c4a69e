#include "models/generated_floats.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.hpp"
#include "models/weight_place.hpp"

namespace kerf {
namespace {

constexpr GeneratedFloats kSome{.stream = 7, .step = 0x1p-20F, .offset = 0.25F};

std::vector<float> generated(const GeneratedFloats& from, std::uint64_t first, std::size_t count) {
  std::vector<float> values(count);
  generate(from, first, values);
  return values;
}

// The definition, one element at a time.
float element(const GeneratedFloats& from, std::uint64_t i) {
  const auto words =
      philox4x32({static_cast<std::uint32_t>(i / 4), from.stream, static_cast<std::uint32_t>(i / 4 >> 32), 0},
                 {0x7A6F6F, 0});
  return from.offset + from.step * static_cast<float>(static_cast<std::int32_t>(words[i % 4]) >> 8);
}

TEST(GeneratedFloats, AreThoseOfPhilox) {
  const std::vector<float> values = generated(kSome, 0, 1000);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], element(kSome, i)) << i;
}

TEST(GeneratedFloats, AnyPartIsMadeByItself) {
  for (const std::uint64_t first : {1ULL, 63ULL, 64ULL, 130ULL, (1ULL << 34) - 70}) {
    const std::vector<float> values = generated(kSome, first, 200);
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], element(kSome, first + i)) << i;
  }
}

TEST(GeneratedFloats, WithoutAStepAllAreTheOffset) {
  EXPECT_EQ(generated({.offset = 0.3F}, 5, 70), std::vector<float>(70, 0.3F));
}

TEST(GeneratedFloats, ArePlacesLikeAnyOther) {
  WeightPlace place;
  place.generated = kSome;
  place.length = 40000;
  const std::string whole = read_place(place, "w");
  const std::vector<float> values = generated(kSome, 0, 10000);
  ASSERT_EQ(whole, std::string(reinterpret_cast<const char*>(values.data()), 40000));
  for (const std::size_t first : {0U, 1U, 16383U, 20001U}) {
    std::string part(19999, '\0');
    read_part(place, first, part, "w");
    EXPECT_EQ(part, whole.substr(first, part.size())) << first;
  }
}

// The bits themselves, so that a file exported anywhere is the same.
TEST(GeneratedFloats, AreTheseBits) {
  EXPECT_EQ(generated({.stream = 1, .step = 1}, 0, 4),
            (std::vector<float>{330501, -4311642, -7822891, -839884}));
}

}  // namespace
}  // namespace kerf
