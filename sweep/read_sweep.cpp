#include "sweep/read_sweep.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

std::string setting_of(const SQLite::Column& column) {
  return column.isFloat() || column.isInteger() ? format_exact(column.getDouble()) : column.getString();
}

SweepFile read(SQLite::Database& sql) {
  SweepFile result;
  SQLite::Statement meta(sql, "SELECT key, value FROM meta");
  while (meta.executeStep())
    result.identity.emplace(meta.getColumn(0).getString(), meta.getColumn(1).getString());
  SQLite::Statement columns(
      sql, "SELECT name FROM pragma_table_info('conditions') WHERE name <> 'id' ORDER BY cid");
  while (columns.executeStep()) result.axes.push_back(columns.getColumn(0).getString());
  const int axes = static_cast<int>(result.axes.size());

  // conditions.*: id, then the axes.
  SQLite::Statement rows(sql,
                         "SELECT conditions.*, plan, mean_s, p50_s, p95_s, p99_s, max_s, mean_half_width, "
                         "throughput_per_s, bytes_sent, energy_j, requests FROM conditions JOIN outcomes ON "
                         "condition = id WHERE status <> 'ruled out' ORDER BY id, candidate");
  while (rows.executeStep()) {
    SweepFileRow row;
    row.condition = static_cast<std::size_t>(rows.getColumn(0).getInt64());
    for (int axis = 1; axis <= axes; ++axis) row.settings.push_back(setting_of(rows.getColumn(axis)));
    row.plan = rows.getColumn(axes + 1).getString();
    const auto figure = [&](int place) { return rows.getColumn(axes + 2 + place).getDouble(); };
    row.outcome = {.mean = Seconds(figure(0)),
                   .p50 = Seconds(figure(1)),
                   .p95 = Seconds(figure(2)),
                   .p99 = Seconds(figure(3)),
                   .max = Seconds(figure(4)),
                   .mean_half_width = figure(5),
                   .throughput = PerSecond(figure(6)),
                   .bytes_sent = Bytes(figure(7)),
                   .energy = Joules(figure(8)),
                   .requests = static_cast<int>(figure(9))};
    result.rows.push_back(std::move(row));
  }
  return result;
}

}  // namespace

SweepFile read_sweep(const std::filesystem::path& file) {
  const std::filesystem::path partial = file.string() + kPartialSuffix;
  if (!std::filesystem::exists(file) && std::filesystem::exists(partial)) {
    throw Error(ErrorCode::kBadInput, partial.string(), "the sweep is unfinished", "a finished one",
                "run kerf sweep again with --resume");
  }
  try {
    SQLite::Database sql(file.string(), SQLite::OPEN_READONLY);
    return read(sql);
  } catch (const SQLite::Exception& failure) {
    throw Error(ErrorCode::kBadInput, file.string(), fmt::format("is no sweep ({})", failure.what()),
                "rows that kerf sweep wrote", "sweep the scenario again");
  }
}

}  // namespace kerf
