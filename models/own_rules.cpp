#include "models/own_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kerf {
namespace {

using Shape = std::vector<std::int64_t>;
using Types = std::vector<TensorType>;

// A node with its operands, and what rules ask of them.
struct Call {
  const onnx::NodeProto& node;
  const std::vector<Operand>& operands;

  [[nodiscard]] bool has(std::size_t i) const {
    return i < operands.size() && operands[i].type.type != ElementType::kUndefined;
  }
  [[nodiscard]] ElementType type(std::size_t i) const { return operands[i].type.type; }
  [[nodiscard]] const Shape& shape(std::size_t i) const { return operands[i].type.shape; }
  [[nodiscard]] std::size_t rank(std::size_t i) const { return shape(i).size(); }

  [[nodiscard]] const onnx::AttributeProto* attribute(std::string_view name) const {
    const auto found = std::find_if(node.attribute().begin(), node.attribute().end(),
                                    [&](const auto& attribute) { return attribute.name() == name; });
    return found == node.attribute().end() ? nullptr : &*found;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    const auto* found = attribute(name);
    return found != nullptr ? found->i() : otherwise;
  }
  [[nodiscard]] Shape integers(std::string_view name, Shape otherwise = {}) const {
    const auto* found = attribute(name);
    return found != nullptr ? Shape(found->ints().begin(), found->ints().end()) : std::move(otherwise);
  }
  // The elements of operand i where it is a constant of that type.
  template <class Element>
  [[nodiscard]] std::optional<std::vector<Element>> values(std::size_t i, std::int32_t type) const {
    if (i >= operands.size() || operands[i].value == nullptr || operands[i].value->data_type() != type)
      return std::nullopt;
    const std::string& bytes = operands[i].value->raw_data();
    std::vector<Element> list(bytes.size() / sizeof(Element));
    if (!list.empty()) std::memcpy(list.data(), bytes.data(), list.size() * sizeof(Element));
    return list;
  }
  [[nodiscard]] std::optional<Shape> integers(std::size_t i) const {
    if (auto list = values<std::int64_t>(i, onnx::TensorProto::INT64)) return list;
    const auto narrow = values<std::int32_t>(i, onnx::TensorProto::INT32);
    return narrow ? std::optional(Shape(narrow->begin(), narrow->end())) : std::nullopt;
  }
  // How many outputs are asked for.
  [[nodiscard]] int wanted() const { return node.output_size(); }
};

using Rule = Types (*)(const Call&);

// Axes counted from the front; nothing when one is out of range.
std::optional<std::vector<std::size_t>> from_front(const Shape& axes, std::size_t rank) {
  std::vector<std::size_t> result;
  for (const std::int64_t axis : axes) {
    const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    if (at < 0 || at >= static_cast<std::int64_t>(rank)) return std::nullopt;
    result.push_back(static_cast<std::size_t>(at));
  }
  return result;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) return std::nullopt;
    result[result.size() - 1 - i] = left == 1 ? right : left;
  }
  return result;
}

std::optional<Shape> matrix_product(Shape a, Shape b) {
  if (a.size() < 2 || b.size() < 2 || a.back() != b[b.size() - 2]) return std::nullopt;
  const std::int64_t rows = a[a.size() - 2];
  const std::int64_t columns = b.back();
  a.resize(a.size() - 2);
  b.resize(b.size() - 2);
  auto result = broadcast(a, b);
  if (result) result->insert(result->end(), {rows, columns});
  return result;
}

Types one(ElementType type, std::optional<Shape> shape) {
  return shape ? Types{{type, std::move(*shape)}} : Types{};
}

// --- ONNX, opsets 18 to 24 ---

Types same_as_first(const Call& call) {
  return call.has(0) && call.wanted() == 1 ? Types{call.operands[0].type} : Types{};
}

Types broadcast_of_two(const Call& call) {
  return call.has(0) && call.has(1) ? one(call.type(0), broadcast(call.shape(0), call.shape(1))) : Types{};
}

