#pragma once
// A link that a test can cut: everything sent to its address goes on to `to`, until cut() stops the flow.
// Connections stay open then and new ones are taken, but not a byte moves, as on a network that swallows
// packets; mend() lets all go on.

#include <string>

#include <memory>

namespace kerf::test {

class LinkProxy {
 public:
  explicit LinkProxy(const std::string& to);  // "127.0.0.1:8470"
  ~LinkProxy();
  LinkProxy(const LinkProxy&) = delete;
  LinkProxy& operator=(const LinkProxy&) = delete;
  [[nodiscard]] std::string address() const;
  void cut();
  void mend();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kerf::test
