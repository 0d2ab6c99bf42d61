#pragma once
// Apart from row_binding.h, which needs SQLite: a compute-only build has this too.
#include <string>
#include <vector>

#include "robiq/store/results_store.h"

namespace robiq {

/// Rows as bytes that another process of this program reads again exactly, NaN and infinity
/// included. For ScoreRow, DistanceRow and ExampleRow.
template <class Row>
[[nodiscard]] std::string pack_rows(const std::vector<Row>& rows);

/// \throws Error{kData} for bytes that pack_rows() did not make of such rows
template <class Row>
[[nodiscard]] std::vector<Row> unpack_rows(const std::string& bytes);

}  // namespace robiq
