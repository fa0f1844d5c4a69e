// A policy table in use: what the device observes decides the plan; a file that is replaced is taken whole or
// not at all.

#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "policy/writer/policy_writer.hpp"
#include "runtime/executor/echo_model.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

// A table over one axis, with one plan a point.
PolicyContent table(const SplitModel& model, PolicyAxisContent axis, const std::vector<int>& plan_of_point) {
  const int last = static_cast<int>(model.imported.chain.blocks.size()) - 1;
  PolicyContent content;
  content.model = "small";
  content.model_hash = model.imported.graph.hash;
  content.objective = "latency.mean";
  content.hosts = {"camera", "edge"};
  content.plans = {{{{0, 0, last}}}, {{{0, 0, 0}, {1, 1, last}}}};
  for (const double point : axis.points) axis.labels.push_back(std::to_string(point));
  content.axes = {std::move(axis)};
  for (const int plan : plan_of_point) content.cells.push_back({plan, Seconds(0.1), 1.0});
  return content;
}

PolicyAxisContent load_axis() {
  return {"edge_load", "hosts.edge.utilization", "", true, false, {0.1, 0.5, 0.9}, {}};
}

class PolicyInUse : public testing::Test {
 protected:
  [[nodiscard]] std::string file_with(const PolicyContent& content) const {
    return model_.imported.folder.write("policy.kerf", encode_policy(content)).string();
  }
  [[nodiscard]] std::unique_ptr<SplitNetwork> network(const std::string& address) {
    return std::make_unique<SplitNetwork>(model_.store, camera({{"edge", address}}), steady_clock(),
                                          journal_.log());
  }
  Answer ask(SplitNetwork& network) {
    Answer answer = network.infer(owned(model_.inputs));
    expect_right(answer, model_);
    return answer;
  }

  SplitModel model_;
  int last_ = model_.last();
  std::string here_ = plan_text({{"camera", 0, last_}});
  std::string there_ = plan_text({{"camera", 0, 0}, {"edge", 1, last_}});
  PolicyUse use_{{.main_host = "edge"}, {}, Seconds(1000)};
  Journal journal_;
};