// Into equal parts, the last one smaller. Other splits are as before.
Types split(const Call& call) {
  if (!call.has(0) || call.attribute("num_outputs") == nullptr) return {};
  const auto axis = from_front({call.integer("axis", 0)}, call.rank(0));
  const std::int64_t parts = call.integer("num_outputs", 0);
  if (!axis || parts != call.wanted()) return {};
  const std::int64_t size = call.shape(0)[axis->front()];
  const std::int64_t part = (size + parts - 1) / parts;
  Types types;
  for (std::int64_t first = 0; types.size() < static_cast<std::size_t>(parts); first += part) {
    if (first > size) return {};
    TensorType& type = types.emplace_back(call.operands[0].type);
    type.shape[axis->front()] = std::min(part, size - first);
  }
  return types;
}

Types pad(const Call& call) {
  const auto pads = call.integers(1);
  const auto listed = call.integers(3);
  if (!call.has(0) || !pads || !listed) return {};
  const auto axes = from_front(*listed, call.rank(0));
  if (!axes || pads->size() != 2 * axes->size()) return {};
  TensorType type = call.operands[0].type;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    std::int64_t& size = type.shape[(*axes)[i]];
    size += (*pads)[i] + (*pads)[i + axes->size()];
    if (size < 0) return {};
  }
  return {type};
}

// Only the form with axes; without them it is as before.
Types resize(const Call& call) {
  if (!call.has(0) || call.attribute("axes") == nullptr ||
      call.attribute("keep_aspect_ratio_policy") != nullptr) {
    return {};
  }
  const auto axes = from_front(call.integers("axes"), call.rank(0));
  const auto sizes = call.integers(3);
  const auto scales = call.values<float>(2, onnx::TensorProto::FLOAT);
  if (!axes) return {};
  TensorType type = call.operands[0].type;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    std::int64_t& size = type.shape[(*axes)[i]];
    if (sizes && sizes->size() == axes->size()) {
      size = (*sizes)[i];
    } else if (scales && scales->size() == axes->size()) {
      const double scaled = std::floor(static_cast<double>(size) * static_cast<double>((*scales)[i]));
      if (!(scaled >= 0 && scaled < 0x1p53)) return {};
      size = static_cast<std::int64_t>(scaled);
    } else {
      return {};
    }
    if (size < 0) return {};
  }
  return {type};
}

Types center_crop_pad(const Call& call) {
  const auto sizes = call.integers(1);
  if (!call.has(0) || !sizes) return {};
  Shape all(call.rank(0));
  std::iota(all.begin(), all.end(), 0);
  const auto axes = from_front(call.integers("axes", all), call.rank(0));
  if (!axes || axes->size() != sizes->size()) return {};
  TensorType type = call.operands[0].type;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    if ((*sizes)[i] < 0) return {};
    type.shape[(*axes)[i]] = (*sizes)[i];
  }
  return {type};
}

// x[batch, channels x block, positions] to [batch, channels, image...].
Types col2im(const Call& call) {
  const auto image = call.integers(1);
  const auto block = call.integers(2);
  if (!call.has(0) || call.rank(0) != 3 || !image || !block) return {};
  std::int64_t area = 1;
  for (const std::int64_t side : *block) {
    if (side <= 0 || __builtin_mul_overflow(area, side, &area)) return {};
  }
  TensorType type{call.type(0), {call.shape(0)[0], call.shape(0)[1] / area}};
  for (const std::int64_t side : *image) {
    if (side < 0) return {};
    type.shape.push_back(side);
  }
  return {type};
}

