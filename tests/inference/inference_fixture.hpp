#pragma once
// A model written as text, imported and cut, with the weights that its sessions share.

#include <string_view>
#include <utility>

#include "models/cuts.hpp"
#include "runtime/inference/session.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf::test {

// Convolutions with a skip connection, and a matrix product whose weight is large enough to be shared.
inline constexpr std::string_view kSmallNetwork = R"(
  input x 1,3,16,16
  weight w1 8,3,3,3
  weight w2 8,8,3,3
  weight w3 8,8,3,3
  weight w4 2048,10
  ints flat 1,-1
  a = Conv(x, w1) pads=1,1,1,1
  b = Relu(a)
  c = Conv(b, w2) pads=1,1,1,1
  d = Relu(c)
  e = Add(b, d)
  f = Conv(e, w3) pads=1,1,1,1
  g = Relu(f)
  h = Reshape(g, flat)
  y = MatMul(h, w4)
  output y
)";

struct Imported {
  explicit Imported(std::string_view text, int most_tensors = 3)
      : graph(import_text(folder, text)), chain(find_cuts(graph, most_tensors)) {}

  [[nodiscard]] int blocks() const { return static_cast<int>(chain.blocks.size()); }
  [[nodiscard]] Slice slice(int first, int last) const { return make_slice(graph, chain, first, last); }
  [[nodiscard]] Slice whole() const { return slice(0, blocks() - 1); }

  TempFolder folder;
  Graph graph;
  Chain chain;
};

}  // namespace kerf::test
