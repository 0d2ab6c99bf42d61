#include "robiq/app/attack/attack_strength.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace robiq {
namespace attack_strength_test {

using testing::HasSubstr;

TEST(AttackStrength, AStepSizeKeepsItsRatioUpToItsOwnEnd) {
  const AttackStrength of_length("pgd:norm=l2", "test");
  EXPECT_THAT(of_length.text_at(12), HasSubstr("epsilon=12"));
  EXPECT_THAT(of_length.text_at(12), HasSubstr("step_size=2.4"));
}

TEST(AttackStrength, StaysWithinWhatTheAttackTakes) {
  EXPECT_EQ(AttackStrength("pgd", "test").most(), 1);
  EXPECT_GT(AttackStrength("pgd:norm=l2", "test").most(), 100);
  const AttackStrength darker("filters:filter=gamma,strength=0.5", "test");
  EXPECT_NEAR(darker.value_at(darker.most()), 0.01, 1e-12) << "the least that gamma takes";
  const AttackStrength brighter("filters:filter=gamma,strength=2", "test");
  EXPECT_NEAR(brighter.value_at(brighter.most()), 20, 1e-12);
}

TEST(BoundedByQueries, AFilterOfFixedStrengthAsksNothing) {
  EXPECT_THAT(with_queries({"square", "filters:filter=jpeg,strength=50"}, 500),
              testing::ElementsAre("square:queries=500", "filters:filter=jpeg,strength=50"));
}

TEST(BoundedByQueries, APerturbationMayBeFittedLater) {
  EXPECT_THAT(with_queries({"square", "uap:file=not-yet.safetensors"}, 500),
              testing::ElementsAre("square:queries=500", "uap:file=not-yet.safetensors"));
}

}  // namespace attack_strength_test
}  // namespace robiq
