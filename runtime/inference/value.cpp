#include "runtime/inference/value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"

namespace kerf {
namespace {

constexpr std::uint32_t kInputPurpose = 0x696e7075;  // of draws, so that inputs share none with anything else

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half} >> 15;
  const std::uint32_t exponent = (std::uint32_t{half} >> 10) & 31;
  const std::uint32_t fraction = half & 1023U;
  float magnitude = 0;
  if (exponent == 31) {
    magnitude =
        fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction | 1024U), static_cast<int>(exponent) - 25);
  }
  return sign != 0 ? -magnitude : magnitude;
}

// Halfway cases to even; only for draws in [-1, 1), whose halves are normal, zero or flushed to zero.
std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude < 0x38800000U) return static_cast<std::uint16_t>(sign);
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U) - 0x38000000U;
  return static_cast<std::uint16_t>(sign | (rounded >> 13));
}

template <class T>
T element(const std::string& bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

// Every type widened to double: differences of 64-bit integers beyond 2^53 are approximate, which a relative
// difference can bear.
std::optional<double> widened(const Value& value, std::size_t i) {
  switch (value.type) {
    case ElementType::kFloat32:
      return static_cast<double>(element<float>(value.bytes, i));
    case ElementType::kFloat64:
      return element<double>(value.bytes, i);
    case ElementType::kFloat16:
      return static_cast<double>(half_to_float(element<std::uint16_t>(value.bytes, i)));
    case ElementType::kBfloat16:
      return static_cast<double>(
          std::bit_cast<float>(std::uint32_t{element<std::uint16_t>(value.bytes, i)} << 16));
    case ElementType::kUint8:
    case ElementType::kBool:
      return element<std::uint8_t>(value.bytes, i);
    case ElementType::kInt8:
      return element<std::int8_t>(value.bytes, i);
    case ElementType::kUint16:
      return element<std::uint16_t>(value.bytes, i);
    case ElementType::kInt16:
      return element<std::int16_t>(value.bytes, i);
    case ElementType::kUint32:
      return element<std::uint32_t>(value.bytes, i);
    case ElementType::kInt32:
      return element<std::int32_t>(value.bytes, i);
    case ElementType::kUint64:
      return static_cast<double>(element<std::uint64_t>(value.bytes, i));
    case ElementType::kInt64:
      return static_cast<double>(element<std::int64_t>(value.bytes, i));
    case ElementType::kString:
    case ElementType::kUndefined:
      break;
  }
  return std::nullopt;
}

template <class T>
void put(std::string& bytes, std::size_t index, T value) {
  std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

void put_draw(Value& value, std::size_t i, std::uint32_t draw) {
  const float real = static_cast<float>(draw >> 8) * 0x1p-23F - 1.0F;  // 24 random bits, exact
  const auto bit = static_cast<std::uint8_t>(draw >> 31);
  switch (value.type) {
    case ElementType::kFloat32:
      return put(value.bytes, i, real);
    case ElementType::kFloat64:
      return put(value.bytes, i, static_cast<double>(real));
    case ElementType::kFloat16:
      return put(value.bytes, i, float_to_half(real));
    case ElementType::kBfloat16:
      return put(value.bytes, i, static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(real) >> 16));
    default:
      break;  // every integer type: its lowest byte is 0 or 1, the others stay 0
  }
  value.bytes[i * bytes_of(value.type)] = static_cast<char>(bit);
}

}  // namespace

std::string describe(ElementType type, const std::vector<std::int64_t>& shape) {
  return fmt::format("{} [{}]", name_of(type), fmt::join(shape, ", "));
}

LiveTensors borrowed(const Values& values) {
  LiveTensors tensors;
  for (const auto& [name, value] : values) {
    tensors.emplace(name, LiveTensor{value.type, value.shape, std::as_bytes(std::span(value.bytes))});
  }
  return tensors;
}

LiveTensors owned(Values values) {
  const auto kept = std::make_shared<const Values>(std::move(values));
  LiveTensors tensors = borrowed(*kept);
  for (auto& [name, tensor] : tensors) tensor.owner = kept;
  return tensors;
}

Value copied(const LiveTensor& tensor) {
  return {
      tensor.type, tensor.shape, {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()}};
}

Values random_inputs(const Graph& graph, std::uint64_t seed) {
  Values values;
  std::uint32_t input = 0;
  for (const TensorId id : graph.inputs) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    if (bytes_of(tensor.type) == 0) {
      throw Error(ErrorCode::kUnsupported, tensor.name,
                  fmt::format("an input of {} elements", name_of(tensor.type)), "numbers");
    }
    Value value{tensor.type, tensor.shape, {}};
    const auto count = static_cast<std::size_t>(tensor.elements());
    value.bytes.resize(count * bytes_of(tensor.type));
    for (std::size_t i = 0; i < count; i += 4) {
      const auto draws =
          philox4x32({static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>((i / 4) >> 32), input,
                      kInputPurpose},
                     {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
      for (std::size_t k = 0; k < std::min<std::size_t>(4, count - i); ++k) put_draw(value, i + k, draws[k]);
    }
    values.emplace(tensor.name, std::move(value));
    ++input;
  }
  return values;
}

Difference difference(const Value& value, const Value& reference) {
  if (value.type != reference.type || value.shape != reference.shape) {
    return {0, fmt::format("{} instead of {}", describe(value.type, value.shape),
                           describe(reference.type, reference.shape))};
  }
  const std::size_t width = bytes_of(value.type);
  if (width == 0) return {0, fmt::format("{} elements cannot be compared", name_of(value.type))};
  double worst = 0;
  double largest = 0;
  const std::size_t count = std::min(value.bytes.size(), reference.bytes.size()) / width;
  for (std::size_t i = 0; i < count; ++i) {
    const double a = widened(value, i).value_or(0);
    const double b = widened(reference, i).value_or(0);
    if (a == b) {  // infinities too: masks are full of them
      if (std::isfinite(b)) largest = std::max(largest, std::abs(b));
      continue;
    }
    if (!std::isfinite(a) || !std::isfinite(b)) {
      return {0, fmt::format("element {} is {} where the whole model has {}", i, a, b)};
    }
    worst = std::max(worst, std::abs(a - b));
    largest = std::max(largest, std::abs(b));
  }
  return {worst / std::max(largest, std::numeric_limits<double>::min()), {}};
}

}  // namespace kerf
