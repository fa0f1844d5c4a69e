// The echo peer over a real connection on loopback: the bytes are right, whatever their number.

#include <thread>

#include "base/error.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

class Echo : public testing::Test {
 protected:
  [[nodiscard]] static std::string reply_to(const InferenceClient& client, std::string bytes, double reply) {
    InferReply answer = client.infer(echo_request(Payload(std::move(bytes)), Bytes(reply)), kSoon);
    EXPECT_EQ(answer.outputs.size(), 1U);
    EXPECT_EQ(answer.outputs.at(0).shape, std::vector<std::int64_t>{static_cast<std::int64_t>(reply)});
    return text_of(answer.outputs.at(0).bytes);
  }
  InferenceServer server_{{echo_model(Bytes(64e6))}, any_port()};
  InferenceClient client_{server_.address()};
};

TEST_F(Echo, GivesBackWhatCame) {
  for (const std::size_t bytes : {0, 1, 23, 511, 513, 65535, 1000000, 20000000}) {
    const std::string text = pattern(bytes);
    EXPECT_TRUE(reply_to(client_, text, static_cast<double>(bytes)) == text) << bytes;
  }
}

TEST_F(Echo, ALongerReplyGoesOnWithNoise) {
  const std::string reply = reply_to(client_, "hello", 3000000);
  ASSERT_EQ(reply.size(), 3000000U);
  EXPECT_EQ(reply.substr(0, 5), "hello");
  EXPECT_EQ(reply.substr(5), text_of(noise_payload(2999995)));
}

TEST_F(Echo, AShorterReplyIsThePrefix) {
  EXPECT_EQ(reply_to(client_, pattern(2000000), 3), pattern(2000000).substr(0, 3));
}

TEST_F(Echo, WithoutALengthAllComesBack) {
  InferRequest request = echo_request(Payload(pattern(1000)), Bytes(0));
  request.parameters.clear();
  InferReply reply = client_.infer(request, kSoon);
  EXPECT_EQ(text_of(reply.outputs.at(0).bytes), pattern(1000));
}

TEST_F(Echo, TheReplySaysHowLongItWasHeld) {
  InferRequest request = echo_request(Payload(pattern(10)), Bytes(10));
  request.id = "request 7";
  const InferReply reply = client_.infer(request, kSoon);
  EXPECT_EQ(reply.id, "request 7");
  EXPECT_EQ(reply.model, kEchoModel);
  EXPECT_EQ(reply.version, "1");
  const Parameter held = reply.parameters.at(std::string(kHeldParameter));
  ASSERT_TRUE(std::holds_alternative<std::int64_t>(held));
  EXPECT_GE(std::get<std::int64_t>(held), 0);
}

TEST_F(Echo, ManyClientsAtOnceGetTheirOwn) {
  std::vector<std::thread> threads;
  std::vector<int> right(6);
  for (unsigned i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      // Half of them share a connection.
      const InferenceClient own(server_.address());
      const InferenceClient& client = i % 2 == 0 ? client_ : own;
      for (unsigned round = 0; round < 20; ++round) {
        const std::string text = pattern(1000 + 70001 * i, i * 100 + round);
        right[i] += reply_to(client, text, static_cast<double>(text.size())) == text ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(right, testing::Each(20));
}

TEST_F(Echo, RefusesALengthThatIsNone) {
  InferRequest request = echo_request(Payload(pattern(10)), Bytes(10));
  for (const Parameter& wrong :
       {Parameter(std::int64_t{-1}), Parameter(std::int64_t{64000001}), Parameter(10.0),
        Parameter(std::string("10")), Parameter(std::uint64_t{10})}) {
    request.parameters[std::string(kReplyBytes)] = wrong;
    const InferenceError error = failure_of([&] { static_cast<void>(client_.infer(request, kSoon)); });
    EXPECT_EQ(error.failure(), InferenceFailure::kRefused);
    EXPECT_THAT(error.what(), testing::HasSubstr("reply_bytes"));
  }
}

TEST_F(Echo, DescribesItself) {
  EXPECT_TRUE(client_.is_live(kSoon));
  EXPECT_TRUE(client_.is_ready(kSoon));
  EXPECT_TRUE(client_.is_ready(std::string(kEchoModel), kSoon));
  EXPECT_FALSE(client_.is_ready("resnet50", kSoon));
  EXPECT_EQ(client_.describe_server(kSoon).name, "kerf");
  const ModelDescription model = client_.describe_model(std::string(kEchoModel), kSoon);
  ASSERT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.inputs[0].datatype, "UINT8");
  EXPECT_EQ(model.inputs[0].shape, std::vector<std::int64_t>{-1});
  EXPECT_EQ(model.versions, std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace kerf::test
