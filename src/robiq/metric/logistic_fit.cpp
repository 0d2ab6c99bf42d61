#include "robiq/metric/logistic_fit.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unsupported/Eigen/NonLinearOptimization>

namespace robiq {
namespace {

constexpr int kMostEvaluations = 500;
// Data that show only one bend of the curve, or none, leave a flat valley: an asymptote runs away
// while the curve hardly moves. There the search rests once a step lowers the squares by less than
// this share, or once they are this share of what the mean alone leaves.
constexpr double kFlatValley = 1e-6;
constexpr int kMostValleyEvaluations = 100;
// Longer columns are searched on this many rows, evenly spaced by score; all rows then only polish.
constexpr Eigen::Index kSearchRows = 10'000;

double sigmoid(double t) { return 1.0 / (1.0 + std::exp(-t)); }

std::size_t parameter_count(LogisticForm form) { return form == LogisticForm::kFour ? 4 : 5; }

/// A column as (value - mean) / spread.
struct Standardised {
  explicit Standardised(std::span<const double> values)
      : column(static_cast<Eigen::Index>(values.size())) {
    // From the first value on, so that equal values have a spread of exactly 0.
    const auto n = static_cast<double>(values.size());
    double sum = 0, square = 0;
    for (const double value : values) sum += value - values[0];
    mean = values[0] + sum / n;
    for (const double value : values) square += (value - mean) * (value - mean);
    spread = std::sqrt(square / n);
    Eigen::Index i = 0;
    for (const double value : values) column[i++] = (value - mean) / spread;
  }
  /// False when all entries are equal, or so large that their squares overflow.
  [[nodiscard]] bool usable() const { return std::isfinite(spread) && spread > 0; }

  double mean, spread;
  Eigen::VectorXd column;
};

/// What Eigen's Levenberg-Marquardt wants to know: residuals and their derivatives.
class Residuals {
 public:
  Residuals(LogisticForm form, const Eigen::VectorXd& x, const Eigen::VectorXd& y)
      : form_(form), x_(x), y_(y) {}

  [[nodiscard]] int inputs() const { return static_cast<int>(parameter_count(form_)); }
  [[nodiscard]] int values() const { return static_cast<int>(x_.size()); }

  int operator()(const Eigen::VectorXd& b, Eigen::VectorXd& residuals) const {
    const std::span<const double> parameters(b.data(), static_cast<std::size_t>(b.size()));
    for (Eigen::Index i = 0; i < x_.size(); ++i) {
      residuals[i] = logistic_value(form_, parameters, x_[i]) - y_[i];
    }
    return 0;
  }

  int df(const Eigen::VectorXd& b, Eigen::MatrixXd& jacobian) const {
    for (Eigen::Index i = 0; i < x_.size(); ++i) {
      if (form_ == LogisticForm::kFour) {
        const double s = sigmoid((x_[i] - b[2]) / std::abs(b[3]));
        const double slope = (b[0] - b[1]) * s * (1 - s) / std::abs(b[3]);
        const double along = -slope * (x_[i] - b[2]) / std::abs(b[3]);
        jacobian.row(i) << s, 1 - s, -slope, std::copysign(1.0, b[3]) * along;
      } else {
        const double s = sigmoid(b[1] * (x_[i] - b[2]));
        const double slope = b[0] * s * (1 - s);
        jacobian.row(i) << s - 0.5, slope * (x_[i] - b[2]), -slope * b[1], x_[i], 1.0;
      }
    }
    return 0;
  }

 private:
  LogisticForm form_;
  const Eigen::VectorXd& x_;
  const Eigen::VectorXd& y_;
};

struct Candidate {
  Eigen::VectorXd parameters;
  double squares = std::numeric_limits<double>::infinity();
};

/// Scores and MOS, standardised.
struct Columns {
  const Eigen::VectorXd x, y;
};

/// kSearchRows of the rows, evenly spaced in the order of their scores.
Columns thinned(const Columns& all) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(all.x.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return all.x[a] < all.x[b]; });
  Eigen::VectorXd x(kSearchRows), y(kSearchRows);
  for (Eigen::Index i = 0; i < kSearchRows; ++i) {
    const Eigen::Index place = i * (all.x.size() - 1) / (kSearchRows - 1);
    const Eigen::Index row = order[static_cast<std::size_t>(place)];
    x[i] = all.x[row];
    y[i] = all.y[row];
  }
  return {x, y};
}

