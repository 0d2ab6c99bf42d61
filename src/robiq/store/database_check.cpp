#include "robiq/store/database_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/store/database.h"
#include "robiq/store/results_store.h"
#include "robiq/store/schema.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw DamagedDatabase({what, file.string(), ""});
}

struct SchemaObject {
  std::string type, name, table, sql;
};

std::vector<SchemaObject> objects_in(SQLite::Database& database) {
  std::vector<SchemaObject> objects;
  SQLite::Statement select(database,
                           "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_master");
  while (select.executeStep()) {
    objects.push_back({select.getColumn(0).getString(), select.getColumn(1).getString(),
                       select.getColumn(2).getString(), select.getColumn(3).getString()});
  }
  return objects;
}

/// SQLite's names do not tell capitals from small letters.
std::string folded(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

/// Tables and indexes as this program makes them, by name.
std::map<std::string, SchemaObject> own_objects() {
  SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  create_tables(fresh);
  std::map<std::string, SchemaObject> own;
  for (SchemaObject& object : objects_in(fresh)) own.emplace(object.name, std::move(object));
  return own;
}

std::string with_article(const std::string& type) {
  return (type == "index" ? "an " : "a ") + type;
}

/// Pages of the file that hold nothing but zeros. SQLite does not miss what stood in them where a
/// long value ends, and robiq writes no such values. Read by SQLite's own handle: to close another
/// one would give up the locks that this process has on the file, and a second process would then
/// take the write-ahead log away (https://sqlite.org/howtocorrupt.html, 2.2).
std::int64_t zeroed_pages(SQLite::Database& database, std::int64_t page_bytes) {
  constexpr std::int64_t kLockByte = 1 << 30;  // its page is never used
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER,
                       static_cast<void*>(&file));
  std::string page(static_cast<std::size_t>(page_bytes), '\0');
  const std::string zeros = page;
  std::int64_t count = 0;
  const auto read_at = [&](std::int64_t place) {  // false behind the end
    return file->pMethods->xRead(file, page.data(), static_cast<int>(page_bytes), place) ==
           SQLITE_OK;
  };
  for (std::int64_t place = 0; read_at(place); place += page_bytes) {
    const bool unused = place <= kLockByte && kLockByte < place + page_bytes;
    if (!unused && page == zeros) ++count;
  }
  return count;
}

void check_zeroed_pages(SQLite::Database& database, const std::filesystem::path& file) {
  const auto being_written = [&] {  // newer pages may then stand in the log
    std::error_code code;
    const auto size = std::filesystem::file_size(file.string() + "-wal", code);
    return !code && size > 0;
  };
  if (being_written()) return;
  const auto number = [&](const char* pragma) {
    return database.execAndGet(std::string("PRAGMA ") + pragma).getInt64();
  };
  const std::int64_t zeroed = zeroed_pages(database, number("page_size"));
  if (zeroed <= number("freelist_count") || being_written()) return;
  refuse(file, "the results database is damaged: a page of it was overwritten with zeros");
}

/// The first line of SQLite's complaint that says something: headings begin with stars.
std::string first_complaint(const std::string& said) {
  for (const std::string& line : split(said, '\n')) {
    if (!line.empty() && !line.starts_with("***")) return line;
  }
  return "its pages do not fit together";
}

bool came_later(const std::string& table) {
  return table == "distances" || table == "examples" || table == "history" || table == "attacks" ||
         table == "model_titles";
}

/// That a column holds words of an enum alone.
template <Worded E>
void check_words(SQLite::Database& database, const char* table, const char* column,
                 const std::filesystem::path& file) {
  SQLite::Statement words(database, fmt::format("SELECT DISTINCT {} FROM {}", column, table));
  while (words.executeStep()) {
    const std::string word = words.getColumn(0).getString();
    if (with_word<E>(word)) continue;
    refuse(file, fmt::format("the results database is damaged: robiq writes no such "
                             "{} as '{}' in '{}'",
                             column, word.substr(0, 40), table));
  }
}

}  // namespace

void distrust(SQLite::Database& database) {
  sqlite3* const handle = database.getHandle();
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMostValueBytes);
  constexpr int kOff = 0, kOn = 1;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, kOff, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, kOff, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, kOn, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, kOff, nullptr);
}

void check_tables(SQLite::Database& database, int version, const std::filesystem::path& file) {
  static const std::map<std::string, SchemaObject> kOwn = own_objects();
  std::map<std::string, int> found;
  for (const SchemaObject& object : objects_in(database)) {
    const std::string name = folded(object.name);
    const auto own = kOwn.find(name);
    if (own != kOwn.end()) {
      ++found[name];
      if (object.type != own->second.type) {
        refuse(file, fmt::format("the results database has {} '{}' where robiq has {}",
                                 with_article(object.type), name, with_article(own->second.type)));
      }
      if (object.sql != own->second.sql || found[name] > 1) {
        refuse(file, fmt::format("the {} '{}' of the results database is not as robiq makes it",
                                 object.type, name));
      }
    } else if (kOwn.contains(folded(object.table))) {
      refuse(file, fmt::format("the results database holds the {} '{}', which robiq did not make",
                               object.type, object.name));
    }
  }
  for (const auto& [name, object] : kOwn) {
    if (found[name] > 0 || (version < kSchemaVersion && came_later(object.table))) continue;
    refuse(file, fmt::format("the results database has lost its {} '{}'", object.type, name));
  }
}

void check_contents(SQLite::Database& database, const std::filesystem::path& file) {
  const std::string said = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (said != "ok") refuse(file, "the results database is damaged: " + first_complaint(said));
  check_zeroed_pages(database, file);
  check_words<RunKind>(database, "runs", "kind", file);
  check_words<Severity>(database, "flags", "severity", file);
  check_words<CellState>(database, "cells", "state", file);
  SQLite::Statement strays(database, "PRAGMA foreign_key_check");
  if (!strays.executeStep()) return;
  refuse(file,
         fmt::format(
             "the results database is damaged: a row of '{}' names a row of '{}' that is not there",
             strays.getColumn(0).getString(), strays.getColumn(2).getString()));
}

}  // namespace robiq
