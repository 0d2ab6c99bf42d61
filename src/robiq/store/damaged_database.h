#pragma once
// Apart from database_check.h, which needs SQLite: a compute-only build has this too.
#include <filesystem>

#include "robiq/core/error.h"

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

}  // namespace robiq
