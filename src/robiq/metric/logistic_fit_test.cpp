#include "robiq/metric/logistic_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/rng.h"
#include "robiq/metric/correlation.h"

namespace robiq {
namespace {

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

}  // namespace
}  // namespace robiq
