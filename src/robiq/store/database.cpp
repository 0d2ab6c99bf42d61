#include "robiq/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/version.h"
#include "robiq/store/database_check.h"
#include "robiq/store/schema.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void throw_data_error(const fs::path& file, const std::string& what,
                                   const std::string& hint) {
  throw Error(ErrorKind::kData, {what, file.string(), hint});
}

[[noreturn]] void throw_not_ours(const fs::path& file) {
  throw DamagedDatabase({"this is not a results database of robiq", file.string(),
                         "move it away, or name another folder"});
}

/// `PRAGMA application_id` in schema.sql.
constexpr int kApplicationId = 0x72627171;

bool has_tables(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
}

/// True when it is ours, false when nothing is in it yet. Inside a transaction: between two looks
/// another program may make the tables.
bool check_identity(SQLite::Database& database, const fs::path& file) {
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  if (id == 0 && !has_tables(database)) return false;
  if (id != kApplicationId) throw_not_ours(file);
  SQLite::Statement meta(database, "SELECT type FROM sqlite_master WHERE name = 'meta'");
  if (!meta.executeStep() || meta.getColumn(0).getString() != "table") throw_not_ours(file);
  const int version = schema_version(database);
  if (version > kSchemaVersion) {
    throw_data_error(file,
                     fmt::format("the results were written by a newer robiq (schema {}, this "
                                 "program knows {})",
                                 version, kSchemaVersion),
                     "use that robiq, or a newer one");
  }
  if (version < 1) throw_not_ours(file);
  check_tables(database, version, file);
  return true;
}

/// As check_identity(), and the whole of what it holds is looked through, by each process once.
/// Changes nothing.
bool check_all(SQLite::Database& database, const fs::path& file) {
  static std::mutex mutex;
  static std::set<std::tuple<std::string, dev_t, ino_t>> sound;
  const SQLite::Transaction one_moment(database);
  if (!check_identity(database, file)) return false;
  struct stat status {};
  const bool known = ::stat(file.c_str(), &status) == 0;
  const std::lock_guard<std::mutex> lock(mutex);
  if (known && sound.contains({file.string(), status.st_dev, status.st_ino})) return true;
  check_contents(database, file);
  if (known) sound.emplace(file.string(), status.st_dev, status.st_ino);
  return true;
}

/// The tables come with one transaction: another program sees all of them or none.
void create_schema(SQLite::Database& database, const fs::path& file) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (check_identity(database, file)) return;  // another writer was first
  create_tables(database);
  SQLite::Statement insert(database, "INSERT INTO meta VALUES('robiq_version', ?)");
  insert.bind(1, std::string(version()));
  insert.exec();
  transaction.commit();
}

bool is_busy(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_BUSY || error.getErrorCode() == SQLITE_LOCKED;
}

/// Changing the mode needs the file for itself, and SQLite does not wait for that by itself while
/// others open it too.
void write_ahead(SQLite::Database& database, const fs::path& file) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(kBusyMilliseconds);
  while (true) {
    try {
      if (database.execAndGet("PRAGMA journal_mode = WAL").getString() == "wal") return;
      break;
    } catch (const SQLite::Exception& error) {
      if (!is_busy(error) || Clock::now() > end) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw_data_error(file, "this file system cannot hold a results database: no shared memory",
                   "put the run folder on a local disk");
}

/// As SQLite's URIs want it (https://sqlite.org/uri.html).
std::string uri_of(const fs::path& file) {
  std::string uri = "file:";
  for (const char c : fs::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", c);
    } else {
      uri += c;
    }
  }
  return uri;
}

}  // namespace

void throw_database_error(const fs::path& file, const SQLite::Exception& error) {
  const std::string said = error.what();
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
      throw_not_ours(file);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw_data_error(file, "another program is writing to the results database",
                       "wait until it has ended, or write to another folder");
    case SQLITE_TOOBIG:
      throw DamagedDatabase(
          {"the results database holds a value larger than robiq ever writes", file.string(), ""});
    case SQLITE_CORRUPT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      throw DamagedDatabase({"the results database is damaged: " + said, file.string(), ""});
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      throw Error(ErrorKind::kInternal,
                  {"a row does not fit the results database: " + said, file.string(),
                   "this is a bug of robiq; please report it"});
    default:
      throw_data_error(file, "the results database cannot be used: " + said,
                       "check that every part of the path is a folder, that you may write there, "
                       "and that the disk has room");
  }
}

std::unique_ptr<SQLite::Database> open_for_writing(const fs::path& file) {
  if (file.has_parent_path()) make_folder(file.parent_path());
  std::error_code code;
  if (fs::exists(file, code) && !fs::is_regular_file(file, code)) throw_not_ours(file);
  try {
    auto database = std::make_unique<SQLite::Database>(
        file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds);
    distrust(*database);
    const bool ours = check_all(*database, file);  // before anything is changed
    write_ahead(*database, file);
    database->exec("PRAGMA synchronous = NORMAL");
    database->exec("PRAGMA foreign_keys = ON");
    if (!ours) create_schema(*database, file);
    if (schema_version(*database) < kSchemaVersion) upgrade_schema(*database);
    return database;
  } catch (const SQLite::Exception& error) {
    throw_database_error(file, error);
  }
}

namespace {

/// Without a write-ahead log beside it nobody is writing, and "immutable" keeps SQLite from making
/// one; with a log, SQLite must read that too.
std::unique_ptr<SQLite::Database> connect_for_reading(const fs::path& file) {
  constexpr int kTries = 20;
  for (int tries_left = kTries;; --tries_left) {
    std::error_code code;
    const bool quiet = !fs::exists(file.string() + "-wal", code);
    try {
      auto database = std::make_unique<SQLite::Database>(
          uri_of(file) + (quiet ? "?immutable=1" : ""), SQLite::OPEN_READONLY | SQLite::OPEN_URI,
          kBusyMilliseconds);
      distrust(*database);
      has_tables(*database);  // SQLite opens the files at the first look
      return database;
    } catch (const SQLite::Exception& error) {
      // The log goes when the last writer closes: it may have gone since we looked.
      if (quiet || tries_left == 1 || error.getErrorCode() != SQLITE_CANTOPEN) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

}  // namespace

std::unique_ptr<SQLite::Database> open_for_reading(const fs::path& file) {
  std::error_code code;
  if (!fs::exists(file, code)) {
    const bool folder = fs::is_directory(file.parent_path(), code);
    throw_data_error(file, "there is no results database",
                     folder ? "name the folder of a run, or wait for the run's first results"
                            : "name the folder of a run: no folder of that name exists");
  }
  try {
    auto database = connect_for_reading(file);
    database->exec("BEGIN");  // to the end of the connection: all is read as of one moment
    if (!check_identity(*database, file)) {
      throw_data_error(file, "nothing was done in this run folder yet",
                       "run its command again, and wait for the first results");
    }
    check_contents(*database, file);
    return database;
  } catch (const SQLite::Exception& error) {
    throw_database_error(file, error);
  }
}

}  // namespace robiq
