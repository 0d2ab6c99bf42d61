#include "robiq/metric/statistics/logistic_fit.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unsupported/Eigen/NonLinearOptimization>

#include "robiq/metric/statistics/logistic_start.h"

namespace robiq {
namespace {

constexpr int kMostEvaluations = 200;
// Data that show only one bend of the curve, or none, leave a flat valley: an asymptote runs away
// while the curve hardly moves. There the search rests once a step lowers the squares by less than
// this share, or once they are this share of what the mean alone leaves.
constexpr double kFlatValley = 1e-6;
constexpr int kMostValleyEvaluations = 60;
// A bend that differs from a straight line by less than this share of its length is the line.
constexpr double kLeastOwnPart = 1e-7;
// Longer columns are searched on this many rows, evenly spaced by score; all rows then only polish.
constexpr Eigen::Index kSearchRows = 10'000;
// How many of the best bends that a coarse search tries are followed downhill: more where rows are
// few, which is where valleys are many and steps are cheap.
constexpr std::size_t kFewestBends = 10, kMostBends = 80, kBendRows = 10'000;

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

/// A curve through standardised columns: a bend, and what goes best with it.
struct Curve {
  Bend bend;
  double height = 0, slope = 0, constant = 0;

  [[nodiscard]] double value(double x) const {
    return height * sigmoid((x - bend.place) / bend.width) + slope * x + constant;
  }
};

/// What Eigen's Levenberg-Marquardt wants to know, with the place of the bend and the logarithm of
/// its width as the only unknowns: residuals with the best height, line and constant, and their
/// derivatives (variable projection, with Kaufman's derivatives).
class Residuals {
 public:
  Residuals(LogisticForm form, const Eigen::VectorXd& x, const Eigen::VectorXd& y) : x_(x), y_(y) {
    const Eigen::Index n = x.size();
    fixed_.push_back(Eigen::VectorXd::Constant(n, 1 / std::sqrt(static_cast<double>(n))));
    if (form == LogisticForm::kFive) fixed_.push_back(without(x, fixed_).normalized());
    y_left_ = without(y, fixed_);
  }

  [[nodiscard]] static int inputs() { return 2; }
  [[nodiscard]] int values() const { return static_cast<int>(x_.size()); }

  int operator()(const Eigen::VectorXd& b, Eigen::VectorXd& residuals) const {
    const Own own = own_part(bend_of(b));
    residuals = own.direction.dot(y_left_) * own.direction - y_left_;
    return 0;
  }

  int df(const Eigen::VectorXd& b, Eigen::MatrixXd& jacobian) const {
    const Bend bend = bend_of(b);
    const Own own = own_part(bend);
    const double height = own.length > 0 ? own.direction.dot(y_left_) / own.length : 0;
    const Eigen::ArrayXd slope = height * own.bend.array() * (1 - own.bend.array()) / bend.width;
    const auto project = [&](const Eigen::VectorXd& column) {
      const Eigen::VectorXd remaining = without(column, fixed_);
      return Eigen::VectorXd(remaining - own.direction.dot(remaining) * own.direction);
    };
    jacobian.col(0) = project(-slope.matrix());
    jacobian.col(1) = project((-slope * (x_.array() - bend.place)).matrix());
    return 0;
  }

  [[nodiscard]] Curve curve_at(const Eigen::VectorXd& b) const {
    Curve curve{.bend = bend_of(b)};
    const Own own = own_part(curve.bend);
    if (own.length > 0) curve.height = own.direction.dot(y_left_) / own.length;
    const Eigen::VectorXd rest = y_ - curve.height * own.bend;
    const double mean = rest.mean(), mean_x = x_.mean();
    if (fixed_.size() > 1) {
      const Eigen::VectorXd centred = x_.array() - mean_x;
      curve.slope = centred.dot(rest) / centred.squaredNorm();
    }
    curve.constant = mean - curve.slope * mean_x;
    return curve;
  }

  [[nodiscard]] static Eigen::VectorXd unknowns(const Bend& bend) {
    return Eigen::Vector2d(bend.place, std::log(bend.width));
  }

 private:
  /// A bend at every score, and what it has that a constant (and a line) cannot give.
  struct Own {
    Eigen::VectorXd bend, direction;
    double length = 0;  ///< of that part; 0: it has nothing of its own
  };

  /// Widths that no arithmetic can tell from a step, or from a line, are kept away.
  static Bend bend_of(const Eigen::VectorXd& b) {
    return {b[0], std::exp(std::clamp(b[1], -27.0, 27.0))};
  }

