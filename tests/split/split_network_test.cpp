// A network split over in-process servers: every answer is the whole model's, wherever it was computed.

#include <filesystem>

#include "base/random.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Passes a tensor over whole slices, takes two inputs and gives an output early.
constexpr std::string_view kSkipsAndTwoInputs = R"(
  input x 1,4,8,8
  input z 1,4,8,8
  weight w1 4,4,3,3
  weight w2 4,4,3,3
  weight w3 4,4,3,3
  a = Conv(x, w1) pads=1,1,1,1
  b = Relu(a)
  c = Conv(b, w2) pads=1,1,1,1
  early = Relu(c)
  e = Conv(early, w3) pads=1,1,1,1
  f = Add(e, x)
  y = Add(f, z)
  output early
  output y
)";

void expect_every_chain_of_three_right(SplitModel& model) {
  for (int i = 0; i < model.last(); ++i) {
    for (int j = i + 1; j < model.last(); ++j) {
      ServingHost cloud(model, "cloud", {{j + 1, model.last()}});
      ServingHost edge(model, "edge", {{i + 1, j}}, {{"cloud", cloud.address()}});
      SplitNetwork network(model.store, camera({{"edge", edge.address()}}), steady_clock(),
                           [](std::string_view) {});
      network.use_plan(plan_text({{"camera", 0, i}, {"edge", i + 1, j}, {"cloud", j + 1, model.last()}}));
      network.check_hosts(Seconds(20));
      const Answer answer = network.infer(owned(model.inputs));
      expect_right(answer, model);
      EXPECT_EQ(answer.reason, "");
      ASSERT_EQ(answer.stages.size(), 3U);
      EXPECT_EQ(answer.stages[1].slice, (HostSlice{"edge", i + 1, j}));
      EXPECT_EQ(answer.stages[2].slice, (HostSlice{"cloud", j + 1, model.last()}));
      EXPECT_GT(answer.sent, Bytes(0));
      EXPECT_GT(answer.received, Bytes(0));
    }
  }
}

TEST(SplitNetwork, ChainsOfThreeHostsAnswerAsTheWholeModel) {
  SplitModel model;
  ASSERT_GE(model.last(), 2);
  expect_every_chain_of_three_right(model);
}

TEST(SplitNetwork, TensorsThatPassASliceArrive) {
  SplitModel model(kSkipsAndTwoInputs);
  ASSERT_GE(model.last(), 2);
  expect_every_chain_of_three_right(model);
}

TEST(SplitNetwork, ARealModelToo) {
  const std::filesystem::path file = std::filesystem::path(KERF_SOURCE_DIR) / ".deps/models/ppocr-cls.onnx";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is not here: scripts/quickstart.sh fetches it";
  const Graph graph = import_onnx(file, {{"x", {1, 3, 48, 192}}});
  const Chain chain = find_cuts(graph);
  SliceStore store(graph, chain, {});
  const int last = store.last_block();
  const Values inputs = random_inputs(graph, 3);
  const LiveTensors whole = store.load({0, last})->run(owned(inputs));
  SliceServer slices(store, {{last / 2 + 1, last}}, {.name = "edge"}, steady_clock(),
                     [](std::string_view) {});
  const InferenceServer server(slices.models(), slice_server_options());
  SplitNetwork network(store, camera({{"edge", server.address()}}), steady_clock(), [](std::string_view) {});
  network.use_plan(plan_text({{"camera", 0, last / 2}, {"edge", last / 2 + 1, last}}));
  const Answer answer = network.infer(owned(inputs));
  EXPECT_EQ(answer.reason, "");
  for (const auto& [name, tensor] : whole) {
    const Difference apart = difference(copied(answer.outputs.at(name)), copied(tensor));
    EXPECT_EQ(apart.problem, "");
    EXPECT_LE(apart.relative, 1e-4);
  }
}

class TwoHosts : public testing::Test {
 protected:
  SplitModel model_;
  int last_ = model_.last();
  ServingHost edge_{model_, "edge", {{1, last_}, {0, last_}, {0, 0}}};
  SplitNetwork network_{model_.store, camera({{"edge", edge_.address()}}), steady_clock(),
                        [](std::string_view) {}};
};

TEST_F(TwoHosts, AllHereAllThereAndBack) {
  for (const std::string& plan : {plan_text({{"camera", 0, last_}}), plan_text({{"edge", 0, last_}}),
                                  plan_text({{"edge", 0, 0}, {"camera", 1, last_}})}) {
    network_.use_plan(plan);
    const Answer answer = network_.infer(owned(model_.inputs));
    expect_right(answer, model_);
    EXPECT_EQ(answer.plan, plan);
    EXPECT_EQ(answer.reason, "");
  }
}

TEST_F(TwoHosts, WrongInputsAreRefusedHere) {
  network_.use_plan(plan_text({{"camera", 0, 0}, {"edge", 1, last_}}));
  EXPECT_THROW(static_cast<void>(network_.infer({})), Error);
  Values wrong = model_.inputs;
  wrong.begin()->second.shape[0] = 2;
  EXPECT_THROW(static_cast<void>(network_.infer(owned(wrong))), Error);
}

