#include "robiq/metric/gain_curve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/error.h"
#include "support/test_files.h"

namespace robiq {
namespace gain_curve_test {

using Points = std::vector<GainPoint>;

TEST(GainCurve, HasTheAreasOfTheFixture) {
  const nlohmann::json fixture = test::read_json(test::fixture_path("attacks/filters.json"));
  const double relative = fixture.at("tolerance").at("area_rel").get<double>();
  for (const auto& c : fixture.at("area")) {
    Points points;
    for (std::size_t i = c.at("loss").size(); i-- > 0;) {  // the order does not matter
      points.push_back({c.at("loss")[i].get<double>(), c.at("gain")[i].get<double>()});
    }
    const double cut = c.at("cut").get<double>(), area = c.at("area").get<double>();
    const GainCurve curve(points);
    EXPECT_NEAR(curve.area(cut), area, std::abs(area) * relative);
    const std::vector<NamedGainCurve> one = {{"f", curve}};
    const double mean = c.at("mean_gain").get<double>();
    EXPECT_NEAR(gamed_score(one, cut).gamed, mean, std::abs(mean) * relative);
  }
  EXPECT_EQ(fixture.at("area").size(), 3U);
}

TEST(GainCurve, EndsWhereItsPointsEnd) {
  const GainCurve curve(Points{{0.04, 8}});
  EXPECT_DOUBLE_EQ(curve.area(0.1), 0.04 * 8 / 2);
  EXPECT_DOUBLE_EQ(curve.gain_at(0.01), 2);
  EXPECT_DOUBLE_EQ(curve.gain_at(0.04), 8);
  EXPECT_TRUE(std::isnan(curve.gain_at(0.05)));
}

TEST(GainCurve, TakesTheMeanOfPointsOfEqualLoss) {
  const GainCurve curve(Points{{0.1, 2}, {0.1, 4}});
  EXPECT_DOUBLE_EQ(curve.area(0.2), 0.1 * 3 / 2);
}

TEST(GainCurve, BeginsWithoutGain) {
  const GainCurve nothing(Points{{0, 5}});
  EXPECT_EQ(nothing.points().size(), 1U);
  EXPECT_EQ(nothing.area(0.1), 0);
  EXPECT_EQ(nothing.gain_at(0), 0);
}

TEST(GainCurve, RefusesLossesThatAreNone) {
  EXPECT_THROW(GainCurve(Points{{-0.1, 1}}), Error);
  EXPECT_THROW(GainCurve(Points{{std::nan(""), 1}}), Error);
}

TEST(GamedScore, NamesTheFilterThatGamesMost) {
  const std::vector<NamedGainCurve> curves = {{"gamma", GainCurve(Points{{0.05, 4}, {0.2, 4}})},
                                              {"blur", GainCurve(Points{{0.02, 9}})},
                                              {"noise", GainCurve(Points{{0.1, 2}})}};
  const GamedScore score = gamed_score(curves);
  EXPECT_EQ(score.gamed_by, "gamma");
  EXPECT_NEAR(score.gamed, (0.05 * 2 + 0.05 * 4) / 0.1, 1e-12);
  EXPECT_EQ(score.largest_by, "gamma");
  EXPECT_DOUBLE_EQ(score.largest_gain, 4);
  EXPECT_EQ(score.short_curves, (std::vector<std::string>{"blur"}));
}

TEST(GamedScore, HasNoLargestGainWhereNoCurveReaches) {
  const GamedScore score = gamed_score(std::vector<NamedGainCurve>{{"a", GainCurve(Points{})}});
  EXPECT_TRUE(std::isnan(score.largest_gain));
  EXPECT_EQ(score.largest_by, "");
  EXPECT_EQ(score.gamed, 0);
}

}  // namespace gain_curve_test
}  // namespace robiq
