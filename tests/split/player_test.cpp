// As many answers as requests, each once, and in order where asked for.

#include "runtime/split/player.hpp"

#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "runtime/split/tensors.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

class Player : public testing::Test {
 protected:
  // The edge's slice, done by `infer`, which is told the how manieth call it is.
  [[nodiscard]] InferenceServer edge(
      std::function<InferReply(int call, const InferRequest&, const StopRequested&)> infer) {
    ServedModel served;
    served.name = served_name(model_.imported.graph, {1, last_});
    served.version = model_.imported.graph.hash;
    served.inputs = slice_->takes();
    served.outputs = slice_->gives();
    served.infer = [this, infer = std::move(infer)](const InferRequest& request, const StopRequested& stop) {
      return infer(calls_++, request, stop);
    };
    return InferenceServer({served}, slice_server_options());
  }
  [[nodiscard]] InferReply right(const InferRequest& request) const {
    InferReply reply;
    reply.outputs = to_wire(slice_->run(from_wire(request.inputs)));
    return reply;
  }
  [[nodiscard]] std::vector<PlayedRequest> play_at(const std::string& address, int requests, int in_flight,
                                                   const StopRequested& stop = {}, Seconds rest = {}) {
    SplitNetwork network(model_.store, camera({{"edge", address}}), steady_clock(), [](std::string_view) {});
    network.use_plan(plan_text({{"camera", 0, 0}, {"edge", 1, last_}}));
    PlayOptions options;
    options.workload.arrivals = Arrivals::kClosed;
    options.workload.in_flight = in_flight;
    options.workload.requests = requests;
    options.workload.warmup = 0;
    options.rest = rest;
    options.ordered = true;
    Values reference;
    for (const auto& [name, tensor] : model_.reference) reference.emplace(name, copied(tensor));
    options.reference = &reference;
    return play(network, owned(model_.inputs), options, steady_clock(), stop);
  }

  SplitModel model_;
  int last_ = model_.last();
  std::shared_ptr<const LoadedSlice> slice_ = model_.store.load({1, last_});
  std::atomic<int> calls_ = 0;
};

TEST_F(Player, EveryRequestIsAnsweredOnceAndInOrderWhateverFails) {
  const InferenceServer server = edge([&](int call, const InferRequest& request, const StopRequested&) {
    switch (call % 5) {
      case 1:
        throw Error(ErrorCode::kBadInput, "block 1", "refused for once");  // the host stays in use
      case 2:
        return InferReply{};  // malformed
      case 3:
        throw std::bad_alloc();
      default:
        return right(request);
    }
  });
  constexpr int kRequests = 300;
  const std::vector<PlayedRequest> played = play_at(server.address(), kRequests, 6);
  ASSERT_EQ(played.size(), kRequests);
  Seconds handed_over;
  int there = 0;
  for (int i = 0; i < kRequests; ++i) {
    const PlayedRequest& request = played[static_cast<std::size_t>(i)];
    EXPECT_EQ(request.request, i);
    EXPECT_EQ(request.error, "");
    EXPECT_LE(request.difference.value(), 1e-4);
    EXPECT_GE(request.answered, handed_over);
    handed_over = request.answered;
    there += request.answer.reason.empty() ? 0 : 1;
  }
  EXPECT_GE(calls_, 3);
  EXPECT_GE(there, 1);
}

// Those that wait for their turn once waited for ever for one that was stopped.
TEST_F(Player, StoppingWhileAnswersWaitForTheirTurnReturns) {
  std::atomic<bool> stop = false;
  const InferenceServer server =
      edge([&](int call, const InferRequest& request, const StopRequested& cancelled) {
        while (call == 0 && !cancelled()) std::this_thread::yield();
        if (call == 1) stop = true;
        return right(request);
      });
  static_cast<void>(play_at(server.address(), 100, 3, [&] { return stop.load(); }));
  EXPECT_GE(calls_, 2);
}

TEST_F(Player, RestsBetweenAnAnswerAndTheNextRequest) {
  const InferenceServer server =
      edge([&](int, const InferRequest& request, const StopRequested&) { return right(request); });
  const Seconds rest(5e-3);
  const std::vector<PlayedRequest> played = play_at(server.address(), 5, 1, {}, rest);
  ASSERT_EQ(played.size(), 5U);
  for (std::size_t i = 1; i < played.size(); ++i) EXPECT_GE(played[i].arrived - played[i - 1].answered, rest);
}

}  // namespace
}  // namespace kerf::test
