#include "robiq/app/study/study_failure.h"

#include <fmt/format.h>

#include <algorithm>

namespace robiq {

std::string one_line(const Error& error) {
  const ErrorText& text = error.text();
  return text.where.empty() ? text.what : text.what + " (" + text.where + ")";
}

std::optional<Error> failure_of(const StudySetup& setup, const std::vector<CellFailure>& failures,
                                std::size_t not_done) {
  if (failures.empty()) return std::nullopt;
  const auto earlier = [](const CellFailure& a, const CellFailure& b) { return a.cell < b.cell; };
  const CellFailure& first = *std::min_element(failures.begin(), failures.end(), earlier);
  const std::size_t not_begun = not_done - failures.size();
  const std::string others =
      not_begun == 0 ? "" : fmt::format(", and {} that need them were not begun", not_begun);
  return Error(static_cast<ErrorKind>(first.exit_code),
               {fmt::format("{} of {} cells failed{}; the first, {}: {}", failures.size(),
                            setup.cells.size(), others, setup.cells[first.cell].name, first.text),
                setup.folder.path().string(),
                "fix it; the same command then tries them again and keeps what is done"});
}

}  // namespace robiq
