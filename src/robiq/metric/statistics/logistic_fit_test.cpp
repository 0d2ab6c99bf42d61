#include "robiq/metric/statistics/logistic_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>

#include "robiq/core/rng.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace logistic_fit_test {

using Column = std::vector<double>;

/// n scores spread evenly over [low, high].
Column even(std::size_t n, double low, double high) {
  Column out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(n - 1);
  }
  return out;
}

Column curve(LogisticForm form, const Column& parameters, const Column& x, double noise = 0) {
  RandomStream random(Rng(5));
  Column out;
  for (const double at : x) {
    out.push_back(logistic_value(form, parameters, at) + noise * random.normal());
  }
  return out;
}

double rmse(const Column& a, const Column& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

TEST(LogisticFit, CurvesAtKnownPoints) {
  const Column four{90, 10, 50, 8};
  EXPECT_DOUBLE_EQ(logistic_value(LogisticForm::kFour, four, 50), 50);
  EXPECT_NEAR(logistic_value(LogisticForm::kFour, four, 1e4), 90, 1e-12);
  EXPECT_NEAR(logistic_value(LogisticForm::kFour, four, -1e4), 10, 1e-12);
  EXPECT_DOUBLE_EQ(logistic_value(LogisticForm::kFour, four, 58), 10 + 80 / (1 + std::exp(-1.0)));
  const Column five{40, 0.5, 3, 2, 7};
  EXPECT_DOUBLE_EQ(logistic_value(LogisticForm::kFive, five, 3), 13);
  EXPECT_DOUBLE_EQ(logistic_value(LogisticForm::kFive, five, 5),
                   40 * (0.5 - 1 / (1 + std::exp(0.5 * 2))) + 10 + 7);
}

TEST(LogisticFit, FindsTheFourParametersThatMadeTheData) {
  const Column x = even(60, 0, 100);
  for (const Column& truth :
       {Column{90, 10, 50, 8}, Column{10, 90, 40, 12}, Column{80, 0, 70, 30}}) {
    const LogisticFit fit =
        fit_logistic(LogisticForm::kFour, x, curve(LogisticForm::kFour, truth, x));
    ASSERT_EQ(fit.note, "");
    ASSERT_EQ(fit.parameters.size(), 4U);
    // A falling curve may also be written with b1 and b2 exchanged and b4 < 0; b4 > 0 here.
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit.parameters[i], truth[i], 1e-4) << i;
    EXPECT_LT(rmse(fit.mapped, curve(LogisticForm::kFour, truth, x)), 1e-6);
  }
}

TEST(LogisticFit, FindsTheFiveParameterCurveThatMadeTheData) {
  const Column x = even(60, 0, 10);
  for (const Column& truth : {Column{60, 1.5, 5, 2, 30}, Column{-60, 1.2, 4, -1, 50}}) {
    const Column y = curve(LogisticForm::kFive, truth, x);
    const LogisticFit fit = fit_logistic(LogisticForm::kFive, x, y);
    ASSERT_EQ(fit.note, "");
    EXPECT_LT(rmse(fit.mapped, y), 1e-5);
    // b1 and b2 may change sign together.
    EXPECT_NEAR(std::abs(fit.parameters[0]), std::abs(truth[0]), 1e-3);
    for (std::size_t i = 2; i < 5; ++i) EXPECT_NEAR(fit.parameters[i], truth[i], 1e-3) << i;
  }
}

TEST(LogisticFit, IsNoWorseThanTheTruthOnNoisyData) {
  RandomStream random(Rng(6));
  Column x(500);
  for (double& value : x) value = 50 + 20 * random.normal();
  const Column truth{95, 5, 45, 9};
  const Column y = curve(LogisticForm::kFour, truth, x, 6.0);
  for (const LogisticForm form : {LogisticForm::kFour, LogisticForm::kFive}) {
    const LogisticFit fit = fit_logistic(form, x, y);
    ASSERT_EQ(fit.note, "");
    EXPECT_LT(rmse(fit.mapped, y), 6.3);
    EXPECT_GT(pearson(fit.mapped, y), pearson(x, y));
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(fit.mapped[i], logistic_value(form, fit.parameters, x[i]), 1e-9);
    }
    if (form == LogisticForm::kFive) continue;
    EXPECT_LE(rmse(fit.mapped, y), rmse(curve(form, truth, x), y));
  }
}

