#include "runtime/inference/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>

#include "base/error.hpp"
#include "models/zoo/zoo.hpp"
#include "runtime/inference/exposed.hpp"
#include "runtime/inference/recording.hpp"
#include "tests/inference/inference_fixture.hpp"

namespace kerf {
namespace {

using test::Imported;
using test::kSmallNetwork;
using ::testing::HasSubstr;

template <class Call>
Error thrown_by(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::kBug, "", ""};
}

Values run_chain(const Imported& model, WeightStore& weights, Values now) {
  for (int block = 0; block < model.blocks(); ++block) {
    const Slice slice = model.slice(block, block);
    Values next = Session(weights, slice).run(now);
    for (const TensorId id : slice.passed) {
      const std::string& name = model.graph.tensors[static_cast<std::size_t>(id)].name;
      next.emplace(name, now.at(name));
    }
    now = std::move(next);
  }
  return now;
}

TEST(Session, ComputesWhatTheOperatorsSay) {
  const Imported model("input x 1,4\n y = Add(x, x)\n output y");
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  const float in[] = {1, -2, 0.5F, 3};
  const float out[] = {2, -4, 1, 6};
  const auto bytes = [](const float* data) { return std::string(reinterpret_cast<const char*>(data), 16); };
  const Values result = session.run({{"x", {ElementType::kFloat32, {1, 4}, bytes(in)}}});
  EXPECT_EQ(result, (Values{{"y", {ElementType::kFloat32, {1, 4}, bytes(out)}}}));
}

TEST(Session, ChainedBlocksComputeWhatTheWholeComputes) {
  const Imported model(kSmallNetwork);
  ASSERT_GE(model.blocks(), 2);
  WeightStore weights(model.graph);
  const Values inputs = random_inputs(model.graph, 1);
  const Values whole = Session(weights, model.whole()).run(inputs);
  const Values chained = run_chain(model, weights, inputs);
  ASSERT_EQ(chained.size(), whole.size());
  EXPECT_LT(difference(chained.at("y"), whole.at("y")).relative, 1e-5);
}

TEST(Session, WeightsAreReadOnceHoweverManySessions) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  const Session first(weights, model.whole());
  const Bytes loaded = weights.loaded();
  EXPECT_GE(loaded, Bytes(2048 * 10 * 4));
  const Session second(weights, model.whole());
  EXPECT_EQ(weights.loaded(), loaded);
}

TEST(Session, SessionsThatShareAWeightGiveTheSameResult) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  const Values inputs = random_inputs(model.graph, 1);
  Session first(weights, model.whole());
  Session second(weights, model.whole());
  EXPECT_EQ(first.run(inputs), second.run(inputs));
}

TEST(WeightStore, AlignsForVectorInstructions) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  const auto address = reinterpret_cast<std::uintptr_t>(weights.data(model.graph.find_tensor("w4")));
  EXPECT_EQ(address % 64, 0U);
}

TEST(Session, AMissingInputIsNamed) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  const Error error = thrown_by([&] { (void)session.run({}); });
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_THAT(error.what(), HasSubstr("no value for input \"x\""));
  EXPECT_THAT(error.what(), HasSubstr("float32 [1, 3, 16, 16]"));
}

TEST(Session, AWrongTypeIsRefused) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  Values inputs = random_inputs(model.graph, 1);
  inputs.at("x").type = ElementType::kInt32;
  const Error error = thrown_by([&] { session.bind(inputs); });
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_THAT(error.what(), HasSubstr("int32 [1, 3, 16, 16]; expected float32 [1, 3, 16, 16]"));
}

TEST(Session, AWrongShapeIsRefused) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  Values inputs = random_inputs(model.graph, 1);
  inputs.at("x").shape = {1, 3, 8, 32};
  EXPECT_THAT(thrown_by([&] { session.bind(inputs); }).what(), HasSubstr("[1, 3, 8, 32]"));
}

TEST(Session, TooFewBytesAreRefused) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  Values inputs = random_inputs(model.graph, 1);
  inputs.at("x").bytes.pop_back();
  EXPECT_THAT(thrown_by([&] { session.bind(inputs); }).what(), HasSubstr("has 3071 bytes; expected 3072"));
}

TEST(Session, TimingBeforeBindingIsOurBug) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  EXPECT_EQ(thrown_by([&] { (void)session.time_run(); }).code(), ErrorCode::kBug);
}

TEST(Session, ATimedRunTakesTime) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  Session session(weights, model.whole());
  const Values inputs = random_inputs(model.graph, 1);
  session.bind(inputs);
  EXPECT_GT(session.time_run(), Seconds(0));
}

