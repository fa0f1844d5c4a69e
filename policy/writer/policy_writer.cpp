#include "policy/writer/policy_writer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "policy/reader/file_header.hpp"
#include "policy/reader/margin_code.hpp"
#include "policy/writer/axis_edges.hpp"
#include "policy_generated.h"

namespace kerf {
namespace {

using namespace policy_file;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

[[noreturn]] void contradiction(std::string found, std::string expected) {
  throw Error(ErrorCode::kBug, "policy table", std::move(found), std::move(expected));
}

[[noreturn]] void too_large(std::string found, std::string expected) {
  throw Error(ErrorCode::kLimit, "policy table", std::move(found), std::move(expected),
              "sweep fewer points, or leave an axis out");
}

void check_axis(const PolicyAxisContent& axis) {
  if (axis.name.empty() || axis.key.empty()) contradiction("an axis without a name or key", "both");
  if (axis.labels.empty()) contradiction(fmt::format("axis {} without points", axis.name), "at least one");
  for (const std::string& label : axis.labels) {
    if (label.empty()) contradiction(fmt::format("an empty label on axis {}", axis.name), "text");
  }
  const std::size_t points = axis.numeric ? axis.labels.size() : 0;
  if (axis.points.size() != points) {
    contradiction(fmt::format("axis {} with {} points", axis.name, axis.points.size()),
                  fmt::format("{}", points));
  }
  for (std::size_t i = 0; i < points; ++i) {
    const bool ascends = i == 0 || axis.points[i - 1] < axis.points[i];
    if (!std::isfinite(axis.points[i]) || !ascends || (axis.logarithmic && axis.points[i] <= 0)) {
      contradiction(
          fmt::format("{} as point {} of axis {}", axis.points[i], i, axis.name),
          axis.logarithmic ? "positive, strictly ascending points" : "finite, strictly ascending points");
    }
  }
}

void check_axes(const PolicyContent& content) {
  if (content.axes.size() > kMostAxes) {
    too_large(fmt::format("{} axes", content.axes.size()), fmt::format("at most {}", kMostAxes));
  }
  for (std::size_t i = 0; i < content.axes.size(); ++i) {
    check_axis(content.axes[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (content.axes[i].name == content.axes[j].name) {
        contradiction(fmt::format("two axes named {}", content.axes[i].name), "distinct names");
      }
    }
  }
}

std::size_t text_bytes(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 12;  // offset, length, terminator, padding
  return bytes;
}

// More than the file will take, so that the builder never meets its own limit.
void check_size(const PolicyContent& content, const std::vector<std::string>& plans) {
  constexpr std::size_t kBytesPerCell = sizeof(flat::WideCell) + sizeof(float);
  std::size_t cells = 1;
  std::size_t bytes =
      4096 + text_bytes(plans) + text_bytes(content.profile_hashes) + text_bytes(content.platform_hashes) +
      text_bytes({content.scenario, content.model, content.model_hash, content.objective, content.made_by});
  for (const PolicyAxisContent& axis : content.axes) {
    if (axis.labels.size() > kMostBytes / kBytesPerCell / cells) {
      too_large("axes that span too many cells", fmt::format("at most {}", kMostBytes / kBytesPerCell));
    }
    cells *= axis.labels.size();
    bytes += 256 + text_bytes({axis.name, axis.key, axis.unit}) + text_bytes(axis.labels) +
             2 * sizeof(double) * axis.points.size();
  }
  bytes += cells * kBytesPerCell;
  if (bytes >= kMostBytes)
    too_large(fmt::format("{} bytes", bytes), fmt::format("fewer than {}", kMostBytes));
  if (content.cells.size() != cells) {
    contradiction(fmt::format("{} cells", content.cells.size()),
                  fmt::format("{}, the product of the axes", cells));
  }
}

void check_cells(const PolicyContent& content) {
  const auto plans = static_cast<int>(content.plans.size());
  for (std::size_t i = 0; i < content.cells.size(); ++i) {
    const PolicyCell& cell = content.cells[i];
    if (cell.plan < -1 || cell.plan >= plans) {
      contradiction(fmt::format("plan {} in cell {}", cell.plan, i), fmt::format("-1 to {}", plans - 1));
    }
    if (cell.plan < 0) continue;
    const double value = cell.value.value();
    if (!(value >= 0 && value <= static_cast<double>(std::numeric_limits<float>::max()))) {
      contradiction(fmt::format("{} s predicted in cell {}", value, i), "a finite time >= 0");
    }
    if (!(cell.margin >= 0))
      contradiction(fmt::format("a margin of {} in cell {}", cell.margin, i), "at least 0");
  }
}

void check_plans(const PolicyContent& content) {
  const std::size_t plans = content.plans.size();
  if (plans > kMostPlans) too_large(fmt::format("{} plans", plans), fmt::format("at most {}", kMostPlans));
  if (content.fallback_plan < 0 || static_cast<std::size_t>(content.fallback_plan) >= plans) {
    contradiction(fmt::format("fallback plan {}", content.fallback_plan),
                  fmt::format("one of {} plans", plans));
  }
  for (const Plan& plan : content.plans) {
    if (plan.stages.empty()) contradiction("a plan without stages", "at least one stage");
    for (const Stage& stage : plan.stages) {
      if (stage.host < 0 || static_cast<std::size_t>(stage.host) >= content.hosts.size()) {
        contradiction(fmt::format("a plan on host {}", stage.host),
                      fmt::format("one of {} hosts", content.hosts.size()));
      }
    }
  }
}

void check_rest(const PolicyContent& content) {
  for (const auto* hashes : {&content.profile_hashes, &content.platform_hashes}) {
    for (const std::string& hash : *hashes) {
      if (hash.empty()) contradiction("an empty hash", "text");
    }
  }
  if (!content.regret) return;
  const PolicyRegret& regret = *content.regret;
  if (regret.conditions < 1 || !std::isfinite(regret.mean) || !std::isfinite(regret.worst) ||
      regret.mean > regret.worst) {
    contradiction(fmt::format("a regret of {} (worst {}) at {} conditions", regret.mean, regret.worst,
                              regret.conditions),
                  "finite figures of at least one condition");
  }
}

std::vector<std::string> plan_texts(const PolicyContent& content) {
  std::vector<std::string> texts;
  texts.reserve(content.plans.size());
  for (const Plan& plan : content.plans) texts.push_back(to_text(plan, content.hosts));
  return texts;
}

Offset<flat::Axis> add_axis(FlatBufferBuilder& builder, const PolicyAxisContent& axis) {
  const auto labels = builder.CreateVectorOfStrings(axis.labels);
  const auto name = builder.CreateString(axis.name);
  const auto key = builder.CreateString(axis.key);
  const auto unit = builder.CreateString(axis.unit);
  if (!axis.numeric) return flat::CreateAxis(builder, name, key, unit, false, false, 0, 0, 0, 0, labels);
  const AxisEdges edges = axis_edges(axis.points, axis.logarithmic);
  const auto points = builder.CreateVector(axis.points);
  const auto between = builder.CreateVector(edges.between);
  return flat::CreateAxis(builder, name, key, unit, true, axis.logarithmic, edges.lowest, edges.highest,
                          points, between, labels);
}

std::uint8_t code_of(const PolicyCell& cell) {
  return cell.plan < 0 ? std::uint8_t{0} : margin_code(cell.margin);
}

struct CellPlanes {
  Offset<flatbuffers::Vector<const flat::Cell*>> narrow;
  Offset<flatbuffers::Vector<const flat::WideCell*>> wide;
};

CellPlanes add_cells(FlatBufferBuilder& builder, const PolicyContent& content) {
  if (content.plans.size() <= kMostNarrowPlans) {
    std::vector<flat::Cell> cells;
    cells.reserve(content.cells.size());
    for (const PolicyCell& cell : content.cells) {
      cells.emplace_back(cell.plan < 0 ? kNoPlanNarrow : static_cast<std::uint8_t>(cell.plan), code_of(cell));
    }
    return {builder.CreateVectorOfStructs(cells), 0};
  }
  std::vector<flat::WideCell> cells;
  cells.reserve(content.cells.size());
  for (const PolicyCell& cell : content.cells) {
    cells.emplace_back(cell.plan < 0 ? kNoPlanWide : static_cast<std::uint16_t>(cell.plan), code_of(cell));
  }
  return {0, builder.CreateVectorOfStructs(cells)};
}

std::string with_header(const FlatBufferBuilder& builder) {
  const std::string_view payload(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                                 builder.GetSize());
  const auto header = header_bytes({.payload_size = payload.size(), .checksum = xxh64(payload)});
  std::string file(header.data(), header.size());
  file += payload;
  return file;
}

}  // namespace

std::string encode_policy(const PolicyContent& content) {
  check_axes(content);
  check_plans(content);
  const std::vector<std::string> texts = plan_texts(content);
  check_size(content, texts);
  check_cells(content);
  check_rest(content);

  FlatBufferBuilder builder(4096 + content.cells.size() * 8);
  builder.ForceDefaults(true);  // a field that happens to be 0 takes its place all the same
  std::vector<Offset<flat::Axis>> axis_offsets;
  for (const PolicyAxisContent& axis : content.axes) axis_offsets.push_back(add_axis(builder, axis));
  const auto axes = builder.CreateVector(axis_offsets);
  const auto plans = builder.CreateVectorOfStrings(texts);
  const auto profiles = builder.CreateVectorOfStrings(content.profile_hashes);
  const auto platforms = builder.CreateVectorOfStrings(content.platform_hashes);
  const auto scenario = builder.CreateString(content.scenario);
  const auto model = builder.CreateString(content.model);
  const auto model_hash = builder.CreateString(content.model_hash);
  const auto objective = builder.CreateString(content.objective);
  const auto made_by = builder.CreateString(content.made_by);
  std::vector<float> values;
  values.reserve(content.cells.size());
  for (const PolicyCell& cell : content.cells)
    values.push_back(cell.plan < 0 ? 0.0f : static_cast<float>(cell.value.value()));
  const auto predictions = builder.CreateVector(values);
  const CellPlanes cells = add_cells(builder, content);
  const PolicyRegret regret = content.regret.value_or(PolicyRegret{});
  builder.Finish(flat::CreatePolicy(
      builder, scenario, model, model_hash, objective, made_by, profiles, platforms, axes, plans,
      static_cast<std::uint16_t>(content.fallback_plan), cells.narrow, cells.wide, predictions,
      static_cast<std::uint32_t>(regret.conditions), regret.mean, regret.worst));
  return with_header(builder);
}

}  // namespace kerf
