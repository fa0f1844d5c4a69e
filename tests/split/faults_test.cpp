// Nothing is lost: whatever other hosts and links do, every input gets the whole model's answer, the case is
// counted, and the host is used again when it is well.

#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "runtime/executor/echo_model.hpp"
#include "runtime/split/tensors.hpp"
#include "tests/executor/certificates.hpp"
#include "tests/split/link_proxy.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;

constexpr int kMostTries = 2000;

class Faults : public testing::Test {
 protected:
  // camera:0-0,HOST:1-last
  [[nodiscard]] std::string plan_with(const std::string& host) const {
    return plan_text({{"camera", 0, 0}, {host, 1, last_}});
  }
  [[nodiscard]] std::unique_ptr<SplitNetwork> network(const std::string& address,
                                                      Seconds deadline = Seconds(20)) {
    SplitNetworkOptions options = camera({{"edge", address}});
    options.deadline = deadline;
    auto made = std::make_unique<SplitNetwork>(model_.store, options, steady_clock(), journal_.log());
    made->use_plan(plan_with("edge"));
    return made;
  }
  Answer ask(SplitNetwork& network) {
    Answer answer = network.infer(owned(model_.inputs));
    expect_right(answer, model_);
    return answer;
  }
  // Every answer on the way is right; the last went as planned.
  void expect_back(SplitNetwork& network) {
    for (int tries = 0; tries < kMostTries; ++tries) {
      if (ask(network).reason.empty()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << "the host was not used again\n" << journal_.text();
  }
  // A server in the edge's place whose slice does what it likes.
  [[nodiscard]] ServedModel impostor(InferFunction infer) {
    const auto slice = model_.store.load({1, last_});
    ServedModel served;
    served.name = served_name(model_.imported.graph, {1, last_});
    served.version = model_.imported.graph.hash;
    served.inputs = slice->takes();
    served.outputs = slice->gives();
    served.infer = std::move(infer);
    return served;
  }

  SplitModel model_;
  int last_ = model_.last();
  Journal journal_;
};

TEST_F(Faults, NobodyThere) {
  std::string address;
  {
    const InferenceServer gone({}, slice_server_options());
    address = gone.address();
  }
  const auto network = this->network(address);
  EXPECT_EQ(ask(*network).reason, "unreachable");
  EXPECT_EQ(ask(*network).reason, "down");
  EXPECT_THAT(journal_.text(), HasSubstr("edge is down (unreachable)"));
}

TEST_F(Faults, AServerThatComesBackIsUsedAgain) {
  auto host = std::make_unique<ServingHost>(model_, "edge", std::vector<BlockRange>{{1, last_}});
  ServerOptions again = slice_server_options();
  again.listen = host->address();
  const auto network = this->network(host->address());
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(ask(*network).reason, "");
    host.reset();
    EXPECT_NE(ask(*network).reason, "");
    host = std::make_unique<ServingHost>(model_, "edge", std::vector<BlockRange>{{1, last_}},
                                         std::map<std::string, std::string>{}, again);
    expect_back(*network);
  }
  EXPECT_THAT(journal_.text(), HasSubstr("edge is back"));
}

TEST_F(Faults, ALinkThatIsCutAndMended) {
  const ServingHost host(model_, "edge", {{1, last_}});
  LinkProxy link(host.address());
  const auto network = this->network(link.address(), Seconds(0.3));
  expect_back(*network);
  link.cut();
  int missed = 0;
  for (int request = 0; request < 20; ++request) missed += ask(*network).reason == "deadline" ? 1 : 0;
  EXPECT_GE(missed, 1);
  EXPECT_LE(missed, 2);  // the others do not even try
  link.mend();
  expect_back(*network);
}

// gRPC ends a call only when it has written what it began to write: on a link that is cut, when the
// connection holds as much as it can, that is when the link is mended. Deadlines once passed unheard until
// then.
TEST_F(Faults, DeadlinesHoldWhereTheConnectionTakesNothingMore) {
  const InferenceServer server({echo_model(Bytes(64e6))}, slice_server_options());
  LinkProxy link(server.address());
  const InferenceClient client(link.address());
  const auto send = [&](Seconds within) {
    static_cast<void>(client.infer(echo_request(noise_payload(16'000'000), Bytes(0)), within));
  };
  for (int i = 0; i < 6; ++i) send(Seconds(60));  // gRPC learns how much it may send at once
  link.cut();
  for (int i = 0; i < 4; ++i) {
    try {
      send(Seconds(0.1));
      ADD_FAILURE() << "there was an answer";
    } catch (const InferenceError& error) {
      EXPECT_EQ(error.failure(), InferenceFailure::kDeadline) << error.what();
    }
  }
  int asked = 0;
  try {
    static_cast<void>(
        client.infer(echo_request(noise_payload(10), Bytes(0)), Seconds(60), [&] { return ++asked > 1; }));
    ADD_FAILURE() << "there was an answer";
  } catch (const InferenceError& error) {
    EXPECT_EQ(error.failure(), InferenceFailure::kCancelled) << error.what();
  }
  EXPECT_THROW(static_cast<void>(client.is_ready(Seconds(0.1))), InferenceError);
}

// Ten seconds by the device's clock, which the test moves: meanwhile it answers by itself, and only probes
// touch the link.
TEST_F(Faults, ALinkThatIsDownForTenSeconds) {
  const ServingHost host(model_, "edge", {{1, last_}});
  LinkProxy link(host.address());
  SplitNetworkOptions options = camera({{"edge", link.address()}});
  options.deadline = Seconds(0.3);
  options.link.first_retry = Seconds(0.1);
  options.link.longest_retry = Seconds(2);
  options.link.probe_within = Seconds(0.05);
  std::atomic<double> now = 0;
  SplitNetwork network(
      model_.store, options, [&] { return Seconds(now.load()); }, journal_.log());
  network.use_plan(plan_with("edge"));
  const auto back_within = [&](int tries) {
    for (; tries > 0 && !ask(network).reason.empty(); --tries) {
      now = now + 0.1;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return tries > 0;
  };
  ASSERT_TRUE(back_within(kMostTries));  // a busy machine may miss a deadline before the link is cut
  link.cut();
  int missed = 0;
  int asked = 0;
  for (const double mended = now + 10; now < mended; now = now + 0.1, ++asked) {
    const std::string reason = ask(network).reason;
    EXPECT_THAT(reason, testing::AnyOf("deadline", "down"));
    missed += reason == "deadline" ? 1 : 0;
  }
  EXPECT_GE(asked, 99);
  EXPECT_EQ(missed, 1);  // no probe can succeed, so nothing is sent again
  link.mend();
  EXPECT_TRUE(back_within(kMostTries)) << journal_.text();
}

TEST_F(Faults, AnAnswerThatIsNone) {
  for (const int kind : {0, 1, 2}) {
    std::atomic<bool> well = false;
    const auto slice = model_.store.load({1, last_});
    const InferenceServer server({impostor([&](const InferRequest& request, const StopRequested&) {
                                   InferReply reply;
                                   reply.outputs = request.inputs;  // other names and shapes
                                   if (kind == 1) reply.outputs.clear();
                                   if (kind == 2) reply.outputs.front().shape = {-1};
                                   if (well) reply.outputs = to_wire(slice->run(from_wire(request.inputs)));
                                   return reply;
                                 })},
                                 slice_server_options());
    const auto network = this->network(server.address());
    EXPECT_EQ(ask(*network).reason, "malformed");
    EXPECT_THAT(ask(*network).reason, testing::AnyOf("down", "malformed"));
    well = true;
    expect_back(*network);
  }
}

TEST_F(Faults, AServerOutOfMemoryOrWithAFault) {
  for (const bool memory : {true, false}) {
    const InferenceServer server({impostor([&](const InferRequest&, const StopRequested&) -> InferReply {
                                   if (memory) throw std::bad_alloc();
                                   throw std::runtime_error("not thought of");
                                 })},
                                 slice_server_options());
    const auto network = this->network(server.address());
    EXPECT_EQ(ask(*network).reason, memory ? "overloaded" : "broken");
    for (int i = 0; i < 5; ++i) static_cast<void>(ask(*network));
  }
}

TEST_F(Faults, AServerWithAnotherModelIsRefusedByItsHash) {
  std::string text(kSmallNetwork);
  text.replace(text.find("pads=1,1,1,1"), 12,
               "pads=1,1,1,1 dilations=1,1");  // the same tensors, another file
  SplitModel other(text);
  other.imported.graph.name = model_.imported.graph.name;
  ASSERT_NE(other.imported.graph.hash, model_.imported.graph.hash);
  const ServingHost host(other, "edge", {{1, other.last()}});
  const auto network = this->network(host.address());
  try {
    network->check_hosts(Seconds(20));
    FAIL() << "not refused";
  } catch (const InferenceError& error) {
    EXPECT_EQ(error.failure(), InferenceFailure::kNotServed);
    EXPECT_THAT(error.what(), HasSubstr(other.imported.graph.hash));
    EXPECT_THAT(error.what(), HasSubstr(model_.imported.graph.hash));
  }
  EXPECT_EQ(ask(*network).reason, "down");
  // Without asking first, the server refuses it.
  const auto trusting = this->network(host.address());
  EXPECT_EQ(ask(*trusting).reason, "not served");
}

TEST_F(Faults, AnExpiredCertificate) {
  const Certificates certificates("split");
  if (!certificates.made()) GTEST_SKIP() << "no openssl here to make certificates with";
  for (const bool servers : {true, false}) {
    ServerOptions listen = slice_server_options();
    listen.tls = certificates.of(servers ? "expired" : "edge");
    const ServingHost host(model_, "edge", {{1, last_}}, {}, listen);
    SplitNetworkOptions options = camera({{"edge", host.address()}});
    options.link.client.tls = certificates.of(servers ? "camera" : "expired");
    SplitNetwork network(model_.store, options, steady_clock(), journal_.log());
    network.use_plan(plan_with("edge"));
    EXPECT_EQ(ask(network).reason, "unreachable");
    EXPECT_EQ(ask(network).reason, "down");
  }
}

TEST_F(Faults, AServerWithOtherSlicesIsRefused) {
  const ServingHost host(model_, "edge", {{0, 0}});
  const auto network = this->network(host.address());
  EXPECT_THROW(network->check_hosts(Seconds(20)), InferenceError);
  EXPECT_EQ(ask(*network).reason, "down");
}

// Triton, say: the same tensors, a version of its own, none of our parameters.
TEST_F(Faults, AServerThatKnowsNoHashesIsTakenWhereAllowed) {
  const auto slice = model_.store.load({1, last_});
  ServedModel stranger = impostor([slice](const InferRequest& request, const StopRequested&) {
    InferReply reply;
    reply.outputs = to_wire(slice->run(from_wire(request.inputs)));
    return reply;
  });
  stranger.version = "1";
  const InferenceServer server({stranger}, slice_server_options());
  const auto strict = this->network(server.address());
  EXPECT_THROW(strict->check_hosts(Seconds(20)), InferenceError);
  SplitNetworkOptions options = camera({{"edge", server.address()}});
  options.link.any_version = true;
  SplitNetwork network(model_.store, options, steady_clock(), journal_.log());
  network.use_plan(plan_with("edge"));
  network.check_hosts(Seconds(20));
  const Answer answer = ask(network);
  EXPECT_EQ(answer.reason, "");
  EXPECT_EQ(answer.stages.size(), 1U);  // its own; the stranger tells nothing
}

TEST_F(Faults, AHostFurtherOnThatFails) {
  auto cloud = std::make_unique<ServingHost>(model_, "cloud", std::vector<BlockRange>{{2, last_}});
  ServerOptions again = slice_server_options();
  again.listen = cloud->address();
  const ServingHost edge(model_, "edge", {{1, 1}}, {{"cloud", cloud->address()}});
  SplitNetwork network(model_.store, camera({{"edge", edge.address()}}), steady_clock(), journal_.log());
  network.use_plan(plan_text({{"camera", 0, 0}, {"edge", 1, 1}, {"cloud", 2, last_}}));
  EXPECT_EQ(ask(network).reason, "");
  cloud.reset();
  EXPECT_EQ(ask(network).reason, "beyond");
  EXPECT_THAT(journal_.text(), HasSubstr("edge:1-1,cloud:2-"));
  EXPECT_THAT(journal_.text(), testing::Not(HasSubstr("edge is down")));
  cloud = std::make_unique<ServingHost>(model_, "cloud", std::vector<BlockRange>{{2, last_}},
                                        std::map<std::string, std::string>{}, again);
  expect_back(network);
}

// A clock that jumps (a machine that slept) makes deadlines pass for nobody: what waits is measured by
// differences.
TEST_F(Faults, AClockThatJumpsLosesNothing) {
  const ServingHost host(model_, "edge", {{1, last_}});
  std::atomic<double> jump = 0;
  SplitNetwork network(
      model_.store, camera({{"edge", host.address()}}), [&] { return steady_clock()() + Seconds(jump); },
      journal_.log());
  network.use_plan(plan_with("edge"));
  for (int i = 0; i < 20; ++i) {
    jump = jump + 3600;
    EXPECT_EQ(ask(network).reason, "");
  }
}

TEST_F(Faults, OneDeviceThatFloodsDoesNotKeepAnotherOut) {
  ServerOptions options = slice_server_options();
  options.workers = 2;
  options.queue = 6;
  options.per_client = 4;
  const ServingHost host(model_, "edge", {{1, last_}}, {}, options);
  std::atomic<bool> enough = false;
  std::atomic<int> refused = 0;
  std::vector<std::thread> flood;
  const InferenceClient greedy(host.address());
  LiveTensors crossing = model_.store.load({0, 0})->run(owned(model_.inputs));
  for (int i = 0; i < 8; ++i) {
    flood.emplace_back([&] {
      InferRequest request;
      request.model = served_name(model_.imported.graph, {1, last_});
      for (const auto& [name, tensor] : crossing) {
        request.inputs.push_back({name, "FP32", tensor.shape, Payload(tensor.bytes, tensor.owner)});
      }
      while (!enough) {
        try {
          static_cast<void>(greedy.infer(request, Seconds(20)));
        } catch (const InferenceError& error) {
          EXPECT_EQ(error.failure(), InferenceFailure::kOverloaded);
          ++refused;
        }
      }
    });
  }
  const auto network = this->network(host.address());
  while (refused < 10) std::this_thread::yield();
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask(*network).reason, "");
  enough = true;
  for (std::thread& thread : flood) thread.join();
}

}  // namespace
}  // namespace kerf::test
