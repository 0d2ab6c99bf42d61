#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence/data_rows.h"
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/figures/vega_lite.h"

namespace robiq {

/// Columns NAME, NAME_low and NAME_high of a curve's row: the mean over seeds, and one standard
/// deviation below and above it; of one seed its interval over the pictures.
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

/// Quantile of values sorted upwards, between neighbours by linear interpolation.
/// \param part  0..1
[[nodiscard]] double quantile_of_sorted(const std::vector<double>& sorted, double part);

/// Silverman's rule of thumb, 0.9 min(sd, IQR / 1.34) n^(-1/5) (Silverman 1986, Eq. 3.31), with the
/// sample's standard deviation. Where the middle half of the values is one value, the deviation
/// alone counts. 0 for fewer than two values and for equal ones.
[[nodiscard]] double silverman_bandwidth(std::vector<double> values);

/// The Gaussian kernel density of `values` at `places`. Plain: nothing is reflected at a border, so
/// that near a border some of the mass lies beyond it.
/// \param bandwidth  above 0
[[nodiscard]] std::vector<double> kernel_density(const std::vector<double>& values,
                                                 double bandwidth,
                                                 const std::vector<double>& places);

}  // namespace robiq
