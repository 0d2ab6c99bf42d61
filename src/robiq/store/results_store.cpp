#include "robiq/store/results_store.h"

#include <sys/stat.h>

#include <string_view>
#include <tuple>
#include <type_traits>

#include "robiq/core/error.h"
#include "robiq/store/database.h"
#include "robiq/store/row_binding.h"
#include "robiq/store/row_columns.h"

namespace robiq {
namespace {

std::string insert_sql(std::string_view verb, std::string_view table, std::string_view columns) {
  std::string marks = "?";
  for (const char c : columns) marks += c == ',' ? ", ?" : "";
  return std::string(verb) + " INTO " + std::string(table) + "(" + std::string(columns) +
         ") VALUES(" + marks + ")";
}

std::string select_sql(std::string_view columns, std::string_view rest) {
  return "SELECT " + std::string(columns) + " FROM " + std::string(rest);
}

template <class Row>
std::vector<Row> take_all(SQLite::Statement& select, ByteBudget& budget) {
  std::vector<Row> rows;
  while (select.executeStep()) {
    for_each_field(fields_of(rows.emplace_back()), Taker(select, budget));
  }
  return rows;
}

/// Which file lies at a path, and in what state.
struct FileState {
  bool there = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};

  explicit FileState(const std::filesystem::path& file) {
    struct stat status {};
    there = ::stat(file.c_str(), &status) == 0;
    if (!there) return;
    device = status.st_dev;
    inode = status.st_ino;
    size = status.st_size;
    changed = status.st_mtim;
  }
  [[nodiscard]] bool same_file(const FileState& other) const {
    return there && other.there && device == other.device && inode == other.inode;
  }
  [[nodiscard]] bool same_bytes(const FileState& other) const {
    return same_file(other) && size == other.size && changed.tv_sec == other.changed.tv_sec &&
           changed.tv_nsec == other.changed.tv_nsec;
  }
};

/// The columns that tell rows of one model apart, before those of the single table.
constexpr const char* kAttackKey = "attack, attack_options, level, surrogate, ";

}  // namespace

struct ResultsStore::Impl {
  std::filesystem::path file;
  Access access;
  bool quiet;  ///< nobody was writing when it was opened
  FileState opened;
  std::unique_ptr<SQLite::Database> database;
  mutable ByteBudget budget;

  Impl(const std::filesystem::path& path, Access how)
      : file(path), access(how), quiet(!has_log()), opened(path) {
    database = how == Access::kWrite ? open_for_writing(file) : open_for_reading(file);
    if (how == Access::kWrite) opened = FileState(file);
  }

  [[nodiscard]] bool has_log() const {
    std::error_code code;
    return std::filesystem::exists(file.string() + "-wal", code);
  }

  /// A file that was removed can still be written to, and everything would be lost with it.
  void check_place() const {
    const FileState now(file);
    if (access == Access::kWrite && !now.same_file(opened)) {
      throw Error(ErrorKind::kData,
                  {"the results database was removed while it was in use", file.string(),
                   "run the same command again, and leave its folder alone until it has ended"});
    }
    if (access == Access::kRead && quiet && !now.same_bytes(opened)) {
      throw Error(ErrorKind::kData, {"the results database changed while it was read",
                                     file.string(), "run the same command again"});
    }
  }

  /// Runs `work` and speaks of its failures as the contract says.
  template <class Work>
  auto guarded(Work&& work) const {
    if (access == Access::kWrite) budget = {};
    try {
      check_place();
      if constexpr (std::is_void_v<decltype(work(*database))>) {
        work(*database);
        check_place();
      } else {
        auto result = work(*database);
        check_place();
        return result;
      }
    } catch (const SQLite::Exception& error) {
      throw_database_error(file, error);
    }
  }

  template <class Row>
  void replace_all(std::string_view table, std::string_view columns, const std::vector<Row>& rows) {
    guarded([&](SQLite::Database& db) {
      SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
      SQLite::Statement insert(db, insert_sql("INSERT OR REPLACE", table, columns));
      for (const Row& row : rows) {
        for_each_field(fields_of(row), Binder(insert));
        insert.exec();
        insert.reset();
      }
      transaction.commit();
    });
  }

  /// A file of an earlier schema that is only read lacks the later tables.
  [[nodiscard]] bool has(const char* table) const {
    return guarded([&](SQLite::Database& db) { return db.tableExists(table); });
  }

  template <class Row>
  std::vector<Row> all(std::string_view columns, std::string_view rest) const {
    return guarded([&](SQLite::Database& db) {
      SQLite::Statement select(db, select_sql(columns, rest));
      return take_all<Row>(select, budget);
    });
  }

