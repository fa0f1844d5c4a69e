// Servers as processes, killed as a crash would.

#include <atomic>
#include <thread>

#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_client.hpp"
#include "tests/split/server_process.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

TEST(ServerProcess, KilledInMidRequestTwentyTimesInARowUnderLoad) {
  SplitModel model;
  const std::string file = model.imported.folder.write("small.onnx", onnx_model(kSmallNetwork)).string();
  const Graph graph = import_onnx(file);
  const Chain chain = find_cuts(graph);
  SliceStore store(graph, chain, {});
  const int last = store.last_block();
  // Each request holds the server's only worker for a while: with four at a time there is always one in its
  // middle.
  std::vector<std::string> serve{file,       "--as", "edge",     "--slice",    "0-" + std::to_string(last),
                                 "--decode", "5ms",  "--listen", "127.0.0.1:0"};
  auto server = std::make_unique<ServerProcess>(serve);
  serve.back() = server->address();

  Journal journal;
  SplitNetworkOptions options = camera({{"edge", server->address()}});
  options.raw_input = Bytes(20e3);
  options.raw_seed = 7;
  SplitNetwork network(store, options, steady_clock(), journal.log());
  network.use_plan(plan_text({{"edge", 0, last}}));
  network.check_hosts(Seconds(20));

  std::atomic<bool> enough = false;
  std::atomic<int> asked = 0, answered = 0, there = 0, broken_off = 0;
  std::vector<std::thread> devices;
  for (int i = 0; i < 4; ++i) {
    devices.emplace_back([&] {
      while (!enough) {
        ++asked;
        const Answer answer = network.infer(owned(model.inputs));
        ++answered;
        expect_right(answer, model);
        if (answer.reason.empty()) ++there;
        if (answer.reason == "unreachable" || answer.reason == "cancelled") ++broken_off;
      }
    });
  }
  const auto wait_for_answers = [&](int more) {
    const int before = there;
    for (int tries = 0; there < before + more; ++tries) {
      ASSERT_LT(tries, 4000) << journal.text();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  };
  for (int kill = 0; kill < 20; ++kill) {
    wait_for_answers(4);
    server.reset();
    server = std::make_unique<ServerProcess>(serve);
  }
  wait_for_answers(4);
  enough = true;
  for (std::thread& device : devices) device.join();
  EXPECT_EQ(answered, asked);
  EXPECT_GE(broken_off, 20);  // at least one in its middle each time
}

// Its flags were ignored: an echo that takes one request of a client at a time refuses a second one.
TEST(ServerProcess, AnEchoKeepsToItsLimits) {
  const ServerProcess echo({"--echo", "--per-client", "1", "--listen", "127.0.0.1:0"});
  const InferenceClient client(echo.address());
  std::atomic<bool> refused = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int call = 0; call < 200 && !refused; ++call) {
        try {
          static_cast<void>(client.infer(echo_request(noise_payload(1'000'000), Bytes(1e6)), Seconds(20)));
        } catch (const InferenceError& error) {
          refused = error.failure() == InferenceFailure::kOverloaded;
          EXPECT_TRUE(refused) << error.what();
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace kerf::test