TEST_F(TwoHosts, PlansThatAreNoneAreRefused) {
  for (const std::string& plan :
       {std::string("camera:0-99"), plan_text({{"camera", 0, 0}}), std::string("camera"),
        plan_text({{"camera", 1, last_}}), plan_text({{"cloud", 0, last_}})}) {
    EXPECT_THROW(network_.use_plan(plan), Error) << plan;
  }
  try {
    network_.use_plan(plan_text({{"cloud", 0, last_}}));
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--host cloud=ADDRESS"));
  }
}

TEST_F(TwoHosts, AnyClientMayCallASlice) {
  const InferenceClient client(edge_.address());
  const std::string name = served_name(model_.imported.graph, {0, last_});
  const ModelDescription described = client.describe_model(name, Seconds(20));
  EXPECT_THAT(described.versions, ElementsAre(model_.imported.graph.hash));
  ASSERT_EQ(described.inputs.size(), 1U);
  const Value& x = model_.inputs.at("x");
  InferRequest request;
  request.model = name;
  request.inputs.push_back({"x", "FP32", x.shape, Payload(x.bytes)});
  InferReply reply = client.infer(request, Seconds(20));
  const auto bytes = reply.outputs.at(0).bytes.contiguous();
  const auto wanted = model_.reference.at(reply.outputs[0].name).bytes;
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()));
}

TEST_F(TwoHosts, RawInputsStandForTheSeededOnes) {
  SplitNetworkOptions options = camera({{"edge", edge_.address()}});
  options.raw_input = Bytes(150e3);
  options.raw_seed = 7;
  SplitNetwork network(model_.store, options, steady_clock(), [](std::string_view) {});
  network.use_plan(plan_text({{"edge", 0, last_}}));
  network.check_hosts(Seconds(20));
  const Answer answer = network.infer(owned(model_.inputs));
  expect_right(answer, model_);
  EXPECT_EQ(answer.reason, "");
  EXPECT_EQ(answer.sent, Bytes(150e3));
}

TEST_F(TwoHosts, ARequestWithAPlanThatDoesNotFitIsRefusedWithTheReason) {
  const InferenceClient client(edge_.address());
  const Value& x = model_.inputs.at("x");
  InferRequest request;
  request.model = served_name(model_.imported.graph, {0, 0});
  request.inputs.push_back({"x", "FP32", x.shape, Payload(x.bytes)});
  const auto refusal = [&](const std::string& next) -> std::string {
    request.parameters.insert_or_assign(std::string(kNextParameter), Parameter(next));
    try {
      static_cast<void>(client.infer(request, Seconds(20)));
    } catch (const InferenceError& error) {
      EXPECT_EQ(error.failure(), InferenceFailure::kRefused);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(plan_text({{"moon", 1, last_}})), HasSubstr("does not know where moon is"));
  EXPECT_THAT(refusal(plan_text({{"edge", 2, last_}})), HasSubstr("each once and in order"));
  EXPECT_THAT(refusal("edge:1-9999"), HasSubstr("at most"));
  EXPECT_THAT(refusal("nonsense"), HasSubstr("two block numbers"));
}

// The same thousands on every run: a plan that is none is refused, whatever it says.
TEST(SliceServer, MutatedPlansAreFollowedOrRefused) {
  SplitModel model;
  SliceServer slices(model.store, {{0, 0}}, {.name = "edge", .next = {{"cloud", "127.0.0.1:1"}}},
                     steady_clock(), [](std::string_view) {});
  const ServedModel served = slices.models().front();
  InferRequest request;
  request.inputs.push_back({"x", "FP32", model.inputs.at("x").shape, Payload(model.inputs.at("x").bytes)});
  const std::string good = plan_text({{"cloud", 1, 1}, {"far", 2, model.last()}});
  int refused = 0;
  for (std::uint32_t number = 0; number < 5000; ++number) {
    auto draw = [&, next = 0U](std::size_t end) mutable {
      return static_cast<std::size_t>(uniform({.seed = 5, .device = number, .request = next++}) *
                                      static_cast<double>(end));
    };
    std::string text = good;
    for (std::size_t i = 0, count = 1 + draw(3); i < count; ++i) {
      const std::size_t at = draw(text.size() + 1);
      if (draw(2) == 0) {
        text.insert(at, 1, ":,-0;9=\xff c"[draw(10)]);
      } else {
        text.erase(at, 1 + draw(3));
      }
    }
    request.parameters.insert_or_assign(std::string(kNextParameter), Parameter(text));
    try {
      static_cast<void>(served.infer(request, [] { return false; }));
    } catch (const InferenceError& error) {
      EXPECT_EQ(error.failure(), InferenceFailure::kBeyond) << text;  // nobody is at the next host
    } catch (const Error& error) {
      EXPECT_THAT(error.code(), testing::AnyOf(ErrorCode::kUsage, ErrorCode::kBadInput)) << text;
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000);
}

}  // namespace
}  // namespace kerf::test
