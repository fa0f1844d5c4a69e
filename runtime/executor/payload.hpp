#pragma once
// The bytes of a tensor as they travel: one or more pieces of memory, each kept alive by whoever owns it.
// Copying a Payload copies no bytes, so what a model wrote is sent from where it lies, and what arrives is
// held as the transport received it (in pieces of some 16 kB) until somebody needs it in one place. Immutable
// but for contiguous(); copies may be used by different threads.
//
//   Payload image(std::move(text));                       // takes the string
//   Payload scores({data, bytes}, std::move(ort_value));  // any owner
//   std::span<const std::byte> all = image.contiguous();

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kerf {

class Payload {
 public:
  struct Piece {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
  };
  // What contiguous() aligns to: enough for every type of element.
  static constexpr std::size_t kAlignment = 64;

  Payload() = default;
  explicit Payload(std::string bytes);
  Payload(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  void append(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
  void append(const Payload& other);  // not itself

  [[nodiscard]] std::size_t size() const { return size_; }  // bytes
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  // The first `bytes` of it, or all where there are fewer.
  [[nodiscard]] Payload prefix(std::size_t bytes) const;
  // All of it in one aligned place: copied there where it is scattered or not aligned, once.
  [[nodiscard]] std::span<const std::byte> contiguous();
  // All of it into memory of the caller's, which has size() bytes: for what comes again and again, since new
  // memory has to be cleared by the system first.
  void copy_to(std::byte* memory) const;

 private:
  std::vector<Piece> pieces_;  // none of them empty
  std::size_t size_ = 0;
};

}  // namespace kerf
