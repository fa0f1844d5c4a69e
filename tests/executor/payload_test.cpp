#include "runtime/executor/payload.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "runtime/executor/infer_message.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

TEST(Payload, PiecesAreOneText) {
  Payload payload(std::string("one "));
  payload.append(Payload(std::string("and two")));
  EXPECT_EQ(payload.size(), 11U);
  EXPECT_EQ(payload.pieces().size(), 2U);
  EXPECT_EQ(text_of(payload), "one and two");
  EXPECT_EQ(text_of(payload.prefix(6)), "one an");
  EXPECT_EQ(text_of(payload.prefix(99)), "one and two");
  EXPECT_EQ(text_of(payload.prefix(0)), "");
}

TEST(Payload, ContiguousIsAlignedAndCopiedOnce) {
  Payload payload(std::string(100, 'a'));
  payload.append(Payload(std::string(100, 'b')));
  const auto first = payload.contiguous();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first.data()) % Payload::kAlignment, 0U);
  EXPECT_EQ(payload.contiguous().data(), first.data());
  EXPECT_EQ(Payload(payload).contiguous().data(), first.data());
}

TEST(Payload, CopiesIntoGivenMemory) {
  Payload payload(std::string("one "));
  payload.append(Payload(std::string("and two")));
  std::string memory(11, ' ');
  payload.copy_to(reinterpret_cast<std::byte*>(memory.data()));
  EXPECT_EQ(memory, "one and two");
  EXPECT_EQ(payload.pieces().size(), 2U);
}

TEST(Payload, KeepsItsOwnerAlive) {
  auto owner = std::make_shared<std::string>("held");
  const std::weak_ptr<std::string> watch = owner;
  Payload payload(std::as_bytes(std::span(*owner)), owner);
  owner.reset();
  Payload copy = payload;
  payload = Payload();
  EXPECT_EQ(text_of(copy), "held");
  EXPECT_FALSE(watch.expired());
  copy = Payload();
  EXPECT_TRUE(watch.expired());
}

TEST(Payload, NothingIsNoPiece) {
  Payload payload(std::string{});
  EXPECT_EQ(payload.size(), 0U);
  EXPECT_TRUE(payload.pieces().empty());
  EXPECT_TRUE(payload.contiguous().empty());
}

TEST(Tensors, BytesMustFitTypeAndShape) {
  const auto fault = [](const char* type, std::vector<std::int64_t> shape, std::size_t bytes) {
    return fault_of({"x", type, std::move(shape), Payload(std::string(bytes, 'x'))}, "input");
  };
  EXPECT_EQ(fault("FP32", {1, 3}, 12), "");
  EXPECT_EQ(fault("FP16", {}, 2), "");
  EXPECT_EQ(fault("INT64", {0, 7}, 0), "");
  EXPECT_EQ(fault("BYTES", {2}, 17), "");
  EXPECT_EQ(fault("FP32", {1, 3}, 10), "input x: FP32 [1, 3] is 12 bytes, and 10 are there");
  EXPECT_EQ(fault("FP31", {1}, 4), "input x: no datatype is called \"FP31\"");
  EXPECT_EQ(fault("UINT8", {-1}, 4), "input x: no tensor has the shape [-1]");
  EXPECT_EQ(fault("FP64", {1LL << 31, 1LL << 31, 4}, 4),
            "input x: no tensor has the shape [2147483648, 2147483648, 4]");
}

}  // namespace
}  // namespace kerf::test