// x[batch, in, space...], w[out, in / groups, kernel...]
std::optional<Shape> convolution(const Call& call, const Shape& x, const Shape& w) {
  if (x.size() < 3 || w.size() != x.size()) return std::nullopt;
  const std::size_t space = x.size() - 2;
  const Shape ones(space, 1);
  const Shape strides = call.integers("strides", ones);
  const Shape dilations = call.integers("dilations", ones);
  const Shape pads = call.integers("pads", Shape(2 * space, 0));
  const auto* automatic = call.attribute("auto_pad");
  const std::string padding = automatic != nullptr ? automatic->s() : "NOTSET";
  if (strides.size() != space || dilations.size() != space || pads.size() != 2 * space) return std::nullopt;
  Shape result = {x[0], w[0]};
  for (std::size_t i = 0; i < space; ++i) {
    if (strides[i] <= 0 || dilations[i] <= 0) return std::nullopt;
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(dilations[i], w[i + 2] - 1, &reach)) return std::nullopt;
    std::int64_t room = x[i + 2] - reach - 1;
    if (padding == "SAME_UPPER" || padding == "SAME_LOWER") {
      room = x[i + 2] - 1;
    } else if (padding != "VALID") {
      if (__builtin_add_overflow(room, pads[i], &room) ||
          __builtin_add_overflow(room, pads[i + space], &room))
        return std::nullopt;
    }
    if (room < 0) return std::nullopt;
    result.push_back(room / strides[i] + 1);
  }
  return result;
}

Types convolution_of_first_two(const Call& call) {
  return call.has(0) && call.has(1) ? one(call.type(0), convolution(call, call.shape(0), call.shape(1)))
                                    : Types{};
}

Types quantize(const Call& call) {
  if (!call.has(0)) return {};
  const auto stated = static_cast<ElementType>(call.integer("output_dtype", 0));
  const ElementType type = call.has(2)                         ? call.type(2)
                           : stated != ElementType::kUndefined ? stated
                                                               : ElementType::kUint8;
  return one(type, call.shape(0));
}

Types dequantize(const Call& call) {
  if (!call.has(0) || !call.has(1)) return {};
  const auto stated = static_cast<ElementType>(call.integer("output_dtype", 0));
  return one(stated != ElementType::kUndefined ? stated : call.type(1), call.shape(0));
}

// q, k, v: [batch, heads, length, width], or [batch, length, heads x width] with the heads as attributes;
// the cache of earlier keys and values comes 5th and 6th. Makes y like q, keys and values with the cache
// before them, and q k^T.
Types attention(const Call& call) {
  if (!call.has(0) || !call.has(1) || !call.has(2)) return {};
  const bool flat = call.rank(0) == 3;
  const std::int64_t q_heads = flat ? call.integer("q_num_heads", 0) : 1;
  const std::int64_t kv_heads = flat ? call.integer("kv_num_heads", 0) : 1;
  const auto split_heads = [&](std::size_t i, std::int64_t heads) -> std::optional<Shape> {
    const Shape& shape = call.shape(i);
    if (!flat) return shape.size() == 4 ? std::optional(shape) : std::nullopt;
    if (shape.size() != 3 || heads <= 0 || shape[2] % heads != 0) return std::nullopt;
    return Shape{shape[0], heads, shape[1], shape[2] / heads};
  };
  const auto q = split_heads(0, q_heads);
  const auto k = split_heads(1, kv_heads);
  const auto v = split_heads(2, kv_heads);
  if (!q || !k || !v) return {};
  Shape keys = *k;
  Shape values = *v;
  if (call.has(4) && call.rank(4) == 4) keys[2] += call.shape(4)[2];
  if (call.has(5) && call.rank(5) == 4) values[2] += call.shape(5)[2];
  const Shape y =
      flat ? Shape{(*q)[0], (*q)[2], (*q)[1] * (*v)[3]} : Shape{(*q)[0], (*q)[1], (*q)[2], (*v)[3]};
  Types types = {{call.type(0), y},
                 {call.type(1), keys},
                 {call.type(2), values},
                 {call.type(0), {(*q)[0], (*q)[1], (*q)[2], keys[2]}}};
  types.resize(std::min<std::size_t>(types.size(), static_cast<std::size_t>(call.wanted())));
  return types;
}

// --- com.microsoft ---

// Sum and normalise: the fourth output is the sum itself.
Types skip_normalization(const Call& call) {
  if (!call.has(0)) return {};
  Types types(static_cast<std::size_t>(call.wanted()));
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i == 0 || i == 3) {
      types[i] = call.operands[0].type;
    } else if (!call.node.output(static_cast<int>(i)).empty()) {
      return {};
    }
  }
  return types;
}

