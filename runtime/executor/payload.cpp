#include "runtime/executor/payload.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace kerf {
namespace {

bool is_aligned(const std::byte* data) {
  return reinterpret_cast<std::uintptr_t>(data) % Payload::kAlignment == 0;
}

std::shared_ptr<std::byte> aligned_memory(std::size_t bytes) {
  constexpr std::align_val_t kAlign{Payload::kAlignment};
  return {static_cast<std::byte*>(::operator new(bytes, kAlign)),
          [](std::byte* memory) { ::operator delete(memory, kAlign); }};
}

}  // namespace

Payload::Payload(std::string bytes) {
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  append(std::as_bytes(std::span(*owner)), owner);
}

Payload::Payload(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  append(bytes, std::move(owner));
}

void Payload::append(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  pieces_.push_back({bytes, std::move(owner)});
}

void Payload::append(const Payload& other) {
  for (const Piece& piece : other.pieces_) append(piece.bytes, piece.owner);
}

Payload Payload::prefix(std::size_t bytes) const {
  Payload first;
  for (const Piece& piece : pieces_) {
    if (first.size_ == bytes) break;
    first.append(piece.bytes.first(std::min(piece.bytes.size(), bytes - first.size_)), piece.owner);
  }
  return first;
}

void Payload::copy_to(std::byte* memory) const {
  for (const Piece& piece : pieces_) {
    std::memcpy(memory, piece.bytes.data(), piece.bytes.size());
    memory += piece.bytes.size();
  }
}

std::span<const std::byte> Payload::contiguous() {
  if (pieces_.empty()) return {};
  if (pieces_.size() > 1 || !is_aligned(pieces_.front().bytes.data())) {
    const std::shared_ptr<std::byte> memory = aligned_memory(size_);
    copy_to(memory.get());
    pieces_ = {{std::span<const std::byte>(memory.get(), size_), memory}};
  }
  return pieces_.front().bytes;
}

}  // namespace kerf
