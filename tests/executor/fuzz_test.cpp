// The request path under thousands of mutated messages, the same on every run: what comes out is a request
// whose tensors fit their types and shapes, or a refusal; never anything else.

#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/random.hpp"
#include "runtime/executor/wire_format.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

std::string bytes_of(const grpc::ByteBuffer& message) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(message.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Draws of one case of the test.
class Draws {
 public:
  explicit Draws(std::uint32_t number) : number_(number) {}
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>(uniform({.seed = 11, .device = number_, .request = next_++}) *
                                    static_cast<double>(end));
  }

 private:
  std::uint32_t number_;
  std::uint32_t next_ = 0;
};

// A message in pieces as a transport might deliver it.
grpc::ByteBuffer in_pieces(const std::string& bytes, Draws& draws) {
  std::vector<grpc::Slice> slices;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(bytes.size() - at, 1 + draws.below(64));
    slices.emplace_back(bytes.data() + at, size);
    at += size;
  }
  return {slices.data(), slices.size()};
}

void mutate(std::string& bytes, const std::vector<std::string>& corpus, Draws& draws) {
  constexpr std::array<const char*, 6> kTokens{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                                               "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
                                               "\x3a",
                                               "\x2a",
                                               "FP32",
                                               "BYTES"};
  const std::size_t at = draws.below(bytes.size() + 1);
  switch (draws.below(7)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << draws.below(8)));
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(draws.below(256));
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3:
      bytes.insert(at, kTokens[draws.below(kTokens.size())]);
      break;
    case 4:
      bytes.erase(at, 1 + draws.below(8));
      break;
    case 5: {
      const std::string& other = corpus[draws.below(corpus.size())];
      bytes.insert(at, other.substr(draws.below(other.size())));
      break;
    }
    default:
      std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
  }
}

std::vector<std::string> corpus() {
  std::vector<std::string> messages;
  InferRequest request = echo_request(Payload(pattern(40)), Bytes(10));
  request.id = "7";
  request.version = "0123456789abcdef";
  messages.push_back(bytes_of(encode(request)));
  request.parameters = {
      {"kerf_next", std::string("cloud:41-60")}, {"a", true}, {"b", 1.5}, {"c", std::uint64_t{1} << 63}};
  request.inputs.push_back({"y", "FP32", {1, 2, 3}, Payload(pattern(24))});
  request.inputs.push_back({"z", "INT64", {0}, Payload()});
  messages.push_back(bytes_of(encode(request)));
  request.inputs.clear();
  messages.push_back(bytes_of(encode(request)));
  InferReply reply;
  reply.model = "m";
  reply.outputs.push_back({"y", "FP16", {2, 2}, Payload(pattern(8))});
  messages.push_back(bytes_of(encode(reply)));
  return messages;
}

template <class Decode>
int refusals(int cases, Decode decode) {
  const std::vector<std::string> messages = corpus();
  int refused = 0;
  for (int number = 0; number < cases; ++number) {
    Draws draws(static_cast<std::uint32_t>(number));
    std::string bytes = messages[draws.below(messages.size())];
    for (std::size_t i = 0, count = 1 + draws.below(4); i < count; ++i) mutate(bytes, messages, draws);
    try {
      for (const NamedTensor& tensor : decode(in_pieces(bytes, draws))) EXPECT_EQ(fault_of(tensor, ""), "");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      ++refused;
    }
  }
  return refused;
}

TEST(Fuzz, MutatedRequestsAreRequestsOrRefused) {
  constexpr int kCases = 20'000;
  const int refused =
      refusals(kCases, [](const grpc::ByteBuffer& message) { return decode_request(message).inputs; });
  EXPECT_GT(refused, kCases / 10);  // both happen
  EXPECT_LT(refused, kCases);
}

TEST(Fuzz, MutatedRepliesAreRepliesOrRefused) {
  constexpr int kCases = 10'000;
  const int refused =
      refusals(kCases, [](const grpc::ByteBuffer& message) { return decode_reply(message).outputs; });
  EXPECT_GT(refused, kCases / 10);
  EXPECT_LT(refused, kCases);
}

}  // namespace
}  // namespace kerf::test
