#include "scenarios/scenario.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "scenarios/document.hpp"
#include "scenarios/fields.hpp"
#include "scenarios/sweep_axes.hpp"
#include "scenarios/toml_reader.hpp"

namespace kerf {

using scenarios::Document;
using scenarios::Place;

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Where KEY ends in KEY=VALUE: an = inside quotes belongs to the key.
std::size_t find_equals(std::string_view assignment) {
  char quote = 0;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    const char c = assignment[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '=') {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

struct ScenarioFile::Parsed {
  Document document;
  std::string hash;

  explicit Parsed(Document read) : document(std::move(read)), hash(document.hash()) {}

  [[nodiscard]] Scenario bind(const Document& patched) const {
    Scenario scenario = scenarios::bind_content(patched);
    scenario.text_hash = hash;
    scenario.sweep = scenarios::bind_sweep(document, scenario);
    return scenario;
  }
};

ScenarioFile::ScenarioFile(const std::filesystem::path& file) : ScenarioFile(read_file(file), file) {}

ScenarioFile::ScenarioFile(const std::string& text, const std::filesystem::path& named)
    : parsed_(std::make_unique<Parsed>(Document(text, named))) {}

ScenarioFile::ScenarioFile(ScenarioFile&&) noexcept = default;
ScenarioFile& ScenarioFile::operator=(ScenarioFile&&) noexcept = default;
ScenarioFile::~ScenarioFile() = default;

void ScenarioFile::set(std::string_view key, std::string_view value) {
  key = trim(key);
  value = trim(value);
  const std::string whole = fmt::format("--set {}={}", key, value);
  std::vector<std::string> path = scenarios::split_key(key, whole);
  if (value.empty())
    throw Error(ErrorCode::kUsage, whole, "no value", "KEY=VALUE", "write \"\" for an empty text");
  // Keys of [sweep] hold dots themselves.
  while (path.size() > 2 && path.front() == "sweep") {
    path[path.size() - 2] += "." + path.back();
    path.pop_back();
  }
  // A copy, so that what cannot be set leaves everything as it was.
  Document patched = parsed_->document;
  const Place place = patched.add_origin(whole);
  patched.patch(path, scenarios::parse_toml_value(value, whole), place);
  patched.flatten_sweep();
  *parsed_ = Parsed(std::move(patched));
}

void ScenarioFile::set(std::string_view assignment) {
  const std::size_t equals = find_equals(assignment);
  if (equals == std::string_view::npos) {
    throw Error(ErrorCode::kUsage, fmt::format("--set {}", assignment), "no =", "KEY=VALUE",
                "such as --set workload.rate=4/s");
  }
  set(assignment.substr(0, equals), assignment.substr(equals + 1));
}

Scenario ScenarioFile::bind() const {
  Scenario scenario = parsed_->bind(parsed_->document);
  scenarios::try_points(parsed_->document, scenario.sweep);
  return scenario;
}

Scenario ScenarioFile::bind(const Condition& condition) const {
  Document patched = parsed_->document;
  for (const Setting& setting : condition.settings) {
    const std::string whole = fmt::format("condition {}: {}={}", condition.index, setting.key, setting.text);
    scenarios::apply(setting, patched.add_origin(whole), patched);
  }
  return parsed_->bind(patched);
}

std::size_t condition_count(const Scenario& scenario) {
  std::size_t count = 1;
  for (const Axis& axis : scenario.sweep.axes) count *= axis.points.size();
  return count;
}

Condition condition_at(const Scenario& scenario, std::size_t index) {
  const std::vector<Axis>& axes = scenario.sweep.axes;
  Condition condition{.index = index, .settings = std::vector<Setting>(axes.size())};
  for (std::size_t i = axes.size(); i-- > 0;) {
    condition.settings[i] = axes[i].points[index % axes[i].points.size()];
    index /= axes[i].points.size();
  }
  return condition;
}

}  // namespace kerf
