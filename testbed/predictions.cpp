#include "testbed/predictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "testbed/csv.hpp"

namespace kerf {

Predicted predictions_from_csv(std::string_view text, const std::string& where) {
  const CsvTable table(text, where);
  Predicted predicted{.source = where, .question = {}, .rows = {}};
  const auto first_axis = table.columns().begin() + (table.has("condition") ? 1 : 0);
  const auto candidate = std::ranges::find(table.columns(), "candidate");
  if (!table.has("condition") || candidate == table.columns().end() || candidate < first_axis) {
    throw Error(ErrorCode::kBadInput, where + ":1", "is no sweep's table",
                "condition, the axes, candidate, plan, status, ...", "name a folder that kerf sweep wrote");
  }
  predicted.question.axes.assign(first_axis, candidate);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, "plan").empty() || table.text(row, "status") == "ruled out") continue;
    PredictedRow made{.condition = static_cast<std::size_t>(table.whole(row, "condition")),
                      .settings = {},
                      .plan = table.text(row, "plan"),
                      .seconds = {table.number(row, "mean_s"), table.number(row, "p50_s"),
                                  table.number(row, "p95_s"), table.number(row, "p99_s")}};
    for (const std::string& axis : predicted.question.axes) made.settings.push_back(table.text(row, axis));
    predicted.rows.push_back(std::move(made));
  }
  return predicted;
}

Predicted predictions_from_json(std::string_view text, const std::string& where) {
  try {
    const nlohmann::json all = nlohmann::json::parse(text);
    Predicted predicted{.source = where,
                        .question = {.scenario = all.at("scenario").get<std::string>(),
                                     .scenario_hash = all.at("scenario_hash").get<std::string>(),
                                     .model = all.at("model").get<std::string>(),
                                     .model_hash = all.at("model_hash").get<std::string>(),
                                     .axes = {}},
                        .rows = {}};
    predicted.rows.push_back({.condition = 0,
                              .settings = {},
                              .plan = all.at("plan").get<std::string>(),
                              .seconds = {all.at("mean_s").get<double>(), all.at("p50_s").get<double>(),
                                          all.at("p95_s").get<double>(), all.at("p99_s").get<double>()}});
    return predicted;
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("is no simulation's answer ({})", failure.what()),
                "what kerf simulate --json prints");
  }
}

}  // namespace kerf
