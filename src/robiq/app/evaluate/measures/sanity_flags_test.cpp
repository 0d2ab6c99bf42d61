#include "robiq/app/evaluate/measures/sanity_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace robiq {
namespace sanity_flags_test {

constexpr const char* kOptions = "epsilon=0.01,step_size=0.01,steps=2";

/// A sound evaluation: two clean pictures and one attack that moves both by 20.
std::vector<ScoreRow> sound_rows() {
  std::vector<ScoreRow> rows(4);
  for (std::size_t i = 0; i < 2; ++i) {
    rows[i].attack = "none";
    rows[i].before = rows[i].after = rows[i].after_native = i == 0 ? 30 : 70;
    rows[i].gradient_l1 = 5;
    rows[i + 2].attack = "ifgsm";
    rows[i + 2].attack_options = kOptions;
    rows[i + 2].before = rows[i].before;
    rows[i + 2].after = rows[i + 2].after_native = rows[i].before + (i == 0 ? 20 : -20);
    rows[i + 2].linf = 0.01;
  }
  return rows;
}

FlaggedAttack ifgsm() { return {"ifgsm", kOptions, true, 0.01, 1.0}; }

std::vector<std::string> names(const std::vector<ScoreRow>& rows,
                               const std::vector<FlaggedAttack>& attacks,
                               const ScoreScale& scale = {0, 100}, bool deterministic = true) {
  std::vector<std::string> found;
  for (const FlagRow& flag : sanity_flags(rows, attacks, scale, deterministic)) {
    EXPECT_FALSE(flag.text.empty());
    found.push_back(flag.flag);
  }
  return found;
}

TEST(SanityFlags, ASoundEvaluationHasNone) {
  EXPECT_THAT(names(sound_rows(), {ifgsm()}), testing::IsEmpty());
}

TEST(SanityFlags, OfTheModel) {
  std::vector<ScoreRow> rows = sound_rows();
  rows[0].gradient_l1 = 0;
  EXPECT_THAT(names(rows, {ifgsm()}), testing::ElementsAre("zero-gradient"));
  EXPECT_THAT(names(sound_rows(), {ifgsm()}, {0, 100}, false),
              testing::ElementsAre("not-deterministic"));
  EXPECT_THAT(names(sound_rows(), {ifgsm()}, {0, 60}), testing::ElementsAre("outside-scale"));
  rows = sound_rows();
  rows[1].before = 33;
  EXPECT_THAT(names(rows, {ifgsm()}), testing::ElementsAre("narrow-scores"));
}

TEST(SanityFlags, OfAnAttack) {
  std::vector<ScoreRow> rows = sound_rows();
  rows[2].linf = rows[3].linf = 0.004;
  EXPECT_THAT(names(rows, {ifgsm()}), testing::ElementsAre("budget-unused"));
  FlaggedAttack weak = ifgsm();
  weak.noise_change = 23;
  EXPECT_THAT(names(sound_rows(), {weak}), testing::ElementsAre("weaker-than-noise"));
  weak.noise_images = {2};
  rows = sound_rows();
  rows[3].image = 2;
  rows[2].after = rows[2].before + 40;
  EXPECT_THAT(names(rows, {weak}), testing::ElementsAre("weaker-than-noise"))
      << "over the pictures that noise was tried on";
  weak.noise_images = {};
  weak.noise_change = 21;
  EXPECT_THAT(names(sound_rows(), {weak}), testing::IsEmpty()) << "no more than chance";
  rows = sound_rows();
  FlaggedAttack idle = ifgsm();
  idle.options = "epsilon=0.03,step_size=0.01,steps=1";
  rows[2].attack_options = rows[3].attack_options = idle.options;
  EXPECT_THAT(names(rows, {idle}), testing::ElementsAre("projection-idle"));
}

TEST(SanityFlags, TheWorstOfASetIsCountedWithItsMember) {
  std::vector<ScoreRow> rows = sound_rows();
  ScoreRow copy = rows[2];
  copy.attack = "standard";
  copy.after_native = 120;
  copy.attack_options = "";
  rows.push_back(copy);
  FlaggedAttack set{"standard", "", true, 1};
  set.is_set = true;
  EXPECT_THAT(names(rows, {ifgsm(), set}), testing::IsEmpty());
}

TEST(SanityFlags, ABlackBoxMustNotBeatAWhiteBoxOfALargerBudget) {
  std::vector<ScoreRow> rows = sound_rows();
  for (std::size_t i = 2; i < 4; ++i) {
    ScoreRow row = rows[i];
    row.attack = "uap";
    row.attack_options = "";
    row.linf = 0.005;
    row.after = row.before + 25;
    row.after_native = 50;
    rows.push_back(row);
  }
  const FlaggedAttack uap{"uap", "", false, 0.005};
  EXPECT_THAT(names(rows, {ifgsm(), uap}), testing::ElementsAre("black-box-stronger"));
  for (std::size_t i = 4; i < 6; ++i) rows[i].linf = 0.05;
  EXPECT_THAT(names(rows, {ifgsm(), {"uap", "", false, 0.05}}), testing::IsEmpty());
}

TEST(SanityFlags, WeakAdaptiveAttacksAreToldApartByTheirOptions) {
  std::vector<DistanceRow> rows(2);
  for (DistanceRow& row : rows) {
    row.attack = "fgsm";
    row.distance = "plain_won";
  }
  rows[0].attack_options = R"({"epsilon":"0.01"})";
  rows[0].value = 1;
  rows[1].attack_options = R"({"epsilon":"0.1"})";
  rows[1].value = 0;
  const std::vector<FlagRow> flags = weak_adaptive_flags(rows);
  ASSERT_EQ(flags.size(), 1u);
  EXPECT_EQ(flags[0].attack, "fgsm:epsilon=0.01");
  EXPECT_THAT(flags[0].text, testing::HasSubstr("on 100 % of the pictures"));
}

}  // namespace sanity_flags_test
}  // namespace robiq
