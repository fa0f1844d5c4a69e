#include "base/quantity.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

namespace kerf::test {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Multipliable = requires(A a, B b) {
  a* b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};

static_assert(Addable<Seconds, Seconds>);
static_assert(!Addable<Seconds, Bytes>);
static_assert(!Addable<Seconds, double>);
static_assert(!Comparable<Seconds, Joules>);
static_assert(!Comparable<Seconds, double>);
static_assert(!Multipliable<Seconds, Seconds>);
static_assert(!std::convertible_to<double, Seconds>, "a bare number has no unit");
static_assert(!std::convertible_to<Seconds, double>, "a unit is not lost silently");
static_assert(std::same_as<decltype(Bytes() / BytesPerSecond()), Seconds>);
static_assert(std::same_as<decltype(BytesPerSecond() * Seconds()), Bytes>);
static_assert(std::same_as<decltype(Watts() * Seconds()), Joules>);
static_assert(std::same_as<decltype(PerSecond() * Seconds()), double>);
static_assert(std::same_as<decltype(Seconds() / Seconds()), double>);
static_assert(sizeof(Seconds) == sizeof(double) && std::is_trivially_copyable_v<Seconds>);

TEST(Quantity, IsZeroByDefault) {
  EXPECT_EQ(Seconds().value(), 0);
}

TEST(Quantity, AddsSubtractsAndScales) {
  EXPECT_EQ(Seconds(2) + Seconds(0.5), Seconds(2.5));
  EXPECT_EQ(Seconds(2) - Seconds(0.5), Seconds(1.5));
  EXPECT_EQ(Seconds(2) * 3, Seconds(6));
  EXPECT_EQ(3 * Seconds(2), Seconds(6));
  EXPECT_EQ(Seconds(3) / 2, Seconds(1.5));
  Seconds time(1);
  time += Seconds(2);
  time -= Seconds(0.5);
  EXPECT_EQ(time, Seconds(2.5));
}

TEST(Quantity, Compares) {
  EXPECT_LT(Bytes(1), Bytes(2));
  EXPECT_GE(Bytes(2), Bytes(2));
  EXPECT_NE(Bytes(1), Bytes(2));
}

TEST(Quantity, BytesOverARateAreSeconds) {
  EXPECT_EQ(Bytes(150e3) / BytesPerSecond(2.5e6), Seconds(0.06));
}

TEST(Quantity, PowerTimesTimeIsEnergy) {
  EXPECT_EQ(Watts(1.5) * Seconds(4), Joules(6));
}

TEST(Quantity, ARateTimesTimeIsACount) {
  EXPECT_EQ(PerSecond(4) * Seconds(2.5), 10);
}

}  // namespace
}  // namespace kerf::test