TEST(LogisticFit, DoesNotDependOnTheUnits) {
  const Column x = even(80, 0, 100);
  const Column y = curve(LogisticForm::kFour, {90, 10, 50, 8}, x, 4.0);
  Column small = x, large = y;
  for (double& value : small) value = 1e-6 * value + 1e-3;
  for (double& value : large) value = 1e6 * value - 3e9;
  for (const LogisticForm form : {LogisticForm::kFour, LogisticForm::kFive}) {
    const LogisticFit fit = fit_logistic(form, x, y), scaled = fit_logistic(form, small, large);
    ASSERT_EQ(scaled.note, "");
    EXPECT_NEAR(pearson(fit.mapped, y), pearson(scaled.mapped, large), 1e-6);
  }
}

TEST(LogisticFit, FollowsAStraightLine) {
  const Column x = even(50, -3, 7);
  Column y = x;
  for (double& value : y) value = 4 * value + 1;
  for (const LogisticForm form : {LogisticForm::kFour, LogisticForm::kFive}) {
    const LogisticFit fit = fit_logistic(form, x, y);
    ASSERT_EQ(fit.note, "") << logistic_name(form);
    EXPECT_GT(pearson(fit.mapped, y), 0.999);
  }
}

TEST(LogisticFit, FitsManyRowsAsWellAsFew) {
  RandomStream random(Rng(9));
  Column x(30'000);
  for (double& value : x) value = random.uniform(0, 100);
  const Column truth{95, 5, 45, 9};
  const Column y = curve(LogisticForm::kFour, truth, x, 6.0);
  const LogisticFit fit = fit_logistic(LogisticForm::kFour, x, y);
  ASSERT_EQ(fit.note, "");
  ASSERT_EQ(fit.mapped.size(), x.size());
  EXPECT_LE(rmse(fit.mapped, y), rmse(curve(LogisticForm::kFour, truth, x), y));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit.parameters[i], truth[i], 0.5) << i;
}

// One bend only: the best upper asymptote is infinitely far away.
TEST(LogisticFit, ComesToRestInAFlatValley) {
  const Column x = even(100, 0, 3);
  Column y;
  for (const double at : x) y.push_back(std::exp(at));
  const LogisticFit fit = fit_logistic(LogisticForm::kFour, x, y);
  ASSERT_EQ(fit.note, "");
  EXPECT_GT(pearson(fit.mapped, y), 0.9999);
  const Column few{12, 25, 55, 62, 85, 60}, mos{10, 30, 50, 70, 90, 60};
  const LogisticFit six = fit_logistic(LogisticForm::kFour, few, mos);
  ASSERT_EQ(six.note, "");
  EXPECT_GT(pearson(six.mapped, mos), pearson(few, mos));
}

double dot(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// `column` less what it has of the others, which are at right angles to each other; twice, against
/// rounding.
Column left_by(Column column, const std::vector<Column>& others) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const Column& other : others) {
      const double share = dot(column, other) / dot(other, other);
      for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * other[i];
    }
  }
  return column;
}

/// The least RMSE of some 40 x 120 curves: bends of so many widths at so many places, each with the
/// other parameters that linear least squares finds for it.
double rmse_of_many_curves(LogisticForm form, const Column& x, const Column& y) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double range = *high - *low;
  std::vector<Column> linear{Column(x.size(), 1.0)};
  if (form == LogisticForm::kFive) linear.push_back(left_by(x, linear));
  const Column unexplained = left_by(y, linear);
  double least = dot(unexplained, unexplained);
  for (double width = 0.001 * range; width < 2 * range; width *= 1.21) {
    for (int i = 0; i < 120; ++i) {
      const double place = *low + range * (i - 20) / 80.0;
      Column bend;
      for (const double score : x) bend.push_back(1 / (1 + std::exp(-(score - place) / width)));
      const Column own = left_by(bend, linear);
      if (dot(own, own) < 1e-12 * dot(bend, bend)) continue;
      const Column rest = left_by(unexplained, {own});
      least = std::min(least, dot(rest, rest));
    }
  }
  return std::sqrt(least / static_cast<double>(x.size()));
}

