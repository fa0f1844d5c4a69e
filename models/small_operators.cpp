#include "models/small_operators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace kerf::small_values {
namespace {

// Calls visit(index, position) for every element of `shape` in row-major order.
void for_each(const Shape& shape,
              const std::function<void(const Shape& index, std::size_t position)>& visit) {
  const std::int64_t total = product(shape, 0, shape.size());
  Shape index(shape.size(), 0);
  for (std::int64_t position = 0; position < total; ++position) {
    visit(index, static_cast<std::size_t>(position));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

// The element of `small` that broadcasting puts at `index` of an output.
Number broadcast(const Small& small, const Shape& index) {
  std::size_t position = 0;
  const std::size_t skipped = index.size() - small.shape.size();
  for (std::size_t axis = 0; axis < small.shape.size(); ++axis) {
    const std::int64_t at = small.shape[axis] == 1 ? 0 : index[axis + skipped];
    position = position * static_cast<std::size_t>(small.shape[axis]) + static_cast<std::size_t>(at);
  }
  return small.values.at(position);
}

bool broadcasts(const Small& small, const Shape& to) {
  if (small.shape.size() > to.size()) return false;
  for (std::size_t axis = 0; axis < small.shape.size(); ++axis) {
    const std::int64_t wanted = to[axis + to.size() - small.shape.size()];
    if (small.shape[axis] != 1 && small.shape[axis] != wanted) return false;
  }
  return true;
}

Evaluator copy() {
  return [](Step& step) {
    if (!step.has(0)) return false;
    step.out.values = step.in[0]->values;
    const bool whole = step.out.type == onnx::TensorProto::INT32 || step.out.type == onnx::TensorProto::INT64;
    for (Number& value : step.out.values) {
      if (step.out.type == onnx::TensorProto::BOOL) value = value != 0 ? 1 : 0;
      if (whole) value = std::trunc(value);
    }
    return true;
  };
}

Evaluator elementwise(std::size_t operands, std::function<Number(const Number*)> apply) {
  return [operands, apply = std::move(apply)](Step& step) {
    if (step.in.size() != operands) return false;
    for (std::size_t i = 0; i < operands; ++i) {
      if (!step.has(i) || !broadcasts(*step.in[i], step.out.shape)) return false;
    }
    for_each(step.out.shape, [&](const Shape& index, std::size_t) {
      Number values[3] = {};
      for (std::size_t i = 0; i < operands; ++i) values[i] = broadcast(*step.in[i], index);
      step.out.values.push_back(apply(values));
    });
    return true;
  };
}

bool divide(Step& step) {
  if (!step.has(1)) return false;
  const bool whole = step.out.type == onnx::TensorProto::INT32 || step.out.type == onnx::TensorProto::INT64;
  if (whole &&
      std::any_of(step.in[1]->values.begin(), step.in[1]->values.end(), [](Number v) { return v == 0; })) {
    return false;
  }
  return elementwise(
      2, [whole](const Number* v) { return whole ? std::trunc(v[0] / v[1]) : v[0] / v[1]; })(step);
}

// The remainder has the divisor's sign, or with fmod that of the dividend.
bool modulo(Step& step) {
  if (!step.has(1)) return false;
  const auto& divisors = step.in[1]->values;
  if (std::any_of(divisors.begin(), divisors.end(), [](Number v) { return v == 0; })) return false;
  const bool c = step.integer("fmod", 0) != 0;
  return elementwise(2, [c](const Number* v) {
    const Number rest = std::fmod(v[0], v[1]);
    return !c && rest != 0 && (rest < 0) != (v[1] < 0) ? rest + v[1] : rest;
  })(step);
}

bool concat(Step& step) {
  const auto rank = static_cast<std::int64_t>(step.out.shape.size());
  std::int64_t axis = step.integer("axis", 0);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  for (std::size_t i = 0; i < step.in.size(); ++i) {
    if (!step.has(i) || step.in[i]->shape.size() != step.out.shape.size()) return false;
  }
  const std::int64_t outer = product(step.out.shape, 0, static_cast<std::size_t>(axis));
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const auto& input : step.in) {
      const auto run = static_cast<std::ptrdiff_t>(
          product(input->shape, static_cast<std::size_t>(axis), input->shape.size()));
      if ((o + 1) * run > static_cast<std::ptrdiff_t>(input->values.size())) return false;
      const auto first = input->values.begin() + o * run;
      step.out.values.insert(step.out.values.end(), first, first + run);
    }
  }
  return true;
}

bool gather(Step& step) {
  if (!step.has(0) || !step.has_integers(1) || step.in[0]->shape.empty()) return false;
  const Small& from = *step.in[0];
  const auto rank = static_cast<std::int64_t>(from.shape.size());
  std::int64_t axis = step.integer("axis", 0);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  const std::int64_t size = from.shape[static_cast<std::size_t>(axis)];
  const std::int64_t outer = product(from.shape, 0, static_cast<std::size_t>(axis));
  const std::int64_t inner = product(from.shape, static_cast<std::size_t>(axis) + 1, from.shape.size());
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const Number chosen : step.in[1]->values) {
      const auto wanted = static_cast<std::int64_t>(chosen);
      const std::int64_t at = wanted < 0 ? wanted + size : wanted;
      if (at < 0 || at >= size) return false;
      for (std::int64_t i = 0; i < inner; ++i) {
        step.out.values.push_back(from.values.at(static_cast<std::size_t>((o * size + at) * inner + i)));
      }
    }
  }
  return true;
}

