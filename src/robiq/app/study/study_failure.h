#pragma once
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/study/study_setup.h"
#include "robiq/core/error.h"

namespace robiq {

/// A cell that could not be done.
struct CellFailure {
  std::size_t cell = 0;  ///< its position
  int exit_code = 0;
  std::string text;
};

/// What is wrong and where, without how to fix it.
[[nodiscard]] std::string one_line(const Error& error);

/// What a study with failed cells ends with: the kind of its first failure; nothing without any.
/// \param not_done  cells that were to be done and are not, the failed ones among them
[[nodiscard]] std::optional<Error> failure_of(const StudySetup& setup,
                                              const std::vector<CellFailure>& failures,
                                              std::size_t not_done);

}  // namespace robiq
