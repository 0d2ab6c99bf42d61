#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

namespace robiq {

/// The version of schema.sql that this program writes. It reads all before, and a writer makes them
/// into this one:
///
///   2  the table `distances`
///   3  the tables `examples` and `history`
///   4  the table `attacks`, and options as JSON
///   5  the table `model_titles`
///
/// Tables are added only, never changed or taken away: a report of an older database needs none of
/// the later ones, and says less.
inline constexpr int kSchemaVersion = 5;

/// The version of a results database. \throws SQLite::Exception where it says none
[[nodiscard]] int schema_version(SQLite::Database& database);

/// Makes the tables of this program's schema in an empty database.
/// \throws SQLite::Exception where one of them is there already
void create_tables(SQLite::Database& database);

/// Makes an older results database into one of kSchemaVersion, in one transaction: other programs
/// see the older one or the new one.
/// \throws SQLite::Exception; the database is then as it was
void upgrade_schema(SQLite::Database& database);

}  // namespace robiq