bool slice(Step& step) {
  if (!step.has(0) || step.out.shape.size() != step.in[0]->shape.size()) return false;
  const Small& from = *step.in[0];
  const auto starts = step.integers(1, "starts");
  if (!starts) return false;
  const auto axes = step.integers(3, "axes");
  const auto steps = step.integers(4, "steps");
  Shape first(from.shape.size(), 0);
  Shape stride(from.shape.size(), 1);
  for (std::size_t i = 0; i < starts->size(); ++i) {
    std::int64_t axis = axes && i < axes->size() ? (*axes)[i] : static_cast<std::int64_t>(i);
    if (axis < 0) axis += static_cast<std::int64_t>(from.shape.size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(from.shape.size())) return false;
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t size = from.shape[a];
    if (steps && i < steps->size()) stride[a] = (*steps)[i];
    std::int64_t start = (*starts)[i];
    if (start < 0) start = start < -size ? 0 : start + size;
    first[a] = std::min(start, stride[a] < 0 ? std::max<std::int64_t>(size - 1, 0) : size);
  }
  bool inside = true;
  for_each(step.out.shape, [&](const Shape& index, std::size_t) {
    std::int64_t position = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      Number at = static_cast<Number>(first[axis]) +
                  static_cast<Number>(stride[axis]) * static_cast<Number>(index[axis]);
      if (!(at >= 0 && at < static_cast<Number>(from.shape[axis]))) inside = false;
      position = position * from.shape[axis] + (inside ? static_cast<std::int64_t>(at) : 0);
    }
    step.out.values.push_back(inside ? from.values.at(static_cast<std::size_t>(position)) : 0);
  });
  return inside;
}

bool range(Step& step) {
  if (!step.has(0) || !step.has(2) || step.in[0]->values.empty() || step.in[2]->values.empty()) return false;
  const std::int64_t total = product(step.out.shape, 0, step.out.shape.size());
  for (std::int64_t i = 0; i < total; ++i) {
    step.out.values.push_back(step.in[0]->values[0] + static_cast<Number>(i) * step.in[2]->values[0]);
  }
  return true;
}

bool constant_of_shape(Step& step) {
  Number value = 0;
  if (const auto* attribute = step.attribute("value")) {
    const auto given = decode(attribute->t());
    if (!given || given->values.size() != 1) return false;
    value = given->values[0];
  }
  step.out.values.assign(static_cast<std::size_t>(product(step.out.shape, 0, step.out.shape.size())), value);
  return true;
}

bool expand(Step& step) {
  if (!step.has(0) || !broadcasts(*step.in[0], step.out.shape)) return false;
  for_each(step.out.shape, [&](const Shape& index, std::size_t) {
    step.out.values.push_back(broadcast(*step.in[0], index));
  });
  return true;
}

bool transpose(Step& step) {
  if (!step.has(0)) return false;
  const Small& from = *step.in[0];
  const std::size_t rank = from.shape.size();
  Shape order(rank);
  for (std::size_t i = 0; i < rank; ++i) order[i] = static_cast<std::int64_t>(rank - 1 - i);
  if (const auto* given = step.attribute("perm")) order.assign(given->ints().begin(), given->ints().end());
  Shape sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < rank; ++i) {
    if (order.size() != rank || step.out.shape.size() != rank || sorted[i] != static_cast<std::int64_t>(i))
      return false;
    if (step.out.shape[i] != from.shape[static_cast<std::size_t>(order[i])]) return false;
  }
  for_each(step.out.shape, [&](const Shape& index, std::size_t) {
    Shape source(rank);
    for (std::size_t i = 0; i < rank; ++i) source[static_cast<std::size_t>(order[i])] = index[i];
    step.out.values.push_back(broadcast(from, source));
  });
  return true;
}

Evaluator reduce(std::function<Number(Number, Number)> join) {
  return [join = std::move(join)](Step& step) {
    if (!step.has(0) || step.in[0]->values.empty()) return false;
    const Small& from = *step.in[0];
    const auto rank = static_cast<std::int64_t>(from.shape.size());
    std::vector<bool> gone(from.shape.size(), false);
    const auto axes = step.integers(1, "axes");
    if (!axes || axes->empty()) gone.assign(gone.size(), true);
    for (std::int64_t axis : axes.value_or(Shape{})) {
      if (axis < 0) axis += rank;
      if (axis < 0 || axis >= rank) return false;
      gone[static_cast<std::size_t>(axis)] = true;
    }
    std::map<Shape, Number> sums;  // ordered by the index over the kept axes, which is row-major order
    for_each(from.shape, [&](const Shape& index, std::size_t position) {
      Shape kept;
      for (std::size_t axis = 0; axis < index.size(); ++axis) {
        if (!gone[axis]) kept.push_back(index[axis]);
      }
      const auto [sum, fresh] = sums.emplace(kept, from.values[position]);
      if (!fresh) sum->second = join(sum->second, from.values[position]);
    });
    for (const auto& [index, sum] : sums) step.out.values.push_back(sum);
    return true;
  };
}

