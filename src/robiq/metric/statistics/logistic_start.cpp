#include "robiq/metric/statistics/logistic_start.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace robiq {
namespace {

/// Past this many widths from its place a bend is flat.
constexpr double kReach = 14;
/// Of what a bend has of its own, beside what the straight line has of it, in squares. Below that
/// the line and the bend are the same curve, and rounding decides.
constexpr double kLeastShare = 1e-9;

/// A bend and by how much it lowers the squares.
struct TriedBend {
  Bend bend;
  double gain = 0;
};

/// Rows by ascending score with the sums from the first on.
class SortedColumns {
 public:
  SortedColumns(LogisticForm form, const Eigen::VectorXd& x, const Eigen::VectorXd& y)
      : form_(form), sum_x_{0}, sum_y_{0} {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(x.size()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return x[a] < x[b]; });
    for (const Eigen::Index row : order) {
      x_.push_back(x[row]);
      y_.push_back(y[row]);
      sum_x_.push_back(sum_x_.back() + x[row]);
      sum_y_.push_back(sum_y_.back() + y[row]);
      square_x_ += x[row] * x[row];
      product_ += x[row] * y[row];
    }
  }

  [[nodiscard]] const std::vector<double>& x() const { return x_; }

  /// By how much a bend lowers the squares, with the height and line that suit it best.
  [[nodiscard]] double gain(const Bend& bend) const {
    const double place = bend.place, width = bend.width;
    const auto row_after = [&](double score) {
      return static_cast<std::size_t>(std::upper_bound(x_.begin(), x_.end(), score) - x_.begin());
    };
    const std::size_t first = row_after(place - kReach * width);
    const std::size_t last = row_after(place + kReach * width);
    const double above = static_cast<double>(x_.size() - last);
    Sums sums{above, above, sum_x_.back() - sum_x_[last], sum_y_.back() - sum_y_[last]};
    for (std::size_t i = first; i < last; ++i) {
      const double value = 1.0 / (1.0 + std::exp(-(x_[i] - place) / width));
      sums.s += value;
      sums.ss += value * value;
      sums.sx += value * x_[i];
      sums.sy += value * y_[i];
    }
    return gain(sums);
  }

 private:
  /// Sums over the values s of a bend.
  struct Sums {
    double s, ss, sx, sy;
  };

  [[nodiscard]] double gain(const Sums& sums) const {
    const auto n = static_cast<double>(x_.size());
    const double mean_x = sum_x_.back() / n, mean_y = sum_y_.back() / n, mean_s = sums.s / n;
    const double xx = square_x_ - n * mean_x * mean_x, xy = product_ - n * mean_x * mean_y;
    const double ss = sums.ss - n * mean_s * mean_s;
    const double sx = sums.sx - n * mean_s * mean_x, sy = sums.sy - n * mean_s * mean_y;
    const bool with_line = form_ == LogisticForm::kFive && xx > 0;
    const double own = with_line ? ss - sx * sx / xx : ss;
    if (!(own > kLeastShare * ss)) return 0;
    const double shared = with_line ? sy - sx * xy / xx : sy;
    return shared * shared / own;
  }

  LogisticForm form_;
  std::vector<double> x_, y_, sum_x_, sum_y_;  ///< the sums have one entry more
  double square_x_ = 0, product_ = 0;
};

/// Every bend whose width spans about 2, 4, 8, ... of the different scores, at places half a width
/// apart; steps between neighbours; and bends of which only one end is in sight.
std::vector<TriedBend> tried_bends(const SortedColumns& columns) {
  std::vector<double> different = columns.x();
  different.erase(std::unique(different.begin(), different.end()), different.end());
  std::vector<TriedBend> tried;
  const auto add = [&](double place, double width) {
    if (!(width > 0)) return;
    const double gain = columns.gain(Bend{place, width});
    if (std::isfinite(gain) && gain > 0) tried.push_back({{place, width}, gain});
  };
  const std::size_t last = different.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    const double gap = different[i + 1] - different[i];
    add(different[i] + gap / 2, gap / 40);
  }
  for (std::size_t reach = 1; reach <= 2 * last; reach *= 2) {
    for (std::size_t i = 0; i <= last; i += std::max<std::size_t>(1, reach / 2)) {
      const std::size_t low = i > reach ? i - reach : 0, high = std::min(last, i + reach);
      const double span = different[high] - different[low];
      add(different[i], span / 4);
      add(different[i], span / 12);
      add(different[i], span / 36);
    }
  }
  const double range = different[last] - different[0];
  for (const double width : {0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2}) {
    for (const double beyond : {0.25, 0.5, 1.0, 2.0}) {
      add(different[0] - beyond * range, width * range);
      add(different[last] + beyond * range, width * range);
    }
    constexpr int kPlaces = 8;
    for (int i = 0; i <= kPlaces; ++i) add(different[0] + range * i / kPlaces, width * range);
  }
  return tried;
}

bool alike(const Bend& a, const Bend& b) {
  const double wide = std::max(a.width, b.width), narrow = std::min(a.width, b.width);
  return wide < 2 * narrow && std::abs(a.place - b.place) < 0.6 * wide;
}

}  // namespace

std::vector<Bend> starting_bends(LogisticForm form, const Eigen::VectorXd& x,
                                 const Eigen::VectorXd& y, std::size_t most) {
  std::vector<TriedBend> tried = tried_bends(SortedColumns(form, x, y));
  std::stable_sort(tried.begin(), tried.end(),
                   [](const TriedBend& a, const TriedBend& b) { return a.gain > b.gain; });
  std::vector<Bend> chosen;
  for (const auto& [bend, gain] : tried) {
    if (chosen.size() == most) break;
    const auto like_it = [&bend = bend](const Bend& other) { return alike(bend, other); };
    if (std::none_of(chosen.begin(), chosen.end(), like_it)) chosen.push_back(bend);
  }
  return chosen;
}

}  // namespace robiq
