// The real peer on loopback: what is wrong with an address is said. Nothing is timed.

#include "calibrate/measure/echo_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/error.hpp"
#include "calibrate/measure/calibrate_link.hpp"
#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_server.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

ServerOptions any_port() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  return options;
}

std::string complaint(const std::string& address) {
  try {
    EchoPeer peer(address, {}, {});
    static_cast<void>(peer.exchange(Bytes(10), Bytes(10)));
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing to complain about";
  return "";
}

ServedModel fake_echo(InferFunction infer) {
  ServedModel model = echo_model(Bytes(1e6));
  model.infer = std::move(infer);
  return model;
}

TEST(EchoPeer, TakesTimeAndDescribesItself) {
  const InferenceServer server({echo_model(Bytes(1e6))}, any_port());
  EchoPeer peer(server.address(), {}, {});
  EXPECT_GT(peer.exchange(Bytes(0), Bytes(0)), Seconds(0));
  EXPECT_GT(peer.exchange(Bytes(100000), Bytes(7)), Seconds(0));
  EXPECT_GE(peer.round_trip(), Seconds(0));
  EXPECT_THAT(peer.description(), HasSubstr(server.address() + ", kerf"));
}

TEST(EchoPeer, NobodyThere) {
  std::string address;
  {
    const InferenceServer server({}, any_port());
    address = server.address();
  }
  EXPECT_THAT(complaint(address), AllOf(HasSubstr(address), HasSubstr("kerf serve")));
}

TEST(EchoPeer, AServerWithoutEcho) {
  const InferenceServer server({}, any_port());
  EXPECT_THAT(complaint(server.address()),
              AllOf(HasSubstr("a server, but no echo peer"), HasSubstr("--echo")));
}

TEST(EchoPeer, AReplyOfAnotherLength) {
  const InferenceServer server({fake_echo([](const InferRequest& request, const StopRequested&) {
                                 InferReply reply;
                                 reply.outputs = request.inputs;
                                 reply.outputs.front().bytes = Payload(std::string("x"));
                                 reply.outputs.front().shape = {1};
                                 return reply;
                               })},
                               any_port());
  EXPECT_THAT(complaint(server.address()), HasSubstr("another length"));
}

TEST(EchoPeer, GoneInTheMiddle) {
  auto server = std::make_unique<InferenceServer>(std::vector{echo_model(Bytes(1e6))}, any_port());
  EchoPeer peer(server->address(), {}, {});
  static_cast<void>(peer.exchange(Bytes(1), Bytes(1)));
  server.reset();
  EXPECT_THROW(static_cast<void>(peer.exchange(Bytes(1), Bytes(1))), InferenceError);
  EXPECT_THROW(static_cast<void>(peer.round_trip()), Error);
}

TEST(EchoPeer, NoAddress) {
  EXPECT_THAT(complaint("nonsense"), HasSubstr("an address and a port"));
}

TEST(CalibrateLink, StopsAtOnceWhenAskedTo) {
  const InferenceServer server({echo_model(Bytes(1e6))}, any_port());
  CalibrateLinkOptions options;
  options.link = "test";
  try {
    static_cast<void>(calibrate_link(server.address(), options, {}, [] { return true; }));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
}

}  // namespace
}  // namespace kerf
