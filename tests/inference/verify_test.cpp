#include "runtime/inference/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.hpp"
#include "models/onnx_import.hpp"
#include "tests/inference/inference_fixture.hpp"

namespace kerf {
namespace {

using test::Imported;
using test::kSmallNetwork;

TEST(Verify, PassesForASmallNetwork) {
  const Imported model(kSmallNetwork);
  const VerifyReport report = verify(model.graph, model.chain, 1, {}, {});
  EXPECT_TRUE(report.outputs_differ);
  EXPECT_TRUE(report.passed());
}

TEST(Verify, ChecksEveryInnerCutAndTheChainOfAllBlocks) {
  const Imported model(kSmallNetwork);
  const VerifyReport report = verify(model.graph, model.chain, 1, {}, {});
  std::vector<int> expected;
  for (int cut = 1; cut < model.blocks(); ++cut) expected.push_back(cut);
  expected.push_back(kWholeChain);
  std::vector<int> checked;
  for (const CutCheck& check : report.cuts) checked.push_back(check.cut);
  EXPECT_EQ(checked, expected);
}

TEST(Verify, ChecksTheSameSideBySide) {
  const Imported model(kSmallNetwork);
  const VerifyReport alone = verify(model.graph, model.chain, 1, {}, {});
  const VerifyReport together = verify(model.graph, model.chain, 3, {}, {});
  ASSERT_EQ(alone.cuts.size(), together.cuts.size());
  for (std::size_t k = 0; k < alone.cuts.size(); ++k) {
    EXPECT_EQ(alone.cuts[k].cut, together.cuts[k].cut);
    EXPECT_EQ(alone.cuts[k].worst, together.cuts[k].worst);
    EXPECT_TRUE(together.cuts[k].passed);
  }
}

TEST(Verify, FailsWhenTheOutputDoesNotDependOnTheInput) {
  const Imported model(R"(
    input x 1,4
    a = Sub(x, x)
    y = Relu(a)
    output y
  )");
  const VerifyReport report = verify(model.graph, model.chain, 1, {}, {});
  EXPECT_FALSE(report.outputs_differ);
  EXPECT_FALSE(report.passed());
}

TEST(Verify, NotANumberIsAProblemAndNamesTheTensor) {
  const Imported model(R"(
    input x 1,4
    a = Log(x)
    y = Add(a, x)
    output y
  )");
  const VerifyReport report = verify(model.graph, model.chain, 1, {}, {});
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.cuts.back().problem, ::testing::HasSubstr("nan"));
  EXPECT_NE(report.cuts.back().worst_tensor, "");
}

TEST(Verify, StopsWhenAsked) {
  const Imported model(kSmallNetwork);
  try {
    (void)verify(model.graph, model.chain, 1, {}, [] { return true; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
}

TEST(Verify, PassesForARealClassifier) {
  const std::filesystem::path file = std::filesystem::path(KERF_SOURCE_DIR) / ".deps/models/ppocr-cls.onnx";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is absent; scripts/quickstart.sh fetches it";
  const Graph graph = import_onnx(file, {{"x", {1, 3, 48, 192}}});
  // The cuts of a single tensor are enough here; `kerf model verify` runs them all.
  const VerifyReport report = verify(graph, find_cuts(graph, 1), 1, {}, {});
  EXPECT_TRUE(report.passed());
}

}  // namespace
}  // namespace kerf