// From the C library's heap each run took 8 MB anew: what was freed lay between outputs that somebody still
// held, and aligned pieces do not fit into holes of their own size. A device under load grew by a gigabyte in
// ten seconds.
TEST(Session, MemoryIsUsedAgainWhileOutputsAreHeld) {
  const Imported model(R"(
    input x 1,4,512,512
    a = Relu(x)
    b = Sigmoid(x)
    c = Mul(a, b)
    d = Tanh(c)
    e = Add(c, d)
    y = GlobalAveragePool(e)
    output y
  )");
  WeightStore weights(model.graph);
  const Session session(weights, model.whole());
  const LiveTensors inputs = owned(random_inputs(model.graph, 1));
  std::vector<LiveTensors> held;
  const auto taken = [] { return ::mallinfo2().arena + ::mallinfo2().hblkhd; };
  constexpr int kFew = 5;
  for (int run = 0; run < kFew; ++run) held.push_back(session.run_in_place(inputs));
  const std::size_t before = taken();
  constexpr int kMany = 40;
  for (int run = 0; run < kMany; ++run) held.push_back(session.run_in_place(inputs));
  EXPECT_LT(taken(), before + (16U << 20U));
}

TEST(Session, AnUnknownOperatorIsNamed) {
  Imported model("input x 1,4\n y = Relu(x)\n output y");
  Slice slice = model.whole();
  const std::size_t at = slice.model.find("Relu");
  ASSERT_NE(at, std::string::npos);
  slice.model.replace(at, 4, "Rehu");
  WeightStore weights(model.graph);
  const Error error = thrown_by([&] { const Session session(weights, slice); });
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(error.what(), HasSubstr("operator Rehu"));
}

TEST(Session, ADamagedModelIsBadInput) {
  Imported model("input x 1,4\n y = Relu(x)\n output y");
  Slice slice = model.whole();
  slice.model.resize(slice.model.size() / 2);
  WeightStore weights(model.graph);
  EXPECT_EQ(thrown_by([&] { const Session session(weights, slice); }).code(), ErrorCode::kBadInput);
}

TEST(Session, TwoThreadsGiveTheSameValues) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  const Values inputs = random_inputs(model.graph, 1);
  const Values one = Session(weights, model.whole()).run(inputs);
  const Values two = Session(weights, model.whole(), {.threads = 2}).run(inputs);
  EXPECT_LT(difference(two.at("y"), one.at("y")).relative, 1e-5);
}

TEST(Exposed, GivesATensorFromInside) {
  const Imported model("input x 1,4\n a = Add(x, x)\n y = Relu(a)\n output y");
  WeightStore weights(model.graph);
  const TensorId inner = model.graph.find_tensor("a");
  Session session(weights, expose(model.graph, model.whole(), std::vector<TensorId>{inner}));
  const Values values = session.run(random_inputs(model.graph, 1));
  EXPECT_TRUE(values.contains("a"));
  EXPECT_TRUE(values.contains("y"));
}

TEST(Recording, HasEveryTensorOfEveryCut) {
  const Imported model(kSmallNetwork);
  WeightStore weights(model.graph);
  const std::vector<Values> inputs{random_inputs(model.graph, 1)};
  const std::vector<Values> recorded =
      record(weights, model.graph, model.chain, {0, model.blocks()}, inputs, {});
  for (const Cut& cut : model.chain.cuts) {
    for (const TensorId id : cut.tensors) {
      EXPECT_TRUE(recorded[0].contains(model.graph.tensors[static_cast<std::size_t>(id)].name));
    }
  }
}

// ONNX Runtime 1.30, all optimisations on, does not make batchnormalization_20 when it is an output beside
// being one operand of a sum: "the ort_value must contain a constructed tensor".
TEST(Recording, HasAnOperandOfASum) {
  const Graph graph = zoo_graph("nasnetmobile");
  const Chain chain = find_cuts(graph);
  const TensorId lost = graph.find_tensor("batchnormalization_20");
  const auto cut = std::find_if(chain.cuts.begin(), chain.cuts.end(), [&](const Cut& c) {
    return std::find(c.tensors.begin(), c.tensors.end(), lost) != c.tensors.end();
  });
  ASSERT_NE(cut, chain.cuts.end());
  WeightStore weights(graph);
  const std::vector<Values> inputs{random_inputs(graph, 1)};
  const auto recorded = record(weights, graph, chain, {cut->index, cut->index}, inputs, {});
  EXPECT_TRUE(recorded[0].contains("batchnormalization_20"));
}

TEST(Recording, GroupsOfCutsCoverAllAndStayBelowTheLimit) {
  const Imported model(kSmallNetwork);
  const Bytes most(10000);
  int next = 0;
  for (const CutRange& group : groups_of_cuts(model.graph, model.chain, most)) {
    EXPECT_EQ(group.first, next);
    next = group.last + 1;
    Bytes bytes;
    for (int cut = group.first; cut <= group.last; ++cut)
      bytes += model.chain.cuts[static_cast<std::size_t>(cut)].bytes;
    EXPECT_TRUE(group.first == group.last || bytes <= 2 * most);
  }
  EXPECT_EQ(next, model.blocks() + 1);
}

TEST(RuntimeVersion, NamesTheLibrary) {
  EXPECT_THAT(runtime_version(), ::testing::StartsWith("onnxruntime 1."));
}

}  // namespace
}  // namespace kerf
