#include "testbed/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {

CsvTable::CsvTable(std::string_view text, std::string where) : where_(std::move(where)) {
  Row row{.line = 1, .fields = {""}};
  std::size_t line = 1;
  bool quoted = false;
  bool content = false;  // something stands in this row
  const auto end_row = [&] {
    if (content) rows_.push_back(row);
    row = {.line = line, .fields = {""}};
    content = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        row.fields.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.fields.back() += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && row.fields.back().empty()) {
      quoted = content = true;
    } else if (c == ',') {
      row.fields.emplace_back();
      content = true;
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.fields.back() += c;
      content = true;
    }
  }
  if (quoted) {
    throw Error(ErrorCode::kBadInput, fmt::format("{}:{}", where_, row.line),
                "a quote is open at the end of the file", "a closing quote",
                "the file may have been cut short: make it again");
  }
  end_row();
  if (rows_.empty()) {
    throw Error(ErrorCode::kBadInput, where_ + ":1", "the file is empty", "a line with the columns' names");
  }
  columns_ = std::move(rows_.front().fields);
  rows_.erase(rows_.begin());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (std::count(columns_.begin(), columns_.end(), columns_[i]) > 1) {
      throw Error(ErrorCode::kBadInput, where_ + ":1", fmt::format("column \"{}\" stands twice", columns_[i]),
                  "each column once");
    }
  }
  for (const Row& each : rows_) {
    if (each.fields.size() == columns_.size()) continue;
    throw Error(ErrorCode::kBadInput, fmt::format("{}:{}", where_, each.line),
                fmt::format("the row has {} fields", each.fields.size()),
                fmt::format("{}, as the first line has", columns_.size()),
                "the file may have been cut short: make it again");
  }
}

bool CsvTable::has(std::string_view column) const {
  return std::ranges::find(columns_, column) != columns_.end();
}

std::size_t CsvTable::index(std::string_view column) const {
  const auto found = std::ranges::find(columns_, column);
  if (found == columns_.end()) {
    throw Error(ErrorCode::kBadInput, where_ + ":1", fmt::format("there is no column \"{}\"", column),
                "that column among the first line's names");
  }
  return static_cast<std::size_t>(found - columns_.begin());
}

const std::string& CsvTable::text(std::size_t row, std::string_view column) const {
  return rows_[row].fields[index(column)];
}

double CsvTable::number(std::size_t row, std::string_view column) const {
  const std::string& field = text(row, column);
  const std::optional<double> value = parse_number(field);
  if (!value || !std::isfinite(*value)) {
    throw Error(ErrorCode::kBadInput, place(row, column), fmt::format("\"{}\"", field), "a finite number");
  }
  return *value;
}

int CsvTable::whole(std::size_t row, std::string_view column) const {
  const double value = number(row, column);
  if (value < 0 || value > std::numeric_limits<int>::max() || value != std::floor(value)) {
    throw Error(ErrorCode::kBadInput, place(row, column), fmt::format("\"{}\"", text(row, column)),
                "a whole number of at least 0");
  }
  return static_cast<int>(value);
}

std::string CsvTable::place(std::size_t row, std::string_view column) const {
  return fmt::format("{}:{}: {}", where_, rows_[row].line, column);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace kerf
