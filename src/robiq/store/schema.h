#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

namespace robiq {

/// The version of schema.sql that this program writes. It reads all before, and a writer makes them
/// into this one.
inline constexpr int kSchemaVersion = 5;

/// The version of a results database. \throws SQLite::Exception where it says none
[[nodiscard]] int schema_version(SQLite::Database& database);

/// Makes the tables of this program's schema in an empty database.
void create_tables(SQLite::Database& database);

/// Makes an older results database into one of kSchemaVersion, whole or not at all.
void upgrade_schema(SQLite::Database& database);

}  // namespace robiq