/// Data of many kinds, each with the name of its kind.
std::vector<std::tuple<std::string, Column, Column>> data_of_many_kinds() {
  RandomStream random(Rng(11));
  std::vector<std::tuple<std::string, Column, Column>> kinds;
  const auto add = [&](const std::string& name, std::size_t n, auto truth, double noise) {
    Column x, y;
    for (std::size_t i = 0; i < n; ++i) {
      x.push_back(random.uniform(0, 100));
      y.push_back(truth(x.back()) + noise * random.normal());
    }
    kinds.emplace_back(name + " of " + std::to_string(n), x, y);
  };
  for (const std::size_t n : {12U, 60U}) {
    add(
        "rising", n, [](double x) { return 90 / (1 + std::exp((50 - x) / 8)); }, 4);
    add(
        "falling", n, [](double x) { return 90 - 80 / (1 + std::exp((30 - x) / 5)); }, 4);
    add(
        "saturated", n, [](double x) { return std::min(60.0, x); }, 3);
    add(
        "saturated at both ends", n, [](double x) { return std::clamp(x, 20.0, 80.0); }, 0);
    add(
        "a valley", n, [](double x) { return std::abs(x - 50); }, 3);
    add(
        "a wave", n, [](double x) { return 20 * std::sin(x / 8); }, 3);
    add(
        "a jump", n, [](double x) { return x > 70 ? 90.0 : 0.3 * x; }, 3);
    add(
        "no relation", n, [](double) { return 50.0; }, 10);
    add(
        "ties of MOS", n, [](double x) { return std::round(x / 20); }, 0);
    add(
        "a line with an outlier", n, [](double x) { return x; }, 5);
    std::get<1>(kinds.back())[0] = 2000;
    add(
        "ties of scores", n, [](double x) { return x * x / 100; }, 5);
    for (double& x : std::get<1>(kinds.back())) x = 25 * std::round(x / 25);
    add(
        "two clusters", n, [](double x) { return x; }, 5);
    for (double& x : std::get<1>(kinds.back())) x = x < 50 ? x / 10 : 90 + x / 10;
  }
  return kinds;
}

TEST(LogisticFit, IsNoWorseThanAnyOfManyCurves) {
  for (const auto& [name, x, y] : data_of_many_kinds()) {
    for (const LogisticForm form : {LogisticForm::kFour, LogisticForm::kFive}) {
      SCOPED_TRACE(name + ", " + std::string(logistic_name(form)));
      const LogisticFit fit = fit_logistic(form, x, y);
      EXPECT_EQ(fit.note, "");
      if (!fit.note.empty()) continue;
      EXPECT_LE(rmse(fit.mapped, y), rmse_of_many_curves(form, x, y) * (1 + 1e-5) + 1e-9);
    }
  }
}

TEST(LogisticFit, SaysWhyItCannotFit) {
  const LogisticFit few = fit_logistic(LogisticForm::kFour, Column{1, 2, 3, 4}, Column{1, 2, 3, 5});
  EXPECT_EQ(few.note, "too few pictures to fit logistic4");
  EXPECT_TRUE(few.mapped.empty());
  EXPECT_EQ(fit_logistic(LogisticForm::kFive, even(5, 0, 1), even(5, 0, 1)).note,
            "too few pictures to fit logistic5");
  const std::string equal = " cannot be fitted: the scores of a column are equal or too large";
  EXPECT_EQ(fit_logistic(LogisticForm::kFive, Column(9, 2.0), even(9, 0, 1)).note,
            "logistic5" + equal);
  EXPECT_EQ(fit_logistic(LogisticForm::kFour, even(9, 0, 1), Column(9, 2.0)).note,
            "logistic4" + equal);
  EXPECT_EQ(fit_logistic(LogisticForm::kFour, even(9, 0, 1), even(9, -1e300, 1e300)).note,
            "logistic4" + equal);
}

}  // namespace logistic_fit_test
}  // namespace robiq
