#include "robiq/metric/masking_flags.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "robiq/core/error.h"
#include "support/test_files.h"

namespace robiq {
namespace masking_flags_test {

using Json = nlohmann::json;
using Rows = std::vector<std::int64_t>;

constexpr std::size_t kPictures = 20;

/// Twenty pictures at 60 and two budgets; gradients move them by 10 and 20 both ways.
MemberScores sound_table() {
  MemberScores table;
  table.members = {"fgsm-up", "fgsm-down", "apgd-up", "apgd-down", "square", "noise"};
  table.budgets = {2, 4};
  table.clean = PictureScores(kPictures, 60);
  for (const double gain : {10.0, 20.0}) {
    std::vector<PictureScores> scores;
    for (const double move : {gain - 2, 2 - gain, gain, -gain, -gain / 2, 0.5}) {
      scores.emplace_back(kPictures, 60 + move);
    }
    table.scores.push_back(std::move(scores));
  }
  return table;
}

MaskingEvidence sound_evidence() {
  MaskingEvidence evidence;
  evidence.gradient_norms = PictureScores(kPictures, 3);
  for (const double gain : {10.0, 20.0}) {
    const PictureScores still(kPictures, 0);
    evidence.up.push_back(
        {PictureScores(kPictures, 60 + gain), PictureScores(kPictures, 59.5 + gain), still});
    evidence.down.push_back(
        {PictureScores(kPictures, 60 - gain), PictureScores(kPictures, 60.5 - gain), still});
  }
  evidence.unbounded = {{60, 99}, {60, 98}};
  return evidence;
}

/// "name!" for those that refuse.
std::string raised(const MemberScores& table, const MaskingEvidence& evidence) {
  std::string names;
  for (const MaskingFlag& flag : masking_flags(table, evidence)) {
    names += (names.empty() ? "" : " ") + flag.name;
    if (flag.action == FlagAction::kRefuse) names += "!";
    EXPECT_NE(flag.reason, "");
  }
  return names;
}

/// Member m at budget b, the first picture: one of twenty is the least share that counts.
double& first_of(MemberScores& table, std::size_t b, std::size_t m) {
  return table.scores[b][m].front();
}

TEST(MaskingFlags, ASoundSetRaisesNone) {
  EXPECT_EQ(raised(sound_table(), sound_evidence()), "");
  EXPECT_EQ(raised(sound_table(), {}), "");
}

TEST(MaskingFlags, FlatOrMissingGradientsRefuse) {
  MaskingEvidence evidence = sound_evidence();
  evidence.gradient_norms[0] = 0;
  EXPECT_EQ(raised(sound_table(), evidence), "");  // 5 % and not more
  evidence.gradient_norms[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(raised(sound_table(), evidence), "zero-gradient!");
}

TEST(MaskingFlags, RandomScoresNeedMeansOverDraws) {
  MaskingEvidence evidence;
  evidence.passes_differ = true;
  EXPECT_EQ(raised(sound_table(), evidence), "not-deterministic!");
  evidence.averages_draws = true;
  EXPECT_EQ(raised(sound_table(), evidence), "");
}

TEST(MaskingFlags, SquareIsComparedWithApgdOfItsOwnDirection) {
  MemberScores table = sound_table();
  first_of(table, 1, 4) = 40 - 1.5;  // beats apgd-down, 40, at 4 levels
  const auto flags = masking_flags(table, {});
  ASSERT_EQ(flags.size(), 1U);
  EXPECT_EQ(flags[0].name, "black-box-wins");
  EXPECT_NE(flags[0].reason.find("5 % of the pictures (4 levels)"), std::string::npos);
  EXPECT_TRUE(refuses_headline(flags));
  first_of(table, 1, 4) = 81.5;  // the other way: a poor run downwards, no win
  EXPECT_EQ(raised(table, {}), "");
  table.clean.front() = 50;  // from the middle and below square goes up
  EXPECT_EQ(raised(table, {}), "black-box-wins!");
}

TEST(MaskingFlags, NoiseMustBeatEveryWhiteBoxMember) {
  MemberScores table = sound_table();
  first_of(table, 0, 5) = 71.5;
  EXPECT_EQ(raised(table, {}), "noise-wins!");
  first_of(table, 0, 5) = 70.5;
  EXPECT_EQ(raised(table, {}), "");
}

TEST(MaskingFlags, OneStepBeatingFiftyWarns) {
  MemberScores table = sound_table();
  first_of(table, 0, 1) = 48;
  EXPECT_EQ(raised(table, {}), "one-step-wins");
  EXPECT_FALSE(refuses_headline(masking_flags(table, {})));
}

TEST(MaskingFlags, ConvergenceCountsAFifthOfThePictures) {
  MaskingEvidence evidence = sound_evidence();
  for (std::size_t i = 0; i < 3; ++i) evidence.down[1].start1[i] = 50;
  for (std::size_t i = 0; i < 3; ++i) evidence.up[1].late_rise[i] = 1.5;
  EXPECT_EQ(raised(sound_table(), evidence), "");
  evidence.down[1].start1[3] = 50;
  EXPECT_EQ(raised(sound_table(), evidence), "starts-disagree");
  evidence.up[1].late_rise[3] = 1.5;
  EXPECT_EQ(raised(sound_table(), evidence), "starts-disagree still-rising");
  // Within a point and a fifth of the larger gain, 19.5, they agree.
  for (std::size_t i = 0; i < 4; ++i) evidence.down[1].start1[i] = 45.3;
  EXPECT_EQ(raised(sound_table(), evidence), "still-rising");
}

TEST(MaskingFlags, ALargerBudgetMustNotGainLessFromARandomStart) {
  MaskingEvidence evidence = sound_evidence();
  evidence.up[1].start2[0] = 68;
  EXPECT_EQ(raised(sound_table(), evidence), "budget-shrinks");
}

TEST(MaskingFlags, UnboundedRunsMustReachTheNearerEnd) {
  MaskingEvidence evidence;
  evidence.unbounded = {{60, 96}, {40, 4}, {60, 95}, {40, 20}};
  EXPECT_EQ(raised(sound_table(), evidence), "");  // two of four
  evidence.unbounded[1].reached = 80;              // the farther end does not count
  EXPECT_EQ(raised(sound_table(), evidence), "unbounded-fails!");
}

TEST(MaskingFlags, UnboundedRunsAreForSmallChangesAndEvenlySpaced) {
  MemberScores table = sound_table();
  EXPECT_TRUE(needs_unbounded_runs(table));
  table.scores[1][3] = PictureScores(kPictures, 35);
  EXPECT_FALSE(needs_unbounded_runs(table));
  EXPECT_EQ(unbounded_pictures(20), (Rows{0, 2, 5, 7, 10, 12, 15, 17}));
  EXPECT_EQ(unbounded_pictures(3), (Rows{0, 1, 2}));
}

TEST(MaskingFlags, APurifierThatTheAttacksDidNotSeeIsNamed) {
  MaskingEvidence evidence;
  evidence.has_purifier = true;
  EXPECT_EQ(raised(sound_table(), evidence), "not-adaptive");
  evidence.through_purifier = true;
  EXPECT_EQ(raised(sound_table(), evidence), "");
}

TEST(MaskingFlags, RoundingThatHalvesTheChangeIsNoticed) {
  EXPECT_TRUE(lost_in_rounding({50, 50}, {60, 40}, {55, 45}));
  EXPECT_FALSE(lost_in_rounding({50, 50}, {60, 40}, {56, 45}));
  EXPECT_FALSE(lost_in_rounding({50, 50}, {50, 50}, {50, 50}));
}

TEST(MaskingFlags, EvidenceOfAnotherSizeIsRefused) {
  MaskingEvidence evidence = sound_evidence();
  evidence.up.pop_back();
  EXPECT_THROW(static_cast<void>(masking_flags(sound_table(), evidence)), Error);
  MemberScores table = sound_table();
  table.members[5] = "other";
  EXPECT_THROW(static_cast<void>(masking_flags(table, {})), Error);
}

/// The published steps on a smooth model: nothing is masked.
TEST(MaskingFlags, ASmoothModelRaisesNone) {
  const Json fixture = test::read_json(test::fixture_path("attacks/standard.json"));
  MemberScores table;
  table.members = fixture.at("constants").at("members").get<std::vector<std::string>>();
  table.budgets = fixture.at("constants").at("budgets_levels").get<std::vector<double>>();
  table.clean = fixture.at("clean").get<PictureScores>();
  MaskingEvidence evidence;
  for (std::size_t b = 0; b < table.budgets.size(); ++b) {
    std::vector<PictureScores> scores(table.members.size());
    for (std::size_t i = 0; i < table.clean.size(); ++i) {
      const Json& of_picture = fixture.at("scores_float64")[i][b];
      for (std::size_t m = 0; m < scores.size(); ++m) {
        scores[m].push_back(of_picture.at(table.members[m]).get<double>());
      }
    }
    table.scores.push_back(std::move(scores));
  }
  for (const double budget : table.budgets) {
    ApgdRuns up, down;
    const std::string key = std::to_string(static_cast<int>(budget));
    const std::size_t b = evidence.up.size();
    for (std::size_t i = 0; i < table.clean.size(); ++i) {
      const Json& inputs = fixture.at("flag_inputs_float64").at(key)[i];
      for (const auto& [runs, d] :
           {std::pair(&up, std::size_t{0}), std::pair(&down, std::size_t{1})}) {
        runs->start1.push_back(inputs.at("starts")[d][0].get<double>());
        runs->start2.push_back(inputs.at("starts")[d][1].get<double>());
        runs->late_rise.push_back(inputs.at("last10")[d].get<double>());
      }
      EXPECT_NEAR(std::max(up.start1[i], up.start2[i]), table.scores[b][2][i], 1e-9);
    }
    evidence.up.push_back(std::move(up));
    evidence.down.push_back(std::move(down));
  }
  EXPECT_EQ(raised(table, evidence), "");
}

}  // namespace masking_flags_test
}  // namespace robiq
