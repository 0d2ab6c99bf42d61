#include "robiq/store/database_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <map>
#include <string>
#include <vector>

#include "robiq/store/damaged_database.h"
#include "robiq/store/database.h"

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

bool came_later(const std::string& table) {
  return table == "distances" || table == "examples" || table == "history";
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
  if (said != "ok")
    refuse(file, "the results database is damaged: " + said.substr(0, said.find('\n')));
  SQLite::Statement strays(database, "PRAGMA foreign_key_check");
  if (!strays.executeStep()) return;
  refuse(file,
         fmt::format(
             "the results database is damaged: a row of '{}' names a row of '{}' that is not there",
             strays.getColumn(0).getString(), strays.getColumn(2).getString()));
}

}  // namespace robiq
