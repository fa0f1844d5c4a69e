#include "runtime/split/path_estimator.hpp"

#include <algorithm>

namespace kerf {
namespace {

constexpr Bytes kSmall{4096};         // up to here a message tells the round trip
constexpr double kLeastShare = 0.15;  // of a message's time that its bytes must take to tell how fast they go
constexpr double kMainly = 0.2;       // of the bytes' time that a direction must have to be told about

}  // namespace

void PathEstimator::Recent::add(double sample) {
  samples_[seen_ % kSamples] = sample;
  ++seen_;
}

std::optional<double> PathEstimator::Recent::median() const {
  const std::size_t count = std::min(seen_, kSamples);
  if (count == 0) return std::nullopt;
  std::array<double, kSamples> sorted = samples_;
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

std::optional<Seconds> PathEstimator::round_trip() const {
  const std::optional<double> median = round_trip_.median();
  return median ? std::optional(Seconds(*median)) : std::nullopt;
}

std::optional<BytesPerSecond> PathEstimator::rate(const Recent& seconds_per_byte) {
  const std::optional<double> median = seconds_per_byte.median();
  return median ? std::optional(BytesPerSecond(1 / *median)) : std::nullopt;
}

// A bound only counts where the estimate is below it.
void PathEstimator::add(Recent& seconds_per_byte, double sample, bool is_bound) {
  const std::optional<double> known = seconds_per_byte.median();
  if (!is_bound || !known || *known > sample) seconds_per_byte.add(sample);
}

// time = up s + down r s, where s is the seconds a byte takes up, and r how many times longer one takes down:
// as long as one message cannot tell the two apart, r stays what it was.
PathEstimator::Pace PathEstimator::pace(Seconds moving, Bytes up, Bytes down) const {
  const std::optional<double> known_up = up_.median();
  const std::optional<double> known_down = down_.median();
  const double ratio = known_up && known_down ? *known_down / *known_up : 1;
  const double weighted_down = down.value() * ratio;
  const double weighted = up.value() + weighted_down;
  const double per_byte = moving.value() / weighted;
  return {per_byte, per_byte * ratio, weighted_down / weighted};
}

void PathEstimator::observe(const Exchange& exchange) {
  if (exchange.took <= Seconds(0)) return;
  if (exchange.up + exchange.down <= kSmall) {
    round_trip_.add(exchange.took.value());
    return;
  }
  const Seconds pause = round_trip().value_or(Seconds(0));
  const Seconds least = exchange.took * kLeastShare;
  const bool is_bound = exchange.took - pause < least;
  const Pace seen = pace(std::max(exchange.took - pause, least), exchange.up, exchange.down);
  if (1 - seen.share_down >= kMainly) add(up_, seen.up, is_bound);
  if (seen.share_down >= kMainly) add(down_, seen.down, is_bound);
}

void PathEstimator::bring_within(Recent& seconds_per_byte, double least, double most) {
  const double known = seconds_per_byte.median().value_or(most);
  const double within = std::clamp(known, least, most);
  if (within != known || !seconds_per_byte.median()) seconds_per_byte.add(within);
}

void PathEstimator::observe_shared(const Exchange& exchange, Bytes all_up, Bytes all_down) {
  if (exchange.took <= Seconds(0) || exchange.up + exchange.down <= kSmall) return;
  const Seconds moving = exchange.took - round_trip().value_or(Seconds(0));
  if (moving < exchange.took * kLeastShare) return;
  const Pace slowest = pace(moving, exchange.up, exchange.down);
  const Pace fastest = pace(moving, std::max(all_up, exchange.up), std::max(all_down, exchange.down));
  if (1 - slowest.share_down >= kMainly) bring_within(up_, fastest.up, slowest.up);
  if (slowest.share_down >= kMainly) bring_within(down_, fastest.down, slowest.down);
}

}  // namespace kerf
