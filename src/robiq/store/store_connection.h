#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/store/database.h"
#include "robiq/store/results_store.h"
#include "robiq/store/row_binding.h"

namespace robiq {

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

/// "INSERT ... INTO table(columns) VALUES(?, ...)". \param verb  "INSERT OR REPLACE"
[[nodiscard]] std::string insert_sql(std::string_view verb, std::string_view table,
                                     std::string_view columns);

/// "SELECT columns FROM rest".
[[nodiscard]] std::string select_sql(std::string_view columns, std::string_view rest);

template <class Row>
std::vector<Row> take_all(SQLite::Statement& select, ByteBudget& budget) {
  std::vector<Row> rows;
  while (select.executeStep()) {
    for_each_field(fields_of(rows.emplace_back()), Taker(select, budget));
  }
  return rows;
}

/// Puts rows into a table; one whose key is there already is replaced.
template <class Row>
void replace_rows(SQLite::Database& database, std::string_view table, std::string_view columns,
                  const std::vector<Row>& rows) {
  SQLite::Statement insert(database, insert_sql("INSERT OR REPLACE", table, columns));
  for (const Row& row : rows) {
    for_each_field(fields_of(row), Binder(insert));
    insert.exec();
    insert.reset();
  }
}

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
      check_place();  // what SQLite says of a folder that is gone tells nobody what happened
      throw_database_error(file, error);
    }
  }

  template <class Row>
  void replace_all(std::string_view table, std::string_view columns, const std::vector<Row>& rows) {
    guarded([&](SQLite::Database& db) {
      SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
      replace_rows(db, table, columns, rows);
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

}  // namespace robiq
