#pragma once
#include <vector>

namespace robiq {

/// Quantile of values sorted upwards, between neighbours by linear interpolation.
/// \param part  0..1
[[nodiscard]] double quantile_of_sorted(const std::vector<double>& sorted, double part);

/// Silverman's rule of thumb, 0.9 min(sd, IQR / 1.34) n^(-1/5) (Silverman 1986, Eq. 3.31), with the
/// sample's standard deviation. Where the middle half of the values is one value, the deviation
/// alone counts. 0 for fewer than two values and for equal ones.
[[nodiscard]] double silverman_bandwidth(std::vector<double> values);

/// The Gaussian kernel density of `values` at the places `at`. Plain: nothing is reflected at a
/// border, so that near a border some of the mass lies beyond it.
/// \param bandwidth  above 0
[[nodiscard]] std::vector<double> kernel_density(const std::vector<double>& values,
                                                 double bandwidth, const std::vector<double>& at);

}  // namespace robiq
