#include "robiq/app/study/cost/attack_passes.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "robiq/core/options/params.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace attack_passes_test {

AttackPasses counted(const std::string& spec) {
  const at::Tensor picture = uniform_tensor(Rng(7), {1, 3, 24, 32}, 0.2, 0.8, c10::kCPU);
  const auto attack = Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
  return attack_passes(*attack, picture, 5);
}

TEST(AttackPasses, AreThoseThatTheAttackMakes) {
  const AttackPasses steps = counted("ifgsm:steps=7");
  EXPECT_EQ(steps.forwards, 7);
  EXPECT_EQ(steps.backwards, 7);
  EXPECT_GT(steps.own_seconds, 0);
  const AttackPasses twice = counted("ifgsm:steps=14");
  EXPECT_EQ(twice.backwards, 2 * steps.backwards);
}

TEST(AttackPasses, AreQueriesOfABlackBox) {
  const AttackPasses queries = counted("square:queries=40");
  EXPECT_GT(queries.forwards, 30);
  EXPECT_LE(queries.forwards, 40);
  EXPECT_EQ(queries.backwards, 0);
}

TEST(AttackPasses, OfASetAreKnownWithoutMakingIt) {
  const AttackPasses set = counted("standard");
  EXPECT_EQ(set.forwards, 4830);
  EXPECT_EQ(set.backwards, 817);
  EXPECT_EQ(set.own_seconds, 0);
}

TEST(AttackPasses, AnAttackOnAWholeSetHasOne) { EXPECT_GT(counted("sma:steps=3").forwards, 0); }

}  // namespace attack_passes_test
}  // namespace robiq
