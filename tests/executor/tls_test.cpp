// Mutual TLS: both ends show a certificate that the other's authority signed, or nothing is said.

#include "base/error.hpp"
#include "tests/executor/certificates.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificates_ = new Certificates("tls"); }
  static void TearDownTestSuite() { delete certificates_; }
  void SetUp() override {
    if (!certificates_->made()) GTEST_SKIP() << "no openssl here to make certificates with";
  }
  static ServerOptions server_as(const TlsIdentity& identity) {
    ServerOptions options = any_port();
    options.tls = identity;
    return options;
  }
  static std::string echo(const std::string& address, const std::optional<TlsIdentity>& identity) {
    ClientOptions options;
    options.tls = identity;
    const InferenceClient client(address, options);
    InferReply reply = client.infer(echo_request(Payload(std::string("hello")), Bytes(5)), kSoon);
    return text_of(reply.outputs.at(0).bytes);
  }
  static void expect_turned_away(const ServerOptions& server, const std::optional<TlsIdentity>& client) {
    const InferenceServer listening({echo_model(Bytes(1e6))}, server);
    const InferenceError error = failure_of([&] { static_cast<void>(echo(listening.address(), client)); });
    EXPECT_EQ(error.failure(), InferenceFailure::kUnreachable) << error.what();
  }
  static inline Certificates* certificates_ = nullptr;
};

TEST_F(Tls, BothEndsOfOneAuthorityTalk) {
  const InferenceServer server({echo_model(Bytes(1e6))}, server_as(certificates_->of("edge")));
  EXPECT_EQ(echo(server.address(), certificates_->of("camera")), "hello");
}

TEST_F(Tls, AnyAddressMayBeListenedOnWithIt) {
  ServerOptions options = server_as(certificates_->of("edge"));
  options.listen = "0.0.0.0:0";
  const InferenceServer server({echo_model(Bytes(1e6))}, options);
  const std::string port = server.address().substr(server.address().rfind(':'));
  EXPECT_EQ(echo("127.0.0.1" + port, certificates_->of("camera")), "hello");
}

TEST_F(Tls, ClientsWithoutACertificateAreTurnedAway) {
  expect_turned_away(server_as(certificates_->of("edge")), std::nullopt);
}

TEST_F(Tls, AStrangersCertificateIsNotBelieved) {
  expect_turned_away(server_as(certificates_->of("edge")), certificates_->of("stranger", "theirs"));
  expect_turned_away(server_as(certificates_->of("stranger", "theirs")), certificates_->of("camera"));
}

TEST_F(Tls, AnExpiredCertificateIsNotBelieved) {
  expect_turned_away(server_as(certificates_->of("edge")), certificates_->of("expired"));
  expect_turned_away(server_as(certificates_->of("expired")), certificates_->of("camera"));
}

TEST_F(Tls, AClientWithoutTlsAndAServerWithItDoNotTalk) {
  expect_turned_away(server_as(certificates_->of("edge")), std::nullopt);
  expect_turned_away(any_port(), certificates_->of("camera"));
}

TEST_F(Tls, WhatIsNoCertificateIsSaid) {
  try {
    const InferenceServer server({}, server_as({"no", "pem", "at all"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr("certificate"));
  }
}

TEST(WithoutTls, OtherMachinesAreRefusedUnlessSaidPlainly) {
  EXPECT_THROW(InferenceClient("10.0.0.7:8470"), Error);
  ClientOptions options;
  options.insecure = true;
  EXPECT_NO_THROW(InferenceClient("10.0.0.7:8470", options));
  EXPECT_NO_THROW(InferenceClient("localhost:8470"));
}

}  // namespace
}  // namespace kerf::test
