#include "runtime/split/stage_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

template <class Visit>
void for_each_item(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    visit(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::optional<double> not_negative(std::string_view text) {
  const std::optional<double> number = parse_number(text);
  return number && *number >= 0 ? number : std::nullopt;
}

}  // namespace

std::string to_text(const std::vector<StageReport>& reports) {
  std::string text;
  for (const StageReport& report : reports) {
    text += fmt::format("{}{}={}+{}", text.empty() ? "" : ";", to_text(report.slice),
                        format_exact(report.compute.value()), format_exact(report.queued.value()));
  }
  return text;
}

std::string to_text(const HostLoads& loads) {
  std::string text;
  for (const auto& [host, load] : loads) {
    text += fmt::format("{}{}={:.4f}", text.empty() ? "" : ";", host, load);
  }
  return text;
}

std::vector<StageReport> parse_stage_reports(std::string_view text) {
  std::vector<StageReport> reports;
  for_each_item(text, [&](std::string_view item) {
    const std::size_t equals = item.rfind('=');
    const std::size_t plus = item.rfind('+');
    const std::size_t colon = item.substr(0, equals).rfind(':');
    if (equals == std::string_view::npos || plus == std::string_view::npos || plus < equals ||
        colon == std::string_view::npos) {
      return;
    }
    const auto compute = not_negative(item.substr(equals + 1, plus - equals - 1));
    const auto queued = not_negative(item.substr(plus + 1));
    if (!compute || !queued) return;
    try {
      const BlockRange blocks = parse_block_range(item.substr(colon + 1, equals - colon - 1), "");
      reports.push_back({{std::string(item.substr(0, colon)), blocks.first, blocks.last},
                         Seconds(*compute),
                         Seconds(*queued)});
    } catch (const Error&) {
      return;
    }
  });
  return reports;
}

HostLoads parse_host_loads(std::string_view text) {
  HostLoads loads;
  for_each_item(text, [&](std::string_view item) {
    const std::size_t equals = item.rfind('=');
    if (equals == std::string_view::npos) return;
    const auto load = not_negative(item.substr(equals + 1));
    if (load && *load <= 1) loads.insert_or_assign(std::string(item.substr(0, equals)), *load);
  });
  return loads;
}

std::string text_parameter(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(std::string(name));
  const auto* const text = found == parameters.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

}  // namespace kerf
