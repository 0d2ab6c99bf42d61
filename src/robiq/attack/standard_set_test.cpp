#include "robiq/attack/standard_set.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "robiq/core/error.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace standard_set_test {

/// Two pictures on TinyIQA, and a set that takes a second.
class StandardSets : public testing::Test {
 protected:
  void SetUp() override { model_.set_training(false); }
  [[nodiscard]] AttackBatch batch(const std::vector<std::string>& names) {
    AttackBatch made;
    std::vector<at::Tensor> images;
    for (const std::string& name : names) {
      images.push_back(det::picture({name, 24, 20, 220, 10}));
      made.ids.push_back(name);
    }
    made.images = at::cat(images);
    made.clean_scores = model_.score(made.images).detach();
    return made;
  }
  [[nodiscard]] StandardOutcome run(const AttackBatch& pictures) {
    const ScopedFrozen frozen(model_);
    return run_standard_set(model_, pictures, set_, {Rng(7)});
  }
  test::TinyIqa model_;
  StandardSet set_{{2.0 / 255, 8.0 / 255}, 6, 20};
};

TEST_F(StandardSets, EveryMemberStaysInItsBallAndMoves) {
  const AttackBatch pictures = batch({"a", "b"});
  const StandardOutcome outcome = run(pictures);
  ASSERT_EQ(outcome.budgets.size(), 2U);
  for (std::size_t b = 0; b < 2; ++b) {
    ASSERT_EQ(outcome.budgets[b].images.size(), kStandardMembers.size());
    for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
      const at::Tensor& images = outcome.budgets[b].images[m];
      const double moved = (images - pictures.images).abs().max().item<double>();
      EXPECT_LE(moved, set_.budgets[b] + 1e-6) << kStandardMembers[m];
      EXPECT_GT(moved, 0.9 * set_.budgets[b]) << kStandardMembers[m];
      EXPECT_GE(images.min().item<double>(), 0);
      EXPECT_LE(images.max().item<double>(), 1);
    }
  }
}

TEST_F(StandardSets, DirectionsRaiseAndLowerAndALargerBudgetReachesFurther) {
  const AttackBatch pictures = batch({"a", "b"});
  const StandardOutcome outcome = run(pictures);
  const auto score = [&](std::size_t budget, std::size_t member) {
    return model_.score(outcome.budgets[budget].images[member]).sum().item<double>();
  };
  const double clean = pictures.clean_scores.sum().item<double>();
  constexpr std::size_t kUp = 2, kDown = 3;
  EXPECT_GT(score(0, kUp), clean);
  EXPECT_LT(score(0, kDown), clean);
  EXPECT_GE(score(1, kUp), score(0, kUp));
  EXPECT_LE(score(1, kDown), score(0, kDown));
  EXPECT_GE(score(1, kUp), score(1, 0)) << "APGD is no weaker than FGSM here";
}

TEST_F(StandardSets, RowsDoNotInfluenceEachOther) {
  const StandardOutcome both = run(batch({"a", "b"})), alone = run(batch({"b"}));
  for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
    EXPECT_LT(
        (both.budgets[1].images[m][1] - alone.budgets[1].images[m][0]).abs().max().item<double>(),
        1e-6)
        << kStandardMembers[m];
  }
}

TEST_F(StandardSets, PassesAreThoseOfThePlan) {
  const StandardSet usual;
  EXPECT_EQ(usual.forwards(), 4830);
  EXPECT_EQ(usual.backwards(), 817);
  const AttackBatch pictures = batch({"a"});
  const std::int64_t before = model_.forwards;
  static_cast<void>(run(pictures));
  // The clean score is known; members' scores other than APGD's and Square's are taken later.
  const std::int64_t budgets = std::ssize(set_.budgets);
  EXPECT_EQ(model_.forwards - before, set_.forwards() - 1 - 3 * budgets);
}

TEST(StandardAttack, TakesBudgetsAsFractions) {
  const auto attack =
      Registry<Attack>::instance().make(parse_spec("standard:budget=4/255+2/255", "test"), "test");
  EXPECT_NEAR(attack->card().linf_budget, 4.0 / 255, 1e-12);
  const auto& set = dynamic_cast<const RunsStandardSet&>(*attack).standard_set();
  ASSERT_EQ(set.budgets.size(), 2U);
  EXPECT_NEAR(set.budgets[0], 2.0 / 255, 1e-12);
  const auto decimal = Registry<Attack>::instance().make(
      parse_spec("standard:budget=0.0156862745098", "test"), "test");
  EXPECT_EQ(decimal->card().linf_budget, 4.0 / 255) << "as its results are stored";
  expect_error(ErrorKind::kUsage, {"'x' is not a budget", "budget", "*"}, [] {
    static_cast<void>(
        Registry<Attack>::instance().make(parse_spec("standard:budget=x", "test"), "test"));
  });
}

}  // namespace standard_set_test
}  // namespace robiq
