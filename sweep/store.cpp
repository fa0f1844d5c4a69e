#include "sweep/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr const char* kFormat = "1";
constexpr const char* kFinalName = "sweep.sqlite";

// A row's figures, in the order of the columns below.
constexpr std::array kFigures{"bound_s",    "mean_s",   "mean_half_width", "p50_s",
                              "p95_s",      "p99_s",    "max_s",           "throughput_per_s",
                              "bytes_sent", "energy_j", "requests"};
using Figures = std::array<double, kFigures.size()>;

Figures figures_of(const SweepRow& row) {
  const Outcome& o = row.outcome;
  return {row.bound.value(),
          o.mean.value(),
          o.mean_half_width,
          o.p50.value(),
          o.p95.value(),
          o.p99.value(),
          o.max.value(),
          o.throughput.value(),
          o.bytes_sent.value(),
          o.energy.value(),
          static_cast<double>(o.requests)};
}

void set_figures(SweepRow& row, const Figures& f) {
  row.bound = Seconds(f[0]);
  row.outcome = {.mean = Seconds(f[1]),
                 .p50 = Seconds(f[3]),
                 .p95 = Seconds(f[4]),
                 .p99 = Seconds(f[5]),
                 .max = Seconds(f[6]),
                 .mean_half_width = f[2],
                 .throughput = PerSecond(f[7]),
                 .bytes_sent = Bytes(f[8]),
                 .energy = Joules(f[9]),
                 .requests = static_cast<int>(f[10])};
}

RowStatus status_from(const std::string& text, const std::string& where) {
  for (const RowStatus status : {RowStatus::kClosedForm, RowStatus::kSimulated, RowStatus::kRuledOut}) {
    if (text == to_string(status)) return status;
  }
  throw Error(ErrorCode::kBadInput, where, fmt::format("a row's status is \"{}\"", text), "",
              "sweep again without --resume");
}

// SQL's own quoting of a name.
std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string csv_field(const std::string& text) {
  return text.find_first_of(",\"\n") == std::string::npos ? text : quoted(text);
}

[[noreturn]] void translate(const SQLite::Exception& failure, const std::string& where) {
  const int code = failure.getErrorCode();
  if (code == SQLITE_FULL || code == SQLITE_IOERR) {
    throw Error(ErrorCode::kLimit, where, fmt::format("cannot be written ({})", failure.what()), "",
                "free some space, then run the same command with --resume; rows committed so far are kept");
  }
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("is no sweep ({})", failure.what()),
                "rows that kerf sweep wrote", "remove it, and sweep again");
  }
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    throw Error(ErrorCode::kUsage, where, "is in use by another sweep", "",
                "wait for it, or name another --out");
  }
  if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM) {
    throw Error(ErrorCode::kUsage, where, fmt::format("cannot be opened ({})", failure.what()), "",
                "name a folder that you may write to");
  }
  throw Error(ErrorCode::kBug, where, failure.what());
}

Identity read_identity(SQLite::Database& sql) {
  Identity identity;
  SQLite::Statement query(sql, "SELECT key, value FROM meta");
  while (query.executeStep())
    identity.emplace(query.getColumn(0).getString(), query.getColumn(1).getString());
  return identity;
}

}  // namespace

struct Store::Database {
  std::filesystem::path partial, final_path, path;  // path: whichever of the two is open
  std::vector<Axis> axes;
  std::vector<std::string> hosts;
  int blocks = 0;
  std::optional<SQLite::Database> sql;
  std::optional<SQLite::Transaction> transaction;
  std::optional<SQLite::Statement> insert_condition, insert_outcome;
  std::set<std::size_t> present;

  // Whatever SQLite throws is translated here.
  template <class Body>
  auto guarded(const Body& body) -> decltype(body()) {
    try {
      return body();
    } catch (const SQLite::Exception& failure) {
      translate(failure, path.string());
    }
  }

