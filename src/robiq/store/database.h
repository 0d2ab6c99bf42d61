#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>

namespace robiq {

/// How long to wait for another writer's transaction.
inline constexpr int kBusyMilliseconds = 5000;

/// Turns what SQLite says of `file` into what our callers are promised: Error{kData}, or
/// Error{kInternal} where a row broke the schema.
[[noreturn]] void throw_database_error(const std::filesystem::path& file,
                                       const SQLite::Exception& error);

/// Opens or creates a results database in write-ahead mode: one writer, readers never wait, and a
/// writer that is killed loses its open transaction only.
/// \throws Error{kData} when it is another program's, newer than this program, damaged, or holds
///         what robiq does not write
[[nodiscard]] std::unique_ptr<SQLite::Database> open_for_writing(const std::filesystem::path& file);

/// Opens an existing results database; creates no file beside it. All is read as of the moment of
/// opening, whatever is written meanwhile.
/// \throws Error{kData} as open_for_writing(), and when it is missing or still empty
[[nodiscard]] std::unique_ptr<SQLite::Database> open_for_reading(const std::filesystem::path& file);

}  // namespace robiq
