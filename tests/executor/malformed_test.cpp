// Bytes that are no request, or not one that fits, sent as they are: each is refused with a status and a
// reason, and the server serves on.

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include "open_inference.pb.h"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

class Malformed : public testing::Test {
 protected:
  grpc::Status send(const std::string& message) {
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    grpc::CompletionQueue queue;
    const auto call =
        stub_.PrepareUnaryCall(&context, "/inference.GRPCInferenceService/ModelInfer", request, &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
  void expect_refused(const inference::ModelInferRequest& request, const std::string& reason) {
    const grpc::Status status = send(request.SerializeAsString());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << reason;
    EXPECT_THAT(status.error_message(), testing::HasSubstr(reason));
  }
  static inference::ModelInferRequest good() {
    inference::ModelInferRequest request;
    request.set_model_name("kerf-echo");
    auto* input = request.add_inputs();
    input->set_name("bytes");
    input->set_datatype("UINT8");
    input->add_shape(4);
    request.add_raw_input_contents("four");
    return request;
  }

  InferenceServer server_{{echo_model(Bytes(1e6))}, any_port()};
  grpc::GenericStub stub_{grpc::CreateChannel(server_.address(), grpc::InsecureChannelCredentials())};
};

TEST_F(Malformed, AnotherClientsRequestIsUnderstood) {
  EXPECT_TRUE(send(good().SerializeAsString()).ok());
}

TEST_F(Malformed, FieldsMayComeInAnyOrder) {
  inference::ModelInferRequest head = good();
  head.clear_raw_input_contents();
  inference::ModelInferRequest raw;
  raw.add_raw_input_contents("four");
  EXPECT_TRUE(send(raw.SerializeAsString() + head.SerializeAsString()).ok());
}

TEST_F(Malformed, WhatIsNoProtobuf) {
  const std::string whole = good().SerializeAsString();
  for (std::size_t length = 1; length < whole.size(); ++length) {
    EXPECT_FALSE(send(whole.substr(0, length)).ok()) << length;
  }
  for (const std::string& text :
       {std::string("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), std::string(11, '\xff'),
        std::string("\x3b"), std::string("\x0a\x7fshort"), std::string("\x0a\x02\xff\xfe", 4)}) {
    EXPECT_EQ(send(text).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  EXPECT_TRUE(send(whole).ok());
}

TEST_F(Malformed, FlippedBytesNeverStopTheServer) {
  const std::string whole = good().SerializeAsString();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      static_cast<void>(send(damaged));
    }
  }
  EXPECT_TRUE(send(whole).ok());
}

TEST_F(Malformed, NoModel) {
  EXPECT_EQ(send("").error_code(), grpc::StatusCode::NOT_FOUND);
  auto request = good();
  request.set_model_name("resnet50");
  EXPECT_THAT(send(request.SerializeAsString()).error_message(), testing::HasSubstr("there is kerf-echo"));
  request = good();
  request.set_model_version("2");
  EXPECT_EQ(send(request.SerializeAsString()).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(Malformed, BytesThatDoNotFitTheShape) {
  auto request = good();
  request.mutable_inputs(0)->set_shape(0, 5);
  expect_refused(request, "UINT8 [5] is 5 bytes, and 4 are there");
  request.mutable_inputs(0)->set_shape(0, -4);
  expect_refused(request, "no tensor has the shape [-4]");
}

TEST_F(Malformed, AnotherTypeNameOrRank) {
  auto request = good();
  request.mutable_inputs(0)->set_datatype("INT8");
  expect_refused(request, "bytes is INT8 [4] where the model has UINT8 [-1]");
  request = good();
  request.mutable_inputs(0)->add_shape(1);
  expect_refused(request, "bytes is UINT8 [4, 1] where the model has UINT8 [-1]");
  request = good();
  request.mutable_inputs(0)->set_name("x");
  expect_refused(request, "no input is called \"bytes\"");
  request = good();
  request.mutable_inputs(0)->set_datatype("uint8");
  expect_refused(request, "no datatype is called \"uint8\"");
}

TEST_F(Malformed, AnotherNumberOfTensorsOrContents) {
  auto request = good();
  request.add_raw_input_contents("more");
  expect_refused(request, "1 inputs and 2 raw_input_contents");
  request = good();
  request.clear_raw_input_contents();
  expect_refused(request, "1 inputs and 0 raw_input_contents");
  request = good();
  *request.add_inputs() = request.inputs(0);
  request.add_raw_input_contents("more");
  expect_refused(request, "2 inputs where the model has 1");
  request.clear_inputs();
  request.clear_raw_input_contents();
  expect_refused(request, "0 inputs where the model has 1");
}

TEST_F(Malformed, TypedContents) {
  auto request = good();
  request.mutable_inputs(0)->mutable_contents()->add_uint_contents(4);
  expect_refused(request, "input bytes has typed contents");
}

TEST_F(Malformed, AParameterWithoutAValue) {
  auto request = good();
  (*request.mutable_parameters())["reply_bytes"];
  expect_refused(request, "the parameter reply_bytes has no value");
}

}  // namespace
}  // namespace kerf::test