  void open(const std::filesystem::path& file) {
    path = file;
    sql.emplace(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    sql->exec("PRAGMA synchronous = NORMAL");
    sql->exec("PRAGMA locking_mode = EXCLUSIVE");
  }

  [[nodiscard]] bool holds(const std::filesystem::path& file, const Identity& identity) const {
    if (!std::filesystem::exists(file)) return false;
    try {
      SQLite::Database other(file.string(), SQLite::OPEN_READONLY);
      return read_identity(other) == identity;
    } catch (const SQLite::Exception&) {
      return false;  // not ours, or damaged
    }
  }

  // A sweep that runs holds its file's lock.
  void refuse_if_in_use() const {
    if (!std::filesystem::exists(partial)) return;
    try {
      SQLite::Database(partial.string(), SQLite::OPEN_READWRITE).exec("BEGIN EXCLUSIVE; ROLLBACK");
    } catch (const SQLite::Exception& failure) {
      if (failure.getErrorCode() == SQLITE_BUSY) throw;  // anything else is a leftover to replace
    }
  }

  void create(const Identity& identity) {
    refuse_if_in_use();
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    std::filesystem::remove(partial.string() + "-journal", ignored);
    open(partial);
    SQLite::Transaction setup(*sql);
    sql->exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
    std::string columns = "id INTEGER PRIMARY KEY";
    for (const Axis& axis : axes)
      columns += fmt::format(", {} {}", quoted(axis.key), axis.numeric ? "REAL" : "TEXT");
    sql->exec(fmt::format("CREATE TABLE conditions ({})", columns));
    columns.clear();
    for (const char* figure : kFigures) columns += fmt::format(", {} REAL", figure);
    sql->exec(fmt::format(
        "CREATE TABLE outcomes (condition INTEGER NOT NULL REFERENCES conditions(id), candidate INTEGER "
        "NOT NULL, plan TEXT NOT NULL, status TEXT NOT NULL{}, PRIMARY KEY (condition, candidate)) "
        "WITHOUT ROWID",
        columns));
    SQLite::Statement insert(*sql, "INSERT INTO meta VALUES (?, ?)");
    for (const auto& [key, value] : identity) {
      insert.bind(1, key);
      insert.bind(2, value);
      insert.exec();
      insert.reset();
    }
    setup.commit();
  }

  void prepare() {
    std::string marks = "?";
    for (std::size_t i = 0; i < axes.size(); ++i) marks += ", ?";
    insert_condition.emplace(*sql, fmt::format("INSERT INTO conditions VALUES ({})", marks));
    marks = "?, ?, ?, ?";
    for (std::size_t i = 0; i < kFigures.size(); ++i) marks += ", ?";
    insert_outcome.emplace(*sql, fmt::format("INSERT INTO outcomes VALUES ({})", marks));
    SQLite::Statement query(*sql, "SELECT id FROM conditions");
    while (query.executeStep()) present.insert(static_cast<std::size_t>(query.getColumn(0).getInt64()));
  }

  void begin() {
    if (!transaction) transaction.emplace(*sql);
  }
};

Store::Store(const std::filesystem::path& folder, const Identity& identity, std::span<const Axis> axes,
             std::vector<std::string> hosts, int blocks, bool resume)
    : database_(std::make_unique<Database>()) {
  ensure_writable_folder(folder);
  Database& db = *database_;
  db.final_path = folder / kFinalName;
  db.partial = db.path = db.final_path.string() + kPartialSuffix;
  db.axes.assign(axes.begin(), axes.end());
  db.hosts = std::move(hosts);
  db.blocks = blocks;
  Identity complete = identity;
  complete["format"] = kFormat;
  db.guarded([&] {
    if (!resume) {
      if (db.holds(db.partial, complete)) {
        throw Error(ErrorCode::kUsage, db.partial.string(),
                    "an interrupted sweep of this very scenario stands here", "",
                    "add --resume to continue it, or remove the file to start over");
      }
      db.create(complete);
    } else if (db.holds(db.partial, complete)) {
      db.open(db.partial);
    } else if (db.holds(db.final_path, complete)) {
      db.open(db.final_path);
    } else if (std::filesystem::exists(db.partial)) {
      throw Error(ErrorCode::kBadInput, db.partial.string(),
                  "was made from another scenario, profile, platform or version",
                  "the same inputs as when it was begun", "undo the change, or drop --resume to start over");
    } else {
      db.create(complete);
    }
    db.prepare();
  });
}

// An uncommitted transaction rolls back: a resume does those conditions again.
Store::~Store() = default;

bool Store::has(std::size_t condition) const {
  return database_->present.contains(condition);
}
std::size_t Store::conditions() const {
  return database_->present.size();
}

void Store::add(const Condition& condition, std::span<const SweepRow> rows) {
  Database& db = *database_;
  db.guarded([&] {
    db.begin();
    SQLite::Statement& insert = *db.insert_condition;
    insert.bind(1, static_cast<std::int64_t>(condition.index));
    for (std::size_t i = 0; i < condition.settings.size(); ++i) {
      const int place = static_cast<int>(i) + 2;
      if (db.axes[i].numeric) {
        insert.bind(place, condition.settings[i].number);
      } else {
        insert.bind(place, condition.settings[i].text);
      }
    }
    insert.exec();
    insert.reset();
    for (const SweepRow& row : rows) {
      SQLite::Statement& outcome = *db.insert_outcome;
      outcome.bind(1, static_cast<std::int64_t>(condition.index));
      outcome.bind(2, row.candidate);
      outcome.bind(3, to_text(row.plan, db.hosts));
      outcome.bind(4, to_string(row.status));
      const Figures figures = figures_of(row);
      for (std::size_t i = 0; i < figures.size(); ++i) {
        // A plan that was ruled out has a bound and no outcome.
        const int place = static_cast<int>(i) + 5;
        if (i > 0 && row.status == RowStatus::kRuledOut) {
          outcome.bind(place);
        } else {
          outcome.bind(place, figures[i]);
        }
      }
      outcome.exec();
      outcome.reset();
    }
    db.present.insert(condition.index);
  });
}

void Store::commit() {
  Database& db = *database_;
  db.guarded([&] {
    if (db.transaction) db.transaction->commit();
    db.transaction.reset();
  });
}

void Store::for_each(const std::function<void(std::size_t, std::span<const SweepRow>)>& visit) const {
  Database& db = *database_;
  db.guarded([&] {
    std::string columns;
    for (const char* figure : kFigures) columns += fmt::format(", {}", figure);
    SQLite::Statement query(
        *db.sql, fmt::format("SELECT id, candidate, plan, status{} FROM conditions LEFT JOIN outcomes ON "
                             "condition = id ORDER BY id, candidate",
                             columns));
    std::vector<SweepRow> rows;
    std::optional<std::size_t> present;
    while (query.executeStep()) {
      const auto condition = static_cast<std::size_t>(query.getColumn(0).getInt64());
      if (present && *present != condition) {
        visit(*present, rows);
        rows.clear();
      }
      present = condition;
      if (query.getColumn(1).isNull()) continue;  // a condition without a feasible plan
      SweepRow row;
      row.candidate = query.getColumn(1).getInt();
      row.plan = parse_plan(query.getColumn(2).getString(), db.hosts, db.blocks);
      row.status = status_from(query.getColumn(3).getString(), db.path.string());
      Figures figures;
      for (std::size_t i = 0; i < figures.size(); ++i)
        figures[i] = query.getColumn(static_cast<int>(i) + 4).getDouble();
      set_figures(row, figures);
      rows.push_back(std::move(row));
    }
    if (present) visit(*present, rows);
  });
}

std::string Store::csv() const {
  Database& db = *database_;
  std::string text = "condition";
  for (const Axis& axis : db.axes) text += "," + csv_field(axis.key);
  text += ",candidate,plan,status";
  for (const char* figure : kFigures) text += fmt::format(",{}", figure);
  text += "\n";
  db.guarded([&] {
    std::string columns;
    for (const Axis& axis : db.axes) columns += ", " + quoted(axis.key);
    columns += ", candidate, plan, status";
    for (const char* figure : kFigures) columns += fmt::format(", {}", figure);
    SQLite::Statement query(*db.sql,
                            fmt::format("SELECT id{} FROM conditions LEFT JOIN outcomes ON condition = id "
                                        "ORDER BY id, candidate",
                                        columns));
    while (query.executeStep()) {
      for (int i = 0; i < query.getColumnCount(); ++i) {
        if (i > 0) text += ',';
        const SQLite::Column column = query.getColumn(i);
        if (column.isNull()) continue;
        text += column.isFloat() ? format_exact(column.getDouble()) : csv_field(column.getString());
      }
      text += '\n';
    }
  });
  return text;
}

void Store::finish() {
  commit();
  Database& db = *database_;
  if (db.path == db.final_path) return;
  db.insert_condition.reset();
  db.insert_outcome.reset();
  db.sql.reset();
  std::error_code failure;
  std::filesystem::rename(db.partial, db.final_path, failure);
  if (failure) {
    throw Error(ErrorCode::kUsage, db.final_path.string(),
                fmt::format("cannot be written ({})", failure.message()));
  }
}

}  // namespace kerf