Types fused_matrix_product(const Call& call) {
  if (!call.has(0) || !call.has(1) || call.rank(0) < 2 || call.rank(1) < 2) return {};
  if (call.integer("transBatchA", 0) != 0 || call.integer("transBatchB", 0) != 0) return {};
  Shape a = call.shape(0);
  Shape b = call.shape(1);
  if (call.integer("transA", 0) != 0) std::swap(a[a.size() - 1], a[a.size() - 2]);
  if (call.integer("transB", 0) != 0) std::swap(b[b.size() - 1], b[b.size() - 2]);
  return one(call.type(0), matrix_product(a, b));
}

Types general_product(const Call& call, std::size_t right, ElementType type) {
  if (!call.has(0) || !call.has(right) || call.rank(0) != 2 || call.rank(right) != 2) return {};
  Shape a = call.shape(0);
  Shape b = call.shape(right);
  if (call.integer("transA", 0) != 0) std::swap(a[0], a[1]);
  if (call.integer("transB", 0) != 0) std::swap(b[0], b[1]);
  return one(type, matrix_product(a, b));
}

Types fused_gemm(const Call& call) {
  return call.has(0) ? general_product(call, 1, call.type(0)) : Types{};
}

Types quantized_gemm(const Call& call) {
  return general_product(call, 3, call.has(8) ? call.type(8) : ElementType::kFloat32);
}

// The right side is packed in a form of its own; its columns are an attribute.
Types product_with_packed(const Call& call) {
  const std::int64_t columns = call.integer("N", 0);
  if (!call.has(0) || call.rank(0) == 0 || columns <= 0) return {};
  TensorType type = call.operands[0].type;
  type.shape.back() = columns;
  return {type};
}

Types product_to_float(const Call& call) {
  return call.has(0) && call.has(1) ? one(ElementType::kFloat32, matrix_product(call.shape(0), call.shape(1)))
                                    : Types{};
}

// a, a_scale, a_zero_point, b, ...
Types quantized_pair(const Call& call) {
  return call.has(0) && call.has(3) ? one(call.type(0), broadcast(call.shape(0), call.shape(3))) : Types{};
}

// y_scale, y_zero_point, then tensor, scale and zero point of each part.
Types quantized_concat(const Call& call) {
  if (!call.has(2)) return {};
  TensorType type = call.operands[2].type;
  const auto axis = from_front({call.integer("axis", 0)}, type.shape.size());
  if (!axis) return {};
  for (std::size_t i = 5; i < call.operands.size(); i += 3) {
    if (!call.has(i) || call.rank(i) != type.shape.size()) return {};
    type.shape[axis->front()] += call.shape(i)[axis->front()];
  }
  return {type};
}

Types quantized_global_average(const Call& call) {
  if (!call.has(0) || call.rank(0) < 3) return {};
  TensorType type = call.operands[0].type;
  const std::size_t first = call.integer("channels_last", 0) != 0 ? 1 : 2;
  for (std::size_t i = 0; i + 2 < type.shape.size(); ++i) type.shape[first + i] = 1;
  return {type};
}

// query[batch, length, width]; value[batch, length, width] or [batch, heads, length, width of a head]; or all
// three packed into the query, [batch, length, heads, 3, width of a head].
Types multi_head_attention(const Call& call) {
  if (!call.has(0) || call.wanted() != 1) return {};
  const Shape& query = call.shape(0);
  if (query.size() == 5) return one(call.type(0), Shape{query[0], query[1], query[2] * query[4]});
  if (query.size() != 3) return {};
  std::int64_t width = query[2];
  if (call.has(2) && call.rank(2) == 3) width = call.shape(2)[2];
  if (call.has(2) && call.rank(2) == 4) width = call.shape(2)[1] * call.shape(2)[3];
  return one(call.type(0), Shape{query[0], query[1], width});
}

