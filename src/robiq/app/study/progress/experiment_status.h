#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/app/study/progress/study_cells.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/text/enum_words.h"

namespace robiq {

/// What `robiq experiment status` is told.
struct ExperimentStatusRequest {
  std::string file, out;
  std::vector<std::string> data;

  static OptionTable<ExperimentStatusRequest> options();
};

/// How far a cell of a study is, begun or not. One that is stopped was running when its process
/// ended.
enum class CellProgress : std::uint8_t { kDone, kRunning, kStopped, kFailed, kToDo };
[[nodiscard]] constexpr std::array<std::string_view, 5> words_of(CellProgress /*type*/) {
  return {"done", "running", "stopped", "failed", "to do"};
}

/// A cell of a study, as it is now.
struct CellStatus {
  std::string cell;
  CellProgress state = CellProgress::kToDo;
  std::optional<double> seconds;
  std::string error;  ///< of one that failed, on one line

  static ResultColumns<CellStatus> columns();
};

/// How far a study is; it may be running meanwhile.
struct ExperimentStatus {
  std::vector<CellStatus> rows;
  std::string summary;  ///< "12 of 18 cells are done, 1 failed, 5 to do"
};

/// How far a study is whose cells are known.
[[nodiscard]] ExperimentStatus status_of(const StudyFolder& folder, const NotedCells& cells);

/// The status that needs no plan of the study and no LibTorch; nothing where `robiq experiment run`
/// has not noted the cells of the study as it is now.
[[nodiscard]] std::optional<ExperimentStatus> noted_status(const ExperimentStatusRequest& request);

}  // namespace robiq
