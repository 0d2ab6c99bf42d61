#pragma once
#include <map>
#include <string>

#include "robiq/store/results_store.h"

namespace robiq {

/// What a results database knows of a study's cells, by name. \param study  its name
[[nodiscard]] std::map<std::string, CellRow> study_cells(const ResultsStore& store,
                                                         const std::string& study);

/// Seconds of those of the cells that are done, by name.
[[nodiscard]] std::map<std::string, double> cell_seconds(
    const ResultsStore& store, const std::map<std::string, CellRow>& cells);

}  // namespace robiq
