#pragma once
#include <filesystem>

#include "robiq/core/error.h"

namespace SQLite {
class Database;
}

namespace robiq {

/// Error{kData} of a results database that is damaged, or that robiq did not write.
class DamagedDatabase : public Error {
 public:
  /// \param text  with its `hint` left empty, what can be kept is told
  explicit DamagedDatabase(ErrorText text);
};

/// Gives a results database another name in its folder, and its log too. \return the new name
/// \throws Error{kData} when it cannot be renamed
std::filesystem::path set_aside(const std::filesystem::path& file);

/// The longest text, picture or row that a results database may hold, in bytes.
inline constexpr int kMostValueBytes = 128 << 20;

/// Makes a connection safe for a file that a stranger wrote: nothing in its schema is run, and no
/// value is longer than kMostValueBytes.
void distrust(SQLite::Database& database);

/// That what stands under the names of robiq's tables are these tables, as robiq makes them, and
/// that nothing acts on them: no trigger, no index of others.
/// \param version  of its schema: later tables may be missing
/// \throws Error{kData} naming the first that differs
void check_tables(SQLite::Database& database, int version, const std::filesystem::path& file);

/// That the pages of the file are sound, every row names a run, a model and a picture that are
/// there, and columns of words hold those that robiq writes. Reads the whole file.
/// \throws Error{kData}
void check_contents(SQLite::Database& database, const std::filesystem::path& file);

}  // namespace robiq