/// Where the search begins: a gentle and a steep curve that rises or falls as the data do.
std::vector<Eigen::VectorXd> starting_points(LogisticForm form, const Columns& columns) {
  const double direction = columns.x.dot(columns.y) < 0 ? -1.0 : 1.0;
  std::vector<Eigen::VectorXd> starts;
  for (const double width : {0.3, 1.0}) {
    Eigen::VectorXd b(static_cast<Eigen::Index>(parameter_count(form)));
    if (form == LogisticForm::kFour) {
      const double top = columns.y.maxCoeff(), bottom = columns.y.minCoeff();
      b << (direction < 0 ? bottom : top), (direction < 0 ? top : bottom), 0.0, width;
    } else {
      b << direction, 1.0 / width, 0.0, 0.5 * direction, 0.0;
    }
    starts.push_back(b);
  }
  return starts;
}

/// Goes downhill from b. \return whether it came to rest
bool descend(Eigen::LevenbergMarquardt<Residuals>& solver, Eigen::VectorXd& b) {
  using Status = Eigen::LevenbergMarquardtSpace::Status;
  Status status = solver.minimize(b);
  if (status == Status::TooManyFunctionEvaluation) {
    solver.parameters.ftol = kFlatValley;
    solver.parameters.maxfev = kMostValleyEvaluations;
    status = solver.minimize(b);
  }
  const double left = solver.fvec.squaredNorm() / static_cast<double>(solver.fvec.size());
  const bool rests = status != Status::TooManyFunctionEvaluation || left < kFlatValley;
  return rests && status > Status::ImproperInputParameters && b.allFinite();
}

/// The best resting place from any start; infinite squares when there is none.
Candidate search(LogisticForm form, const Columns& columns) {
  Residuals residuals(form, columns.x, columns.y);
  Candidate best;
  for (Eigen::VectorXd b : starting_points(form, columns)) {
    Eigen::LevenbergMarquardt<Residuals> solver(residuals);
    solver.parameters.maxfev = kMostEvaluations;
    if (!descend(solver, b)) continue;
    const double squares = solver.fvec.squaredNorm();
    if (squares < best.squares) best = {b, squares};
  }
  return best;
}

/// search(), on part of the rows first where there are many.
Candidate search_all(LogisticForm form, const Columns& columns) {
  if (columns.x.size() <= kSearchRows) return search(form, columns);
  Candidate best = search(form, thinned(columns));
  if (!std::isfinite(best.squares)) return best;
  Residuals residuals(form, columns.x, columns.y);
  Eigen::LevenbergMarquardt<Residuals> solver(residuals);
  solver.parameters.ftol = kFlatValley;
  solver.parameters.maxfev = kMostValleyEvaluations;
  const bool rests = descend(solver, best.parameters);
  best.squares = rests ? solver.fvec.squaredNorm() : std::numeric_limits<double>::infinity();
  return best;
}

/// From standardised columns to the units of scores and MOS.
std::vector<double> in_own_units(LogisticForm form, const Eigen::VectorXd& b, const Standardised& x,
                                 const Standardised& y) {
  if (form == LogisticForm::kFour) {
    return {y.mean + y.spread * b[0], y.mean + y.spread * b[1], x.mean + x.spread * b[2],
            x.spread * std::abs(b[3])};
  }
  const double slope = y.spread * b[3] / x.spread;
  return {y.spread * b[0], b[1] / x.spread, x.mean + x.spread * b[2], slope,
          y.mean + y.spread * b[4] - slope * x.mean};
}

}  // namespace

std::string_view logistic_name(LogisticForm form) {
  return form == LogisticForm::kFour ? "logistic4" : "logistic5";
}

double logistic_value(LogisticForm form, std::span<const double> b, double x) {
  if (form == LogisticForm::kFour) {
    return b[1] + (b[0] - b[1]) * sigmoid((x - b[2]) / std::abs(b[3]));
  }
  return b[0] * (sigmoid(b[1] * (x - b[2])) - 0.5) + b[3] * x + b[4];
}

LogisticFit fit_logistic(LogisticForm form, std::span<const double> scores,
                         std::span<const double> mos) {
  LogisticFit fit;
  fit.form = form;
  const std::string name(logistic_name(form));
  if (scores.size() <= parameter_count(form)) {
    fit.note = "too few pictures to fit " + name;
    return fit;
  }
  const Standardised x(scores), y(mos);
  if (!x.usable() || !y.usable()) {
    fit.note = name + " cannot be fitted: the scores of a column are equal or too large";
    return fit;
  }
  const Candidate best = search_all(form, {x.column, y.column});
  if (!std::isfinite(best.squares)) {
    fit.note = name + " cannot be fitted: the search did not come to rest";
    return fit;
  }
  fit.parameters = in_own_units(form, best.parameters, x, y);
  const std::span<const double> standard(best.parameters.data(), fit.parameters.size());
  for (const double u : x.column) {
    fit.mapped.push_back(y.mean + y.spread * logistic_value(form, standard, u));
  }
  return fit;
}

}  // namespace robiq
