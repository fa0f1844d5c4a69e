// Damaged files: every truncation and thousands of flipped bytes of small valid models end in an Error or a
// graph, never in a crash. Worth most under the address sanitizer.

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "models/cuts.hpp"
#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

constexpr std::string_view kModels[] = {
    R"(
      input x N,3,8,8
      weight w 4,3,3,3
      constant b 4
      ints target 1,-1
      y = Conv(x, w, b) pads=1,1,1,1 strides=2,2 group=1
      z = MaxPool(y) kernel_shape=2,2 strides=2,2
      s = Shape(z)
      ints i0 0
      n = Gather(s, i0)
      r = Reshape(z, target)
      weight v 16,20
      weight c 20
      g = Gemm(r, v, c)
      p = Softmax(g) axis=1
      output p
    )",
    R"(
      input x 1,4,6
      ints starts 1
      ints ends 5
      ints axes 2
      a = Slice(x, starts, ends, axes)
      b, c = Split(a) axis=1
      d = Concat(b, c) axis=2
      e = Transpose(d) perm=0,2,1
      f = Pad(e, pads)
      ints pads 0,0,0,0,1,1
      s = Shape(f)
      k = ConstantOfShape(s)
      h = Expand(k, s)
      m = Add(f, h)
      o = Resize(m, _, scales)
      weight scales 3
      q = ReduceSum(m, axes) keepdims=0
      output q
    )",
};

// 1 when it was imported.
int try_import(const test::TempFolder& folder, const std::string& bytes) {
  try {
    const Graph graph = import_onnx(folder.write("fuzz.onnx", bytes), {{"x", {1, 3, 8, 8}}});
    const Chain chain = find_cuts(graph);
    for (int k = 0; k < static_cast<int>(chain.blocks.size()); ++k) (void)make_slice(graph, chain, k, k);
    return 1;
  } catch (const Error&) {
    return 0;
  }
}

TEST(Fuzz, TruncationsEndInAnError) {
  const test::TempFolder folder;
  for (const std::string_view text : kModels) {
    const std::string whole = test::onnx_model(text);
    for (std::size_t length = 0; length < whole.size(); length += length < 400 ? 1 : 7) {
      (void)try_import(folder, whole.substr(0, length));
    }
  }
}

TEST(Fuzz, FlippedBytesNeverCrash) {
  const test::TempFolder folder;
  int imported = 0;
  for (const std::string_view text : kModels) {
    const std::string whole = test::onnx_model(text);
    for (std::uint32_t round = 0; round < 1500; ++round) {
      std::string damaged = whole;
      const auto draw = [&](std::uint32_t purpose, std::size_t sides) {
        return static_cast<std::size_t>(uniform({.seed = 11, .request = round, .purpose = purpose}) *
                                        static_cast<double>(sides));
      };
      for (std::uint32_t flips = 1 + round % 4; flips > 0; --flips) {
        damaged[draw(2 * flips, damaged.size())] = static_cast<char>(draw(2 * flips + 1, 256));
      }
      imported += try_import(folder, damaged);
    }
  }
  EXPECT_GT(imported, 100);  // damage to weights and names goes unnoticed
}

}  // namespace
}  // namespace kerf