  /// Rows of one run. \param order  columns, most significant first
  template <class Row>
  std::vector<Row> all_of_run(std::string_view columns, const std::string& table,
                              const std::string& order, std::int64_t run) const {
    return guarded([&](SQLite::Database& db) {
      SQLite::Statement select(
          db, select_sql(columns, table + " WHERE run = ? ORDER BY model, " + order));
      select.bind(1, run);
      return take_all<Row>(select, budget);
    });
  }
};

ResultsStore::ResultsStore(const std::filesystem::path& file, Access access)
    : impl_(std::make_unique<Impl>(file, access)) {}

ResultsStore::~ResultsStore() = default;

bool ResultsStore::available() { return true; }

std::int64_t ResultsStore::begin_run(const RunRow& run) {
  RunRow row = run;
  row.status = "running";
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement insert(db, insert_sql("INSERT", "runs", kRunColumns));
    for_each_field(fields_of(row), Binder(insert));
    insert.bind(1);  // SQLite gives the id
    insert.exec();
    return static_cast<std::int64_t>(db.getLastInsertRowid());
  });
}

void ResultsStore::set_run_status(std::int64_t run, const std::string& status,
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

std::vector<RunRow> ResultsStore::runs() const {
  return impl_->all<RunRow>(kRunColumns, "runs ORDER BY id");
}

std::vector<ModelRow> ResultsStore::models() const {
  return impl_->all<ModelRow>(kModelColumns, "models ORDER BY id");
}

std::vector<ImageRow> ResultsStore::images() const {
  return impl_->all<ImageRow>(kImageColumns, "images ORDER BY id");
}

std::vector<ScoreRow> ResultsStore::scores(std::int64_t run) const {
  return impl_->all_of_run<ScoreRow>(kScoreColumns, "scores", std::string(kAttackKey) + "image",
                                     run);
}

std::vector<DistanceRow> ResultsStore::distances(std::int64_t run) const {
  if (!impl_->has("distances")) return {};
  return impl_->all_of_run<DistanceRow>(kDistanceColumns, "distances",
                                        std::string(kAttackKey) + "distance, image", run);
}

std::vector<MeasureRow> ResultsStore::measures(std::int64_t run) const {
  return impl_->all_of_run<MeasureRow>(kMeasureColumns, "measures",
                                       std::string(kAttackKey) + "block, measure", run);
}

std::vector<FlagRow> ResultsStore::flags(std::int64_t run) const {
  return impl_->all_of_run<FlagRow>(kFlagColumns, "flags", "attack, flag", run);
}

std::vector<ExampleRow> ResultsStore::examples(std::int64_t run) const {
  if (!impl_->has("examples")) return {};
  return impl_->all_of_run<ExampleRow>(kExampleColumns, "examples",
                                       std::string(kAttackKey) + "change DESC, image", run);
}

std::vector<HistoryRow> ResultsStore::history() const {
  if (!impl_->has("history")) return {};
  return impl_->all<HistoryRow>(kHistoryColumns, "history ORDER BY model, epoch, quantity");
}

std::vector<AttackRow> ResultsStore::attacks() const {
  if (!impl_->has("attacks")) return attacks_of_older_databases();
  return impl_->all<AttackRow>(kAttackColumns, "attacks ORDER BY name");
}

std::vector<ModelTitleRow> ResultsStore::model_titles() const {
  if (!impl_->has("model_titles")) return model_titles_of_older_databases();
  return impl_->all<ModelTitleRow>(kModelTitleColumns, "model_titles ORDER BY name");
}

std::vector<CellRow> ResultsStore::cells() const {
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement select(
        db, "SELECT study, cell, state, ifnull(run, 0), error FROM cells ORDER BY study, cell");
    std::vector<CellRow> rows;
    while (select.executeStep()) {
      CellRow& row = rows.emplace_back();
      for_each_field(std::tie(row.study, row.cell, row.state, row.run, row.error),
                     Taker(select, impl_->budget));
    }
    return rows;
  });
}

std::map<std::int64_t, std::string> ResultsStore::thumbnails() const {
  constexpr int kMostThumbnail = 1 << 20;
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement select(db, "SELECT id, thumbnail FROM images WHERE length(thumbnail) <= ?");
    select.bind(1, kMostThumbnail);
    std::map<std::int64_t, std::string> all;
    while (select.executeStep()) {
      std::int64_t id = 0;
      Blob thumbnail;
      for_each_field(std::tie(id, thumbnail), Taker(select, impl_->budget));
      all[id] = std::move(thumbnail.bytes);
    }
    return all;
  });
}

}  // namespace robiq
