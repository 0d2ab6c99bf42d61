#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/study/study_folder.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// The cells of a study by name, in order. Planning them takes every model, defense and attack that
/// robiq knows, and so LibTorch; who runs a study notes them in its folder, for those who only ask
/// how far it is.
struct NotedCells {
  std::string study;  ///< its name
  std::vector<std::string> cells;
};

/// Notes the cells in the folder.
/// \param text  of the study's file   \param data  data sets in place of its own
void note_cells(const StudyFolder& folder, const std::string& text,
                const std::vector<std::string>& data, const NotedCells& cells);

/// The cells as they were noted; nothing where this version of robiq has not noted them for the
/// study as the file holds it now, with these data sets. A pipe is left to who plans.
[[nodiscard]] std::optional<NotedCells> noted_cells(const std::string& out, const std::string& file,
                                                    const std::vector<std::string>& data);

/// What a results database knows of a study's cells that were begun, by name.
/// \param study  its name
[[nodiscard]] std::map<std::string, CellRow> begun_cells(const ResultsStore& store,
                                                         const std::string& study);

/// Seconds of those of the cells that are done, by name.
[[nodiscard]] std::map<std::string, double> cell_seconds(
    const ResultsStore& store, const std::map<std::string, CellRow>& cells);

}  // namespace robiq
