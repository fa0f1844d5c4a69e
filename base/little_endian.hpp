#pragma once
// Whole numbers from bytes in little-endian order and back, whatever the machine and wherever they lie.
// Header only, no exceptions, no allocation: the policy reader on a device includes it.

#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace kerf::little_endian {

// The loop alone becomes one load at -O3 only, and models and tables are large.
template <class Word>
constexpr Word load(const char* bytes) noexcept {
  Word word = 0;
  if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, sizeof(Word));
    return word;
  }
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    word |= static_cast<Word>(static_cast<Word>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  }
  return word;
}

template <class Word>
constexpr void store(char* bytes, Word word) noexcept {
  for (std::size_t i = 0; i < sizeof(Word); ++i) bytes[i] = static_cast<char>(word >> (8 * i) & 0xff);
}

}  // namespace kerf::little_endian
