#pragma once
// XML as a tree of elements that know their line and column. The only file behind this header is the only one
// that includes pugixml. Comments, declarations and document types are dropped; entities of a document type
// are not expanded.

#include <string>
#include <string_view>
#include <vector>

namespace kerf::platforms {

// Both from 1; columns count characters, not bytes.
struct Place {
  int line = 1, column = 1;
};

struct Attribute {
  std::string name, value;
  Place place;  // of the name
};

struct Element {
  std::string name;
  Place place;  // of the name
  std::vector<Attribute> attributes;
  std::vector<Element> children;
  bool has_text = false;  // anything but space between the children

  [[nodiscard]] const Attribute* find(std::string_view attribute) const {
    for (const Attribute& own : attributes) {
      if (own.name == attribute) return &own;
    }
    return nullptr;
  }
};

// The outermost element. Error(kBadInput) at file:line:column for what is not one well-formed element in
// UTF-8, an attribute given twice among it; Error(kLimit) for elements more than 200 deep.
[[nodiscard]] Element parse_xml(std::string_view text, const std::string& file);

// "file:line:column"
[[nodiscard]] std::string where(const std::string& file, Place place);

}  // namespace kerf::platforms
