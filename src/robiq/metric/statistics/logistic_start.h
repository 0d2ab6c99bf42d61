#pragma once
#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "robiq/metric/statistics/logistic_fit.h"

namespace robiq {

/// The bend of a curve, 1 / (1 + exp(-(x - place) / width)). Each curve is a bend times a height, a
/// constant and, with five parameters, a straight line, so that all but the bend follows from
/// linear least squares.
struct Bend {
  double place = 0, width = 1;
};

/// Where the search for the best bend begins: bends of every place and width that the scores can
/// tell apart are tried.
/// \param x, y  scores and MOS, of equal length, each with mean 0 and spread 1
/// \param most  how many to give at most
/// \return those that leave the least squares, the best first; of those that are much alike, one
[[nodiscard]] std::vector<Bend> starting_bends(LogisticForm form, const Eigen::VectorXd& x,
                                               const Eigen::VectorXd& y, std::size_t most);

}  // namespace robiq
