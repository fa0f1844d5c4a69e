#pragma once
// Hosts of a small split network on this machine's loopback: a model written as text, servers of its slices,
// and the device that uses them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/executor/inference_server.hpp"
#include "runtime/split/slice_server.hpp"
#include "runtime/split/split_network.hpp"
#include "tests/inference/inference_fixture.hpp"

namespace kerf::test {

// What was logged, for tests that ask.
class Journal {
 public:
  [[nodiscard]] Log log() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_ += std::string(line) + "\n";
    };
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// A model, its slices, an input and the whole model's answer.
struct SplitModel {
  explicit SplitModel(std::string_view text = kSmallNetwork)
      : imported(text), store(imported.graph, imported.chain, {}), inputs(random_inputs(imported.graph, 7)) {
    reference = store.load({0, last()})->run(owned(inputs));
  }
  [[nodiscard]] int last() const { return store.last_block(); }

  Imported imported;
  SliceStore store;
  Values inputs;
  LiveTensors reference;
};

// Retries that a test need not wait for.
inline HostLinkOptions quick_link() {
  HostLinkOptions options;
  options.first_retry = Seconds(0.01);
  options.longest_retry = Seconds(0.05);
  return options;
}

inline ServerOptions slice_server_options() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.workers = 16;
  options.queue = 0;
  return options;
}

// A host that serves slices.
class ServingHost {
 public:
  ServingHost(SplitModel& model, const std::string& name, const std::vector<BlockRange>& slices,
              std::map<std::string, std::string> next = {},
              const ServerOptions& options = slice_server_options())
      : slices_(model.store, slices,
                {.name = name, .next = std::move(next), .decode = Seconds(0), .link = quick_link()},
                steady_clock(), [](std::string_view) {}),
        server_(slices_.models(), options) {}
  [[nodiscard]] const std::string& address() const { return server_.address(); }
  void stop() { server_.stop(Seconds(0)); }

 private:
  SliceServer slices_;
  InferenceServer server_;
};

inline SplitNetworkOptions camera(std::map<std::string, std::string> hosts) {
  SplitNetworkOptions options;
  options.name = "camera";
  options.hosts = std::move(hosts);
  options.deadline = Seconds(20);  // far longer than anything here takes on a busy machine
  options.link = quick_link();
  return options;
}

inline std::string plan_text(std::vector<HostSlice> stages) {
  return to_text(std::span<const HostSlice>(stages));
}

// The answer is the whole model's.
inline void expect_right(const Answer& answer, const SplitModel& model) {
  ASSERT_EQ(answer.outputs.size(), model.reference.size());
  for (const auto& [name, tensor] : model.reference) {
    const auto found = answer.outputs.find(name);
    ASSERT_NE(found, answer.outputs.end()) << name;
    const Difference apart = difference(copied(found->second), copied(tensor));
    EXPECT_EQ(apart.problem, "");
    EXPECT_LE(apart.relative, 1e-4);
  }
}

}  // namespace kerf::test
