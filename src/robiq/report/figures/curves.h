#pragma once
#include <string>

#include "robiq/report/evidence/data_rows.h"
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/figures/vega_lite.h"

namespace robiq {

/// Columns NAME, NAME_low and NAME_high of a curve's row: the mean over seeds, and one standard
/// deviation below and above it.
[[nodiscard]] DataRows::Row curve_cells(const std::string& name, const Statistic& value);

/// How a panel of curves is drawn.
struct CurvePanel {
  std::string title, data;
  Json transform;       ///< filters, that by model first
  Json x, y, colour;    ///< channels; y is also the name of its band
  Json tooltip;         ///< channels
  bool banded = false;  ///< whether the data have deviations
};

/// Lines with points on them, and bands where there are deviations.
[[nodiscard]] Json curve_panel(const Extent& extent, const CurvePanel& panel);

/// From the least to the largest of a curve's values and of the ends of its bands.
[[nodiscard]] Span curve_span(const DataTable& table, const std::string& name);

/// Whether any number of a column is finite.
[[nodiscard]] bool has_numbers(const DataTable& table, const std::string& column);

}  // namespace robiq