// x[batch, length, in], w[in, q + k + v]
Types projected_attention(const Call& call) {
  if (!call.has(0) || !call.has(1) || call.rank(0) != 3 || call.rank(1) != 2 || call.wanted() != 1) return {};
  const Shape widths = call.integers("qkv_hidden_sizes");
  const std::int64_t width = widths.size() == 3 ? widths[2] : call.shape(1)[1] / 3;
  return one(call.type(0), Shape{call.shape(0)[0], call.shape(0)[1], width});
}

// ids[batch, length], ..., word_embedding[words, width] third.
Types embedding(const Call& call) {
  if (!call.has(0) || !call.has(2) || call.rank(0) != 2 || call.rank(2) != 2) return {};
  const TensorType y{call.type(2), {call.shape(0)[0], call.shape(0)[1], call.shape(2)[1]}};
  Types types = {y, {ElementType::kInt32, {call.shape(0)[0]}}, y};
  types.resize(std::min<std::size_t>(types.size(), static_cast<std::size_t>(call.wanted())));
  return types;
}

using Rules = std::map<std::string_view, Rule>;

const Rules& onnx_rules() {
  static const Rules rules = {
      {"Attention", attention},
      {"BitwiseAnd", broadcast_of_two},
      {"BitwiseNot", same_as_first},
      {"BitwiseOr", broadcast_of_two},
      {"BitwiseXor", broadcast_of_two},
      {"CenterCropPad", center_crop_pad},
      {"Col2Im", col2im},
      {"DeformConv", convolution_of_first_two},
      {"DequantizeLinear", dequantize},
      {"Gelu", same_as_first},
      {"GroupNormalization", same_as_first},
      {"LayerNormalization", same_as_first},  // before opset 17: ONNX Runtime's own
      {"Mish", same_as_first},
      {"Pad", pad},
      {"QuantizeLinear", quantize},
      {"RMSNormalization", same_as_first},
      {"Resize", resize},
      {"RotaryEmbedding", same_as_first},
      {"SimplifiedLayerNormalization", same_as_first},  // ONNX Runtime writes it into ONNX's domain
      {"Split", split},
      {"Swish", same_as_first},
      {"TensorScatter", same_as_first},
  };
  return rules;
}

const Rules& microsoft_rules() {
  static const Rules rules = {
      {"Attention", projected_attention},
      {"BiasAdd", same_as_first},
      {"BiasGelu", same_as_first},
      {"BiasSoftmax", same_as_first},
      {"DequantizeLinear", dequantize},
      {"DynamicQuantizeMatMul", product_to_float},
      {"EmbedLayerNormalization", embedding},
      {"FastGelu", same_as_first},
      {"FusedConv", convolution_of_first_two},
      {"FusedGemm", fused_gemm},
      {"FusedMatMul", fused_matrix_product},
      {"Gelu", same_as_first},
      {"GroupNorm", same_as_first},
      {"MatMulBnb4", product_with_packed},
      {"MatMulIntegerToFloat", product_to_float},
      {"MatMulNBits", product_with_packed},
      {"MultiHeadAttention", multi_head_attention},
      {"QGemm", quantized_gemm},
      {"QLinearAdd", quantized_pair},
      {"QLinearConcat", quantized_concat},
      {"QLinearGlobalAveragePool", quantized_global_average},
      {"QLinearLeakyRelu", same_as_first},
      {"QLinearMul", quantized_pair},
      {"QLinearSigmoid", same_as_first},
      {"QLinearSoftmax", same_as_first},
      {"QuantizeLinear", quantize},
      {"QuickGelu", same_as_first},
      {"RotaryEmbedding", same_as_first},
      {"SkipLayerNormalization", skip_normalization},
      {"SkipSimplifiedLayerNormalization", skip_normalization},
  };
  return rules;
}

}  // namespace

std::vector<TensorType> own_rule(const onnx::NodeProto& node, const std::vector<Operand>& operands) {
  if (!node.domain().empty() && node.domain() != "com.microsoft") return {};
  const Rules& rules = node.domain().empty() ? onnx_rules() : microsoft_rules();
  const auto rule = rules.find(node.op_type());
  return rule == rules.end() ? Types{} : rule->second({node, operands});
}

}  // namespace kerf
