#include "robiq/store/schema.h"

#include <set>
#include <string>
#include <string_view>

#include "robiq/store/attack_options.h"
#include "robiq/store/row_columns.h"
#include "robiq/store/sql/attacks_sql.h"
#include "robiq/store/sql/distances_sql.h"
#include "robiq/store/sql/examples_sql.h"
#include "robiq/store/sql/history_sql.h"
#include "robiq/store/sql/model_titles_sql.h"
#include "robiq/store/sql/schema_sql.h"
#include "robiq/store/store_connection.h"

namespace robiq {
namespace {

void add_later_tables(SQLite::Database& database) {
  for (const std::string_view sql :
       {kDistancesSql, kExamplesSql, kHistorySql, kAttacksSql, kModelTitlesSql}) {
    database.exec(std::string(sql));
  }
}

void store_options_as_json(SQLite::Database& database) {
  for (const std::string table : {"scores", "measures", "distances", "examples"}) {
    std::set<std::string> older;
    SQLite::Statement select(database, "SELECT DISTINCT attack_options FROM " + table);
    while (select.executeStep()) older.insert(select.getColumn(0).getString());
    SQLite::Statement update(database, "UPDATE OR REPLACE " + table +
                                           " SET attack_options = ?2 WHERE attack_options = ?1");
    for (const std::string& stored : older) {
      update.bind(1, stored);
      update.bind(2, AttackOptions::from_stored(stored).stored());
      update.exec();
      update.reset();
    }
  }
}

}  // namespace

int schema_version(SQLite::Database& database) {
  return database.execAndGet("SELECT value FROM meta WHERE key = 'schema_version'").getInt();
}

void create_tables(SQLite::Database& database) {
  database.exec(std::string(kSchemaSql));
  add_later_tables(database);
}

void upgrade_schema(SQLite::Database& database) {
  constexpr int kWithAttacks = 4;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const bool has_attacks = schema_version(database) >= kWithAttacks;
  add_later_tables(database);
  if (!has_attacks) {
    store_options_as_json(database);
    replace_rows(database, "attacks", kAttackColumns, attacks_of_older_databases());
  }
  replace_rows(database, "model_titles", kModelTitleColumns, model_titles_of_older_databases());
  SQLite::Statement update(database, "UPDATE meta SET value = ? WHERE key = 'schema_version'");
  update.bind(1, std::to_string(kSchemaVersion));
  update.exec();
  transaction.commit();
}

}  // namespace robiq
