#include "scenarios/binder.hpp"

#include "base/error.hpp"

namespace kerf::scenarios {

[[noreturn]] void refuse_unknown(const Document& document, const Node& node, std::string_view table,
                                 std::span<const std::string> known) {
  throw Error(ErrorCode::kBadInput, document.where(node.key_place),
              table.empty() ? fmt::format("unknown section [{}]", node.key)
                            : fmt::format("unknown key \"{}\" in [{}]", node.key, table),
              listed(known), did_you_mean(node.key, known));
}

const Node& as_table(const Document& document, const Node& node, std::string_view path,
                     std::string_view expected) {
  if (!node.is_table()) {
    throw Error(ErrorCode::kBadInput, document.where(node.place),
                fmt::format("{} is {}", path, describe(node)), std::string(expected));
  }
  return node;
}

void check_name(const Document& document, const Node& node, std::string_view group) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (!node.key.empty() && node.key.find_first_not_of(kPlain) == std::string::npos) return;
  throw Error(ErrorCode::kBadInput, document.where(node.key_place),
              fmt::format("\"{}\" as a name in [{}]", node.key, group), "a name of letters, digits, _ and -",
              "plans and swept keys are written with it");
}

}  // namespace kerf::scenarios
