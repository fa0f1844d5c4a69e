#include "platforms/xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <pugixml.hpp>

#include "base/error.hpp"

namespace kerf::platforms {
namespace {

constexpr int kDeepest = 200;

// Turns offsets into places. Goes on from the last one, as a file may be one long line and offsets mostly
// ascend.
class PlaceFinder {
 public:
  explicit PlaceFinder(std::string_view text) : text_(text) {}

  [[nodiscard]] Place place(std::size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < at_) {
      at_ = 0;
      place_ = {};
    }
    for (; at_ < offset; ++at_) {
      if (text_[at_] == '\n') {
        place_ = {place_.line + 1, 1};
      } else if ((static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {  // not inside a character
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
};

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::string& file) : text_(text), file_(file), places_(text) {}

  [[nodiscard]] Element build(const pugi::xml_node& node, int depth) {
    const auto start = static_cast<std::size_t>(node.offset_debug());
    Element element{.name = node.name(), .place = places_.place(start), .attributes = {}, .children = {}};
    if (depth > kDeepest) {
      throw Error(ErrorCode::kLimit, where(file_, element.place),
                  fmt::format("elements are nested more than {} deep", kDeepest));
    }
    read_attributes(node, start + element.name.size(), element);
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element) {
        element.children.push_back(build(child, depth + 1));
      } else {
        element.has_text = true;
      }
    }
    return element;
  }

  [[noreturn]] void refuse(std::size_t offset, std::string found, std::string expected = {}) {
    throw Error(ErrorCode::kBadInput, where(file_, places_.place(offset)), std::move(found),
                std::move(expected));
  }

 private:
  // pugixml keeps no offsets of attributes: walk over the tag's text, which it found well formed, beside its
  // list.
  void read_attributes(const pugi::xml_node& node, std::size_t at, Element& element) {
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      at = std::min(text_.find_first_not_of(" \t\r\n", at), text_.size());
      const std::size_t name = at;
      if (element.find(attribute.name()) != nullptr) {
        refuse(name, fmt::format("<{}> has the attribute \"{}\" twice", element.name, attribute.name()));
      }
      element.attributes.push_back({attribute.name(), attribute.value(), places_.place(name)});
      const std::size_t quote = std::min(text_.find_first_of("\"'", at), text_.size() - 1);
      at = std::min(text_.find(text_[quote], quote + 1), text_.size() - 1) + 1;
    }
  }

  std::string_view text_;
  const std::string& file_;
  PlaceFinder places_;
};

}  // namespace

std::string where(const std::string& file, Place place) {
  return fmt::format("{}:{}:{}", file, place.line, place.column);
}

Element parse_xml(std::string_view text, const std::string& file) {
  TreeBuilder builder(text, file);
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, result.offset));
  if (result.status == pugi::status_no_document_element)
    builder.refuse(0, "no XML element", "<platform version=\"4.1\">");
  if (!result) builder.refuse(offset, fmt::format("not well-formed XML ({})", result.description()));
  const pugi::xml_node outermost = document.document_element();
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_element && node != outermost) {
      builder.refuse(static_cast<std::size_t>(node.offset_debug()),
                     fmt::format("a second outermost element <{}>", node.name()),
                     fmt::format("everything inside one <{}>", outermost.name()));
    }
  }
  return builder.build(outermost, 1);
}

}  // namespace kerf::platforms