TEST_F(PolicyInUse, FollowsTheLoadThatRepliesTell) {
  ServingHost honest(model_, "edge", {{1, last_}});
  std::atomic<double> load = 0;
  // The same host through a server that tells another load.
  const InferenceClient behind(honest.address());
  std::vector<ServedModel> models;
  const auto slice = model_.store.load({1, last_});
  ServedModel served{served_name(model_.imported.graph, {1, last_}),
                     model_.imported.graph.hash,
                     "",
                     slice->takes(),
                     slice->gives(),
                     {}};
  served.infer = [&](const InferRequest& request, const StopRequested& stop) {
    InferReply reply = behind.infer(request, Seconds(20), stop);
    reply.parameters.insert_or_assign(std::string(kLoadParameter),
                                      Parameter("edge=" + std::to_string(load.load())));
    return reply;
  };
  models.push_back(served);
  ServedModel echo = echo_model(Bytes(1e6));
  echo.infer = served.infer;
  models.push_back(echo);
  const InferenceServer server(models, slice_server_options());

  const auto network = this->network(server.address());
  network->use_policy(file_with(table(model_, load_axis(), {1, 1, 0})), use_);
  EXPECT_EQ(ask(*network).plan, there_);
  load = 0.95;
  EXPECT_EQ(ask(*network).plan, there_);  // whose reply tells
  EXPECT_EQ(ask(*network).plan, here_);
  EXPECT_EQ(network->switches(), 1);
  EXPECT_THAT(journal_.text(), HasSubstr(there_ + " -> " + here_ + " at edge_load 0.95"));
  load = 0.2;
  for (int tries = 0; ask(*network).plan != there_; ++tries) {  // a probe tells
    ASSERT_LT(tries, 2000);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(network->switches(), 2);
}

TEST_F(PolicyInUse, WhatTheTableDoesNotKnowIsTheFallback) {
  const ServingHost edge(model_, "edge", {{1, last_}});
  PolicyContent content =
      table(model_, {"goodput", "network.uplink.bandwidth", "B/s", true, true, {1e3, 1e4}, {}}, {1, 1});
  content.fallback_plan = 0;
  const auto network = this->network(edge.address());
  network->use_policy(file_with(content), use_);  // loopback is faster than that
  EXPECT_EQ(ask(*network).plan, here_);
  EXPECT_THAT(journal_.text(), HasSubstr("fallback"));
}

TEST_F(PolicyInUse, AReplacedFileIsTakenWholeOrNotAtAll) {
  const ServingHost edge(model_, "edge", {{1, last_}});
  const std::string to_edge = encode_policy(table(model_, load_axis(), {1, 1, 1}));
  const std::string to_camera = encode_policy(table(model_, load_axis(), {0, 0, 0}));
  const auto network = this->network(edge.address());
  const std::string file = model_.imported.folder.write("policy.kerf", to_edge).string();
  network->use_policy(file, use_);
  EXPECT_EQ(ask(*network).plan, there_);

  const auto put = [&](const std::string& bytes) {
    static_cast<void>(model_.imported.folder.write("policy.kerf", bytes));
    return network->refresh_policy();
  };
  EXPECT_TRUE(put(to_camera));
  EXPECT_EQ(ask(*network).plan, here_);
  EXPECT_THAT(journal_.text(), HasSubstr("was replaced"));
  EXPECT_FALSE(put(to_edge.substr(0, to_edge.size() / 2)));  // half written
  EXPECT_EQ(ask(*network).plan, here_);
  EXPECT_THAT(journal_.text(), HasSubstr("the table in use stays"));
  PolicyContent other = table(model_, load_axis(), {1, 1, 1});
  other.model_hash = "0123456789abcdef";
  EXPECT_FALSE(put(encode_policy(other)));
  EXPECT_THAT(journal_.text(), HasSubstr("0123456789abcdef"));
  EXPECT_FALSE(put(""));
  EXPECT_EQ(ask(*network).plan, here_);
  EXPECT_TRUE(put(to_edge));
  EXPECT_EQ(ask(*network).plan, there_);
}

TEST_F(PolicyInUse, ReplacingUnderLoadLosesNothing) {
  const ServingHost edge(model_, "edge", {{1, last_}});
  const std::array<std::string, 2> tables{encode_policy(table(model_, load_axis(), {1, 1, 1})),
                                          encode_policy(table(model_, load_axis(), {0, 0, 0}))};
  const auto network = this->network(edge.address());
  network->use_policy(model_.imported.folder.write("policy.kerf", tables[0]).string(), use_);
  std::atomic<bool> enough = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!enough) {
        EXPECT_THAT(ask(*network).plan, AnyOf(here_, there_));
        ++answers;
      }
    });
  }
  for (int round = 0; round < 40; ++round) {
    const std::string& bytes = tables[static_cast<std::size_t>(round % 2)];
    static_cast<void>(
        model_.imported.folder.write("policy.kerf", round % 5 == 4 ? bytes.substr(0, 100) : bytes));
    EXPECT_EQ(network->refresh_policy(), round % 5 != 4);
  }
  const int so_far = answers;
  while (answers < so_far + 10) std::this_thread::yield();
  enough = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PolicyInUse, AnAxisThatNobodyCanMeasureMustBeGiven) {
  const PolicyContent content =
      table(model_, {"cameras", "hosts.camera.count", "", true, false, {1, 4, 12}, {}}, {1, 1, 0});
  const auto network = this->network("127.0.0.1:1");
  const std::string file = file_with(content);
  try {
    network->use_policy(file, use_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--observe cameras=VALUE"));
  }
  use_.axes.given = {{"cameras", 12}};
  network->use_policy(file, use_);
  EXPECT_EQ(ask(*network).plan, here_);
  use_.axes.given = {{"cameras", 1}, {"moons", 2}};
  EXPECT_THROW(network->use_policy(file, use_), Error);
}

TEST(ObservedAxes, ReadEachKeyFromWhatItStandsFor) {
  PolicyContent content;
  content.hosts = {"camera"};
  content.plans = {{{{0, 0, 0}}}};
  content.objective = "latency.mean";
  const std::vector<std::pair<std::string, std::string>> keys{
      {"up", "network.a.bandwidth"},      {"down", "network.a.bandwidth.down"},
      {"rtt", "network.b.c.rtt"},         {"delay", "network.a.delay"},
      {"load", "hosts.edge.utilization"}, {"other", "hosts.far.utilization"}};
  for (const auto& [name, key] : keys) {
    content.axes.push_back({name, key, "", true, false, {0.5, 1}, {"0.5", "1"}});
  }
  content.cells.assign(64, {0, Seconds(1), 0.5});
  const std::string bytes = encode_policy(content);
  Policy policy;
  ASSERT_EQ(policy.open(bytes.data(), bytes.size()), PolicyStatus::kOk);
  const ObservedAxes axes(policy, {.given = {}, .path = {{"b.c", "cloud"}}, .main_host = "edge"},
                          {"cloud", "edge"}, "");
  Observations seen;
  seen.paths["edge"] = {Seconds(0.04), BytesPerSecond(2e6), BytesPerSecond(8e6)};
  seen.paths["cloud"] = {Seconds(0.1), std::nullopt, std::nullopt};
  seen.loads["edge"] = 0.3;
  std::array<double, 6> values{};
  axes.fill(seen, values.data());
  EXPECT_THAT(values, testing::ElementsAre(2e6, 8e6, 0.1, 0.02, 0.3, 0.0));
  axes.fill({}, values.data());
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(values[4], 0);
}

// A path that was misspelt left its axis unknown: every request got the fallback plan, and nothing said why.
TEST_F(PolicyInUse, APathThatIsNoneIsRefused) {
  const PolicyContent content =
      table(model_, {"goodput", "network.uplink.bandwidth", "B/s", true, true, {1e3, 1e4}, {}}, {1, 1});
  const std::string file = file_with(content);
  const auto refusal = [&](std::map<std::string, std::string> path, const std::string& main_host) {
    use_.axes.path = std::move(path);
    use_.axes.main_host = main_host;
    try {
      network("127.0.0.1:1")->use_policy(file, use_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal({{"uplink", "edge"}}, "edge"), "accepted");
  EXPECT_THAT(
      refusal({{"uplink", "egde"}}, "edge"),
      HasSubstr("--path uplink=egde: there is no host egde; expected one of edge; did you mean edge?"));
  EXPECT_THAT(refusal({{"upling", "edge"}}, "edge"),
              HasSubstr("no axis of the table is about the network upling; expected one of uplink; did you "
                        "mean uplink?"));
  EXPECT_THAT(refusal({}, ""), HasSubstr("there is no host whose path to measure"));
}

}  // namespace
}  // namespace kerf::test
