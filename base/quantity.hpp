#pragma once
// Units as types. A Quantity is a double with a unit that the compiler checks; only operators that mean
// something exist, so that bytes / (bytes per second) is seconds and bytes + seconds does not compile. Values
// are immutable plain data, safe to share. Text such as "20Mbps" becomes a quantity in base/text.hpp, at the
// edge of the program.
//
//   Seconds wire = Bytes{150e3} / BytesPerSecond{2.5e6};   // 0.06 s

#include <compare>

namespace kerf {

template <class Unit>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(double factor, Quantity a) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator/(Quantity a, double factor) { return Quantity(a.value_ / factor); }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }

 private:
  double value_ = 0;
};

using Seconds = Quantity<struct SecondsUnit>;
using Bytes = Quantity<struct BytesUnit>;                    // whole numbers up to 2^53 are exact
using BytesPerSecond = Quantity<struct BytesPerSecondUnit>;  // "8Mbps" is 1e6 of these
using Joules = Quantity<struct JoulesUnit>;
using Watts = Quantity<struct WattsUnit>;
using PerSecond = Quantity<struct PerSecondUnit>;  // a rate of requests

constexpr Seconds operator/(Bytes amount, BytesPerSecond rate) {
  return Seconds(amount.value() / rate.value());
}
constexpr Bytes operator*(BytesPerSecond rate, Seconds time) {
  return Bytes(rate.value() * time.value());
}
constexpr Joules operator*(Watts power, Seconds time) {
  return Joules(power.value() * time.value());
}
constexpr double operator*(PerSecond rate, Seconds time) {
  return rate.value() * time.value();
}

}  // namespace kerf
