#include "base/error.hpp"

#include <utility>

namespace kerf {
namespace {

// "where: found; expected X; try Y": one line, so that it also reads well in a log.
std::string compose(const std::string& where, const std::string& found, const std::string& expected,
                    const std::string& hint) {
  std::string text = where.empty() ? found : where + ": " + found;
  if (!expected.empty()) text += "; expected " + expected;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

}  // namespace

Error::Error(ErrorCode code, std::string where, std::string found, std::string expected, std::string hint)
    : std::runtime_error(compose(where, found, expected, hint)),
      code_(code),
      where_(std::move(where)),
      found_(std::move(found)),
      expected_(std::move(expected)),
      hint_(std::move(hint)) {}

}  // namespace kerf
