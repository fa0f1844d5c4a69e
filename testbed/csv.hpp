#pragma once
// Tables of comma-separated values (RFC 4180: a first line of names; fields with commas, quotes or line ends
// stand in quotes). Errors name the file, the line and the column.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kerf {

class CsvTable {
 public:
  // Error(kBadInput) for an empty text, a row with too few or too many fields, an open quote, a column named
  // twice.
  CsvTable(std::string_view text, std::string where);

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }

  // Error(kBadInput) where there is no such column, or for a field that is no finite number, or no whole
  // number >= 0.
  [[nodiscard]] const std::string& text(std::size_t row, std::string_view column) const;
  [[nodiscard]] double number(std::size_t row, std::string_view column) const;
  [[nodiscard]] int whole(std::size_t row, std::string_view column) const;

  // "FILE:LINE: COLUMN", for errors about what a field means.
  [[nodiscard]] std::string place(std::size_t row, std::string_view column) const;

 private:
  struct Row {
    std::size_t line = 0;
    std::vector<std::string> fields;
  };
  [[nodiscard]] std::size_t index(std::string_view column) const;

  std::string where_;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

// One field, in quotes where it needs them.
[[nodiscard]] std::string csv_field(const std::string& text);

}  // namespace kerf
