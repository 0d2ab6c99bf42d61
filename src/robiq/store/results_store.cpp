#include "robiq/store/results_store.h"

#include <string_view>
#include <tuple>

#include "robiq/core/error.h"
#include "robiq/store/row_binding.h"
#include "robiq/store/row_columns.h"
#include "robiq/store/store_connection.h"

namespace robiq {

std::string insert_sql(std::string_view verb, std::string_view table, std::string_view columns) {
  std::string marks = "?";
  for (const char c : columns) marks += c == ',' ? ", ?" : "";
  return std::string(verb) + " INTO " + std::string(table) + "(" + std::string(columns) +
         ") VALUES(" + marks + ")";
}

std::string select_sql(std::string_view columns, std::string_view rest) {
  return "SELECT " + std::string(columns) + " FROM " + std::string(rest);
}

ResultsStore::ResultsStore(const std::filesystem::path& file, Access access)
    : impl_(std::make_unique<Impl>(file, access)) {}

ResultsStore::~ResultsStore() = default;

bool ResultsStore::available() { return true; }

std::int64_t ResultsStore::begin_run(const RunRow& run) {
  RunRow row = run;
  row.status = RunStatus::kRunning;
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement insert(db, insert_sql("INSERT", "runs", kRunColumns));
    for_each_field(fields_of(row), Binder(insert));
    insert.bind(1);  // SQLite gives the id
    insert.exec();
    return static_cast<std::int64_t>(db.getLastInsertRowid());
  });
}

void ResultsStore::set_run_status(std::int64_t run, RunStatus status,
                                  const std::string& finished_utc) {
  const int changed = impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement update(db, "UPDATE runs SET status = ?, finished_utc = ? WHERE id = ?");
    Binder bind(update);
    bind(status);
    bind(finished_utc);
    bind(run);
    return update.exec();
  });
  if (changed == 1) return;
  throw Error(ErrorKind::kInternal, {"there is no run " + std::to_string(run), impl_->file.string(),
                                     "call begin_run() first"});
}

std::optional<RunRow> ResultsStore::find_run(const std::string& config_sha256) const {
  return impl_->guarded([&](SQLite::Database& db) -> std::optional<RunRow> {
    SQLite::Statement select(
        db, select_sql(kRunColumns, "runs WHERE config_sha256 = ? ORDER BY id DESC LIMIT 1"));
    select.bind(1, config_sha256);
    const std::vector<RunRow> rows = take_all<RunRow>(select, impl_->budget);
    return rows.empty() ? std::nullopt : std::optional(rows.front());
  });
}

std::int64_t ResultsStore::model_id(const ModelRow& model) {
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement find(db,
                           "SELECT id FROM models WHERE name = ? AND defense = ? AND "
                           "weights_sha256 = ? AND card_json = ?");
    Binder bind(find);
    for (const std::string* text :
         {&model.name, &model.defense, &model.weights_sha256, &model.card_json}) {
      bind(*text);
    }
    if (find.executeStep()) return find.getColumn(0).getInt64();
    SQLite::Statement insert(db, insert_sql("INSERT", "models", kModelColumns));
    for_each_field(fields_of(model), Binder(insert));
    insert.bind(1);
    insert.exec();
    const std::int64_t id = db.getLastInsertRowid();
    transaction.commit();
    return id;
  });
}

std::int64_t ResultsStore::image_id(const ImageRow& image) {
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    // IS, because a MOS that is not known is NULL and equals itself here.
    SQLite::Statement find(db,
                           "SELECT id FROM images WHERE dataset = ? AND split_sha256 = ? AND "
                           "name = ? AND content = ? AND mos IS ? AND mos_normalised IS ?");
    Binder bind(find);
    for (const std::string* text :
         {&image.dataset, &image.split_sha256, &image.name, &image.content}) {
      bind(*text);
    }
    bind(image.mos);
    bind(image.mos_normalised);
    std::int64_t id = 0;
    if (find.executeStep()) {
      id = find.getColumn(0).getInt64();
      find.reset();
    } else {
      SQLite::Statement insert(db, insert_sql("INSERT", "images", kImageColumns));
      for_each_field(fields_of(image), Binder(insert));
      insert.bind(1);
      insert.exec();
      id = db.getLastInsertRowid();
    }
    if (!image.thumbnail.empty()) {  // of a picture that was remade, the newest counts
      SQLite::Statement update(db, "UPDATE images SET thumbnail = ?2 WHERE id = ?1");
      update.bind(1, id);
      update.bindNoCopy(2, image.thumbnail.data(), static_cast<int>(image.thumbnail.size()));
      update.exec();
    }
    transaction.commit();
    return id;
  });
}

void ResultsStore::add(const std::vector<ScoreRow>& rows) {
  impl_->replace_all("scores", kScoreColumns, rows);
}

void ResultsStore::add(const std::vector<DistanceRow>& rows) {
  impl_->replace_all("distances", kDistanceColumns, rows);
}

void ResultsStore::add(const std::vector<MeasureRow>& rows) {
  impl_->replace_all("measures", kMeasureColumns, rows);
}

void ResultsStore::add(const std::vector<FlagRow>& rows) {
  impl_->replace_all("flags", kFlagColumns, rows);
}

void ResultsStore::add(const std::vector<HistoryRow>& rows) {
  impl_->replace_all("history", kHistoryColumns, rows);
}

void ResultsStore::add(const std::vector<AttackRow>& rows) {
  impl_->replace_all("attacks", kAttackColumns, rows);
}

void ResultsStore::add(const std::vector<ModelTitleRow>& rows) {
  impl_->replace_all("model_titles", kModelTitleColumns, rows);
}

void ResultsStore::add_examples(const std::vector<ExampleRow>& rows, std::int64_t largest,
                                std::int64_t drawn) {
  impl_->replace_all("examples", kExampleColumns, rows);
  const std::string equal =
      "run = ?1 AND model = ?2 AND attack = ?3 AND attack_options = ?4 AND level = ?5 AND "
      "surrogate = ?6";
  const std::string images = "(SELECT image FROM examples WHERE " + equal + " ORDER BY ";
  const std::string drop = "DELETE FROM examples WHERE " + equal + " AND image NOT IN " + images +
                           "change DESC, image LIMIT ?7) AND image NOT IN " + images +
                           "draw, image LIMIT ?8)";
  impl_->guarded([&](SQLite::Database& db) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement statement(db, drop);
    for (const ExampleRow& row : rows) {
      for_each_field(std::tie(row.run, row.model, row.attack, row.attack_options, row.level,
                              row.surrogate, largest, drawn),
                     Binder(statement));
      statement.exec();
      statement.reset();
    }
    transaction.commit();
  });
}

void ResultsStore::set_cell(const CellRow& cell) {
  impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement insert(db,
                             "INSERT OR REPLACE INTO cells(study, cell, state, run, error) "
                             "VALUES(?, ?, ?, nullif(?, 0), ?)");
    for_each_field(std::tie(cell.study, cell.cell, cell.state, cell.run, cell.error),
                   Binder(insert));
    insert.exec();
  });
}

}  // namespace robiq
