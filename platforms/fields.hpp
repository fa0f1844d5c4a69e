#pragma once
// The attributes of one element as values. Errors name element, attribute and what was expected, at the
// attribute.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/quantity.hpp"
#include "platforms/xml.hpp"

namespace kerf::platforms {

class Fields {
 public:
  Fields(const Element& element, const std::string& file) : element_(&element), file_(&file) {}

  [[nodiscard]] const Element& element() const { return *element_; }
  [[nodiscard]] const std::string& file() const { return *file_; }
  [[nodiscard]] Place place(std::string_view attribute) const;  // the element's where the attribute is absent
  [[nodiscard]] bool has(std::string_view attribute) const;     // present and not empty

  [[nodiscard]] std::string text(std::string_view attribute) const;  // "" where absent
  [[nodiscard]] std::string name(std::string_view attribute) const;  // not empty
  [[nodiscard]] BytesPerSecond bandwidth(std::string_view attribute) const;
  [[nodiscard]] Seconds latency(std::string_view attribute) const;             // 0 where absent
  [[nodiscard]] std::vector<double> speeds(std::string_view attribute) const;  // flop/s, one for each pstate
  [[nodiscard]] int integer(std::string_view attribute, int least, int otherwise) const;
  // The position in `known`, where SimGrid's own spelling counts; otherwise where absent.
  [[nodiscard]] std::size_t choice(std::string_view attribute, std::initializer_list<std::string_view> known,
                                   std::size_t otherwise) const;
  // "0-3,7" as 0, 1, 2, 3, 7: at least one number, at most kMostHosts.
  [[nodiscard]] std::vector<int> radical(std::string_view attribute) const;

  static constexpr int kMostHosts = 1'000'000;

  // Throws at the attribute: <link> has bandwidth="0".
  [[noreturn]] void refuse(std::string_view attribute, std::string expected, std::string hint = {},
                           ErrorCode code = ErrorCode::kBadInput) const;

 private:
  const Element* element_;
  const std::string* file_;
};

}  // namespace kerf::platforms
