#pragma once
// One key's value on its way into a Scenario. It knows its key and its place, so that whatever it refuses
// names both: "cameras.toml:12:9: workload.rate is "4"; expected a rate of requests such as ...". Internal to
// scenarios/.

#include <array>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// Which numbers a key takes, and how to say so.
struct Range {
  double low;
  bool low_included;
  double high;
  bool high_included;
  std::string_view words;
};
inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();
inline constexpr Range kFromZero{0, true, kUnbounded, false, "a number of at least 0"};
inline constexpr Range kAboveZero{0, false, kUnbounded, false, "a number above 0"};
inline constexpr Range kShare{0, true, 1, false, "a share of at least 0 and below 1"};
inline constexpr Range kFraction{0, false, 1, true, "a fraction above 0 and at most 1"};

class Value {
 public:
  Value(const Document& document, const Node& node, std::string_view section, std::string_view name)
      : document_(document), node_(node), section_(section), name_(name) {}

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::string key() const;    // "hosts.camera.slowdown"
  [[nodiscard]] std::string where() const;  // of the value

  [[nodiscard]] std::string text() const;  // not empty
  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] int whole(int least) const;
  [[nodiscard]] std::uint64_t seed() const;
  [[nodiscard]] double number(const Range& range) const;
  [[nodiscard]] Seconds seconds() const;
  [[nodiscard]] Bytes bytes() const;
  [[nodiscard]] BytesPerSecond bandwidth() const;  // above 0
  [[nodiscard]] Watts watts() const;
  [[nodiscard]] Joules joules() const;
  [[nodiscard]] double price_per_second() const;               // "0.9/h"
  [[nodiscard]] double price_per_byte() const;                 // "0.09/GB"
  [[nodiscard]] std::vector<ComputeCap> compute_caps() const;  // "40ms", "30%" or an array of both
  [[nodiscard]] std::string cut() const;                       // text, or a whole number as its digits
  [[nodiscard]] PerSecond rate() const;                        // above 0
  [[nodiscard]] std::vector<std::string> texts() const;        // an array of them; not empty
  [[nodiscard]] std::vector<std::string> blocks() const;       // as texts, and whole numbers as their digits
  [[nodiscard]] std::map<std::string, std::vector<std::int64_t>> shapes() const;  // { x = [1, 3, 640, 640] }
  template <class Choice, std::size_t N>
  [[nodiscard]] Choice one_of(const std::array<std::pair<std::string_view, Choice>, N>& choices) const {
    return choose(choices, text());
  }
  // The same of an entry's own key: { latency = 1 }.
  template <class Choice, std::size_t N>
  [[nodiscard]] Choice key_one_of(const std::array<std::pair<std::string_view, Choice>, N>& choices) const {
    return choose(choices, node_.key);
  }
  // The elements of an array, the entries of a table.
  [[nodiscard]] std::vector<Value> entries() const;

  [[noreturn]] void refuse(std::string_view expected, std::string_view hint = {}) const;

 private:
  template <class Choice, std::size_t N>
  [[nodiscard]] Choice choose(const std::array<std::pair<std::string_view, Choice>, N>& choices,
                              const std::string& chosen) const {
    std::vector<std::string> names;
    for (const auto& [name, choice] : choices) {
      if (chosen == name) return choice;
      names.emplace_back(name);
    }
    refuse_choice(chosen, names);
  }
  [[nodiscard]] std::vector<std::int64_t> shape() const;
  [[noreturn]] void refuse_choice(const std::string& chosen, const std::vector<std::string>& names) const;
  [[nodiscard]] Value element(const Node& node) const { return {document_, node, section_, name_}; }
  [[nodiscard]] std::span<const Node> elements(std::string_view expected) const;
  template <class Unit>
  [[nodiscard]] Quantity<Unit> quantity(Quantity<Unit> (*parse)(std::string_view, std::string_view)) const;

  const Document& document_;
  const Node& node_;
  std::string_view section_, name_;
};

// "did you mean "rate"?", or "" where nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> known);
// "a, b or c".
[[nodiscard]] std::string listed(std::span<const std::string> names);

}  // namespace kerf::scenarios
