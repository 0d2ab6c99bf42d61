#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/core/error.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace filters_test {

std::unique_ptr<Attack> made(const std::string& spec) {
  return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
}

class FiltersAttack : public testing::Test {
 protected:
  [[nodiscard]] AttackBatch batch() {
    AttackBatch out{
        at::cat({det::picture({"a", 40, 40, 128, 64}), det::picture({"b", 40, 40, 200, 20})}),
        {},
        {"a", "b"}};
    out.clean_scores = model_.score(out.images).detach();
    return out;
  }
  test::TinyIqa model_;
};

TEST_F(FiltersAttack, AppliesOneFilterAtOneStrengthWithoutAskingTheModel) {
  const AttackBatch all = batch();
  const auto attack = made("filters:filter=gamma,strength=0.8");
  EXPECT_FALSE(attack->card().uses_model);
  model_.forwards = 0;
  const AttackOutcome outcome = attack->run(model_, all, {Rng(1)});
  EXPECT_EQ(model_.forwards, 0);
  EXPECT_TRUE(at::allclose(outcome.images, all.images.pow(0.8)));
}

TEST_F(FiltersAttack, SearchKeepsTheStrengthThatMovesTheScoreMost) {
  const AttackBatch all = batch();
  const auto filter = Registry<PictureFilter>::instance().make("gamma", {});
  at::Tensor highest = all.clean_scores;
  for (const double strength : filter->card().strengths) {
    highest = at::maximum(highest, model_.score(filter->apply(all.images, strength)));
  }
  const AttackOutcome outcome =
      made("filters:filter=gamma,search=grid,loss=up")->run(model_, all, {Rng(1)});
  EXPECT_TRUE(at::allclose(model_.score(outcome.images), highest, 0, 1e-3));
  EXPECT_EQ(outcome.forwards, static_cast<std::int64_t>(filter->card().strengths.size()));
}

TEST_F(FiltersAttack, AllFiltersReachAtLeastWhatOneDoes) {
  const AttackBatch all = batch();
  const auto score = [&](const std::string& spec) {
    return model_.score(made(spec)->run(model_, all, {Rng(1)}).images);
  };
  const at::Tensor best = score("filters:loss=down");
  for (const std::string one : {"noise", "blur", "clahe", "brightness"}) {
    EXPECT_TRUE((best <= score("filters:loss=down,filter=" + one) + 1e-3).all().item<bool>())
        << one;
  }
}

TEST_F(FiltersAttack, EvolutionFindsMoreThanTheGridAndCountsItsQueries) {
  const AttackBatch all = batch();
  const auto found = [&](const std::string& search) {
    return made("filters:filter=gamma,loss=up,search=" + search)->run(model_, all, {Rng(1)});
  };
  const AttackOutcome evolved = found("evolution"), grid = found("grid");
  const at::Tensor more = model_.score(evolved.images) - model_.score(grid.images);
  EXPECT_GE(more.min().item<double>(), -0.05) << "between the graded strengths";
  EXPECT_GT(evolved.forwards, 280);
  EXPECT_LE(evolved.forwards, 28 + 12 * 24);
}

TEST_F(FiltersAttack, EvolutionOfARowDependsOnItsIdOnly) {
  const AttackBatch all = batch();
  const auto attack = made("filters:filter=median,search=evolution,queries=40");
  const at::Tensor together = attack->run(model_, all, {Rng(1)}).images;
  const AttackBatch second{all.images.narrow(0, 1, 1), all.clean_scores.narrow(0, 1, 1), {"b"}};
  EXPECT_TRUE(at::equal(together[1], attack->run(model_, second, {Rng(1)}).images[0]));
}

TEST_F(FiltersAttack, NoiseDependsOnTheRowsIdOnly) {
  const AttackBatch all = batch();
  const auto attack = made("filters:filter=noise,strength=0.05");
  const at::Tensor together = attack->run(model_, all, {Rng(1)}).images;
  const AttackBatch second{all.images.narrow(0, 1, 1), all.clean_scores.narrow(0, 1, 1), {"b"}};
  EXPECT_TRUE(at::equal(together[1], attack->run(model_, second, {Rng(1)}).images[0]));
  EXPECT_FALSE(at::equal(together[1], attack->run(model_, second, {Rng(2)}).images[0]));
}

TEST_F(FiltersAttack, RefusesOptionsThatContradictEachOther) {
  for (const std::string options :
       {"strength=0.8", "filter=gamma,strength=0.8,search=grid", "filter=gamma,search=none",
        "filter=gamma,grain=true", "filter=gamma,tiles=4", "filter=sepia",
        "filter=median,strength=4", "filter=gamma,strength=0.8,loss=up"}) {
    EXPECT_THROW(static_cast<void>(made("filters:" + options)), Error) << options;
  }
}

}  // namespace filters_test
}  // namespace robiq
