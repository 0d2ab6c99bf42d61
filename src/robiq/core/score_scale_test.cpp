#include "robiq/core/score_scale.h"

#include <gtest/gtest.h>

namespace robiq {
namespace score_scale_test {

TEST(ScoreScale, NormalisesTheEndsToZeroAndHundred) {
  const ScoreScale mos{.worst = 3.42, .best = 92.43};  // supplement, Eq. S10
  EXPECT_DOUBLE_EQ(mos.normalise(3.42), 0);
  EXPECT_DOUBLE_EQ(mos.normalise(92.43), 100);
  EXPECT_DOUBLE_EQ(mos.normalise(50), 100 * (50 - 3.42) / (92.43 - 3.42));
}

TEST(ScoreScale, TurnsDifferenceScoresRound) {
  const ScoreScale dmos{.worst = 80, .best = 20};
  EXPECT_DOUBLE_EQ(dmos.normalise(80), 0);
  EXPECT_DOUBLE_EQ(dmos.normalise(20), 100);
  EXPECT_GT(dmos.normalise(30), dmos.normalise(40));
  EXPECT_LT(dmos.factor(), 0);
}

TEST(ScoreScale, DenormaliseIsTheInverse) {
  for (const ScoreScale scale : {ScoreScale{0, 1}, ScoreScale{9, 1}, ScoreScale{3.42, 92.43}}) {
    for (const double score : {-1.0, 0.0, 0.3, 7.0, 120.0}) {
      EXPECT_NEAR(scale.denormalise(scale.normalise(score)), score, 1e-12);
    }
  }
}

TEST(ScoreScale, FactorIsTheSlope) {
  const ScoreScale scale{.worst = 2, .best = 7};
  EXPECT_DOUBLE_EQ(scale.factor(), scale.normalise(4) - scale.normalise(3));
}

TEST(ScoreScale, DefaultIsTheNormalisedScaleItself) {
  EXPECT_DOUBLE_EQ(ScoreScale{}.normalise(37.5), 37.5);
  EXPECT_EQ(ScoreScale{}, (ScoreScale{0, 100}));
}

}  // namespace score_scale_test
}  // namespace robiq
