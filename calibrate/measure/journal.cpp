#include "calibrate/measure/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr std::string_view kTitle = "kerf calibration, unfinished: ";

std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// part first last stretch spent t t t; nothing where the line is damaged.
struct Line {
  int part = 0, first = 0, last = 0, stretch = 0;
  Seconds spent;
  Visit visit;
};
std::optional<Line> parse(std::string_view text) {
  std::vector<double> numbers;
  while (!text.empty()) {
    const auto number = parse_number(take_word(text));
    if (!number || *number < 0 || *number > 1e9) return std::nullopt;
    numbers.push_back(*number);
  }
  if (numbers.size() < 6) return std::nullopt;
  return Line{static_cast<int>(numbers[0]), static_cast<int>(numbers[1]),
              static_cast<int>(numbers[2]), static_cast<int>(numbers[3]),
              Seconds(numbers[4]),          Visit(numbers.begin() + 5, numbers.end())};
}

std::string line_of(int part, int first_block, int last_block, int stretch, Seconds spent,
                    const Visit& visit) {
  return fmt::format("{} {} {} {} {:.6f} {:.9f}\n", part, first_block, last_block, stretch, spent.value(),
                     fmt::join(visit, " "));
}

}  // namespace

Journal::Journal(std::filesystem::path file, const std::string& subject) : file_(std::move(file)) {
  if (file_.empty()) return;
  std::error_code unreadable;
  if (std::filesystem::exists(file_, unreadable)) read(subject);
  // Written anew, so that a line that was cut off does not meet the next one.
  std::string text = fmt::format("{}{}\n", kTitle, subject);
  for (const auto& [number, part] : parts_) {
    for (const auto& [slice, visited] : part.slices) {
      for (std::size_t v = 0; v < visited.visits.size(); ++v) {
        text +=
            line_of(number, slice.first, slice.second, visited.stretches[v], part.spent, visited.visits[v]);
      }
    }
  }
  write_file(file_, text);
  out_.open(file_, std::ios::app);
}

void Journal::read(const std::string& subject) {
  const std::string text = read_file(file_);
  std::string_view rest = text;
  const auto take_line = [&]() -> std::optional<std::string_view> {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
  };
  const auto title = take_line();
  if (!title || rest.empty()) return;  // stopped before anything was measured
  if (*title != fmt::format("{}{}", kTitle, subject)) {
    throw Error(ErrorCode::kBadInput, file_.string(),
                fmt::format("an unfinished calibration of something else ({})",
                            title->substr(std::min(kTitle.size(), title->size()))),
                subject, "finish that one, or remove the file to begin anew");
  }
  while (const auto line = take_line()) {
    std::optional<Line> visit = parse(*line);
    if (!visit) break;
    Part& part = parts_[visit->part];
    part.spent = std::max(part.spent, visit->spent);
    Visited& slice = part.slices[{visit->first, visit->last}];
    slice.visits.push_back(std::move(visit->visit));
    slice.stretches.push_back(visit->stretch);
  }
}

const Journal::Part& Journal::part(int number) const {
  static const Part nothing;
  const auto found = parts_.find(number);
  return found == parts_.end() ? nothing : found->second;
}

void Journal::add(int part, int first_block, int last_block, int stretch, Seconds spent,
                  std::span<const Visit> visits) {
  if (file_.empty()) return;
  for (const Visit& visit : visits) {
    out_ << line_of(part, first_block, last_block, stretch, spent, visit);
  }
  out_.flush();
  if (!out_) {
    throw Error(ErrorCode::kLimit, file_.string(), "cannot be written any more", "room on the disk",
                "make room and start the calibration again: it goes on from there");
  }
}

}  // namespace kerf