// The one operator whose output shape depends on values: rank x (number of non-zero elements).
bool non_zero(Step& step) {
  if (!step.has(0) || step.in[0]->shape.empty()) return false;
  const Small& from = *step.in[0];
  std::vector<Shape> found;
  for_each(from.shape, [&](const Shape& index, std::size_t position) {
    if (from.values[position] != 0) found.push_back(index);
  });
  step.out.shape = {static_cast<std::int64_t>(from.shape.size()), static_cast<std::int64_t>(found.size())};
  for (std::size_t axis = 0; axis < from.shape.size(); ++axis) {
    for (const Shape& index : found) step.out.values.push_back(static_cast<Number>(index[axis]));
  }
  return true;
}

const std::map<std::string, Evaluator, std::less<>>& evaluators() {
  static const std::map<std::string, Evaluator, std::less<>> table = {
      {"Identity", copy()},
      {"Cast", copy()},
      {"Reshape", copy()},
      {"Squeeze", copy()},
      {"Unsqueeze", copy()},
      {"Flatten", copy()},
      {"Neg", elementwise(1, [](const Number* v) { return -v[0]; })},
      {"Abs", elementwise(1, [](const Number* v) { return std::fabs(v[0]); })},
      {"Floor", elementwise(1, [](const Number* v) { return std::floor(v[0]); })},
      {"Ceil", elementwise(1, [](const Number* v) { return std::ceil(v[0]); })},
      {"Sqrt", elementwise(1, [](const Number* v) { return std::sqrt(v[0]); })},
      {"Not", elementwise(1, [](const Number* v) -> Number { return v[0] == 0 ? 1 : 0; })},
      {"Add", elementwise(2, [](const Number* v) { return v[0] + v[1]; })},
      {"Sub", elementwise(2, [](const Number* v) { return v[0] - v[1]; })},
      {"Mul", elementwise(2, [](const Number* v) { return v[0] * v[1]; })},
      {"Div", divide},
      {"Mod", modulo},
      {"Pow", elementwise(2, [](const Number* v) { return std::pow(v[0], v[1]); })},
      {"Round", elementwise(1, [](const Number* v) { return std::nearbyint(v[0]); })},
      {"Sign", elementwise(1, [](const Number* v) -> Number { return v[0] > 0   ? 1
                                                                     : v[0] < 0 ? -1
                                                                                : 0; })},
      {"Min", elementwise(2, [](const Number* v) { return std::min(v[0], v[1]); })},
      {"Max", elementwise(2, [](const Number* v) { return std::max(v[0], v[1]); })},
      {"Equal", elementwise(2, [](const Number* v) -> Number { return v[0] == v[1] ? 1 : 0; })},
      {"Less", elementwise(2, [](const Number* v) -> Number { return v[0] < v[1] ? 1 : 0; })},
      {"LessOrEqual", elementwise(2, [](const Number* v) -> Number { return v[0] <= v[1] ? 1 : 0; })},
      {"Greater", elementwise(2, [](const Number* v) -> Number { return v[0] > v[1] ? 1 : 0; })},
      {"GreaterOrEqual", elementwise(2, [](const Number* v) -> Number { return v[0] >= v[1] ? 1 : 0; })},
      {"And", elementwise(2, [](const Number* v) -> Number { return v[0] != 0 && v[1] != 0 ? 1 : 0; })},
      {"Or", elementwise(2, [](const Number* v) -> Number { return v[0] != 0 || v[1] != 0 ? 1 : 0; })},
      {"Where", elementwise(3, [](const Number* v) { return v[0] != 0 ? v[1] : v[2]; })},
      {"Concat", concat},
      {"Gather", gather},
      {"Slice", slice},
      {"Range", range},
      {"ConstantOfShape", constant_of_shape},
      {"Expand", expand},
      {"Transpose", transpose},
      {"ReduceSum", reduce([](Number a, Number b) { return a + b; })},
      {"ReduceProd", reduce([](Number a, Number b) { return a * b; })},
      {"ReduceMin", reduce([](Number a, Number b) { return std::min(a, b); })},
      {"ReduceMax", reduce([](Number a, Number b) { return std::max(a, b); })},
      {"NonZero", non_zero},
  };
  return table;
}

}  // namespace

const Evaluator* evaluator_of(std::string_view op_type) {
  const auto found = evaluators().find(op_type);
  return found == evaluators().end() ? nullptr : &found->second;
}

}  // namespace kerf::small_values
