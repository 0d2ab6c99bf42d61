#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "robiq/app/evaluate/threshold.h"
#include "robiq/app/study/progress/study_cells.h"
#include "robiq/app/study/study_plan.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// A study as it was asked for: the file with what the command line puts in its place.
struct StudySetup {
  std::string text;  ///< of the file
  Study study;
  StudyFolder folder;
  std::vector<StudyCell> cells;
};

/// \param out   "": runs/NAME
/// \param data  none: the study's
[[nodiscard]] StudySetup set_up_study(const std::string& file, const std::string& out,
                                      const std::vector<std::string>& data);

/// The names of its cells.
[[nodiscard]] NotedCells names_of_cells(const StudySetup& setup);

/// For every cell, whether it is to be done: those whose name one of the globs is of, and all that
/// they need. No globs: all. \throws Error{kUsage} for a glob of no cell
[[nodiscard]] std::vector<bool> chosen_cells(const std::vector<StudyCell>& cells,
                                             const std::vector<std::string>& globs);

/// What @NAME may be for a cell's results.
[[nodiscard]] std::vector<std::string> names_of(const StudyCell& cell);

/// What the study will measure, for thresholds.
[[nodiscard]] JudgedWork judged_work(const StudySetup& setup);

/// Holds the study to what its folder already has of it.
/// \param begun  cells of the folder that were begun, by name
/// \throws Error{kUsage} naming the first cell that is no longer the same
void check_unchanged(const StudySetup& setup, const std::map<std::string, CellRow>& begun);

/// Writes the study into its folder, unless it stands there as it is.
void keep_config(const StudySetup& setup);

/// Where a cell is worked on.
struct StudyPlace {
  std::string device;
  std::int64_t threads = 0;
  /// Called with the run of an evaluation, once it has one.
  std::function<void(std::int64_t run)> began;
};

/// Does one cell in this process, alone, and goes on where an earlier start of it was cut off.
/// \throws what the cell's command throws; Interrupted when the user stops it
void work_on(const StudyCell& cell, const StudyPlace& place);

}  // namespace robiq