  /// `column` less its parts along orthonormal directions; twice, against rounding.
  static Eigen::VectorXd without(Eigen::VectorXd column,
                                 const std::vector<Eigen::VectorXd>& directions) {
    for (int pass = 0; pass < 2; ++pass) {
      for (const Eigen::VectorXd& along : directions) column -= along.dot(column) * along;
    }
    return column;
  }

  [[nodiscard]] Own own_part(const Bend& bend) const {
    Own own;
    own.bend = x_.unaryExpr([&](double x) { return sigmoid((x - bend.place) / bend.width); });
    own.direction = without(own.bend, fixed_);
    own.length = own.direction.norm();
    if (own.length > kLeastOwnPart * own.bend.norm()) {
      own.direction /= own.length;
    } else {
      own.length = 0;
      own.direction.setZero();
    }
    return own;
  }

  const Eigen::VectorXd& x_;
  const Eigen::VectorXd& y_;
  std::vector<Eigen::VectorXd> fixed_;  ///< orthonormal: the constant, the line
  Eigen::VectorXd y_left_;              ///< what they leave of y
};

struct Candidate {
  Eigen::VectorXd unknowns;
  Curve curve;
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

/// Goes downhill from b. \return whether it came to rest
bool descend(Eigen::LevenbergMarquardt<Residuals>& solver, Eigen::VectorXd& b) {
  using Status = Eigen::LevenbergMarquardtSpace::Status;
  Status status = solver.minimize(b);
  if (status == Status::TooManyFunctionEvaluation) {
    solver.parameters.ftol = kFlatValley;
    solver.parameters.maxfev = kMostValleyEvaluations;
    status = solver.minimize(b);
  }
  const double mean_square = solver.fvec.squaredNorm() / static_cast<double>(solver.fvec.size());
  const bool rests = status != Status::TooManyFunctionEvaluation || mean_square < kFlatValley;
  return rests && status > Status::ImproperInputParameters && b.allFinite();
}

/// The resting place downhill from b; infinite squares when there is none.
Candidate resting_place(Residuals& residuals, Eigen::VectorXd b, int most_evaluations) {
  Eigen::LevenbergMarquardt<Residuals> solver(residuals);
  solver.parameters.maxfev = most_evaluations;
  if (!descend(solver, b)) return {};
  return {b, residuals.curve_at(b), solver.fvec.squaredNorm()};
}

/// The best resting place from any start: a gentle and a steep curve in the middle, and the best of
/// many bends.
Candidate search(LogisticForm form, const Columns& columns) {
  std::vector<Bend> starts{{0, 0.3}, {0, 1.0}};
  const std::size_t rows = static_cast<std::size_t>(columns.x.size());
  const std::size_t bends = std::clamp(kBendRows / rows, kFewestBends, kMostBends);
  for (const Bend& bend : starting_bends(form, columns.x, columns.y, bends)) {
    starts.push_back(bend);
  }
  Residuals residuals(form, columns.x, columns.y);
  Candidate best;
  for (const Bend& start : starts) {
    Candidate found = resting_place(residuals, Residuals::unknowns(start), kMostEvaluations);
    if (found.squares < best.squares) best = std::move(found);
  }
  return best;
}

/// search(), on part of the rows first where there are many.
Candidate search_all(LogisticForm form, const Columns& columns) {
  if (columns.x.size() <= kSearchRows) return search(form, columns);
  const Candidate best = search(form, thinned(columns));
  if (!std::isfinite(best.squares)) return best;
  Residuals residuals(form, columns.x, columns.y);
  return resting_place(residuals, best.unknowns, kMostValleyEvaluations);
}

/// From standardised columns to the units of scores and MOS.
std::vector<double> in_own_units(LogisticForm form, const Curve& curve, const Standardised& x,
                                 const Standardised& y) {
  const double place = x.mean + x.spread * curve.bend.place, width = x.spread * curve.bend.width;
  const double height = y.spread * curve.height;
  if (form == LogisticForm::kFour) {
    const double bottom = y.mean + y.spread * curve.constant;
    return {bottom + height, bottom, place, width};
  }
  const double slope = y.spread * curve.slope / x.spread;
  const double middle = y.mean + y.spread * curve.constant + height / 2;
  return {height, 1 / width, place, slope, middle - slope * x.mean};
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
  fit.parameters = in_own_units(form, best.curve, x, y);
  for (const double u : x.column) fit.mapped.push_back(y.mean + y.spread * best.curve.value(u));
  return fit;
}

}  // namespace robiq
