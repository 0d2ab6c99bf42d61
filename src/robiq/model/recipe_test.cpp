#include "robiq/model/recipe.h"

#include <gtest/gtest.h>

#include "robiq/model/quality_model.h"

namespace robiq {
namespace recipe_test {

ModelCard card_of(const std::string& spec) {
  return Registry<QualityModel>::instance().make(parse_spec(spec, "test"), "test")->card();
}

using Rates = std::map<std::string, double>;

/// What the supplement's Table S1 and section S3.3 say, and no more.
void expect_table_s1(const TrainingRecipe& recipe, std::int64_t batch, std::int64_t epochs,
                     std::int64_t patches) {
  EXPECT_EQ(recipe.batch_size, batch);
  EXPECT_EQ(recipe.epochs, epochs);
  EXPECT_EQ(recipe.crops_per_image, patches);
  EXPECT_EQ(recipe.nt_weight, 1e-3);
}

TEST(Recipe, HyperIqa) {
  const ModelCard card = card_of("hyperiqa");
  for (const TrainingRecipe& recipe : {card.recipe, card.official_recipe.value()}) {
    expect_table_s1(recipe, 16, 16, 25);
    EXPECT_EQ(recipe.crop_side, 224);
    EXPECT_TRUE(recipe.flip);
    EXPECT_EQ(recipe.loss, "l1");
    EXPECT_EQ(recipe.optimizer, OptimizerKind::kAdam);
    EXPECT_EQ(recipe.learning_rate, 2e-4);
    EXPECT_EQ(recipe.group_rates, (Rates{{"backbone", 0.1}}));
    EXPECT_EQ(recipe.weight_decay, 5e-4);
    EXPECT_EQ(recipe.schedule, ScheduleKind::kStep);
    EXPECT_EQ(recipe.step_epochs, 6);
    EXPECT_EQ(recipe.labels, LabelRange::kNative);
    EXPECT_EQ(recipe.select_by, "srocc");
    EXPECT_TRUE(recipe.first_phases.empty());
  }
  EXPECT_TRUE(card.recipe.first_epoch_only.empty() && card.recipe.unscheduled.empty());
  EXPECT_FALSE(card.recipe.new_optimizer_every_epoch || card.recipe.select_on_test);
  EXPECT_EQ(card.recipe.sizes.at("koniq10k").height, 384);
  EXPECT_EQ(card.recipe.nt_batchnorm, NtBatchnorm::kClean);
  const TrainingRecipe& code = *card.official_recipe;
  EXPECT_EQ(code.first_epoch_only, std::vector<std::string>{"head"}) << "H1";
  EXPECT_EQ(code.unscheduled, std::vector<std::string>{"backbone"}) << "H2";
  EXPECT_TRUE(code.new_optimizer_every_epoch) << "H3";
  EXPECT_EQ(code.sizes.at("koniq10k").height, 512) << "H4";
  EXPECT_EQ(code.sizes.at("koniq10k").width, 384) << "H4";
  EXPECT_TRUE(code.select_on_test) << "H5";
  EXPECT_EQ(code.nt_batchnorm, NtBatchnorm::kOfficial);
}

TEST(Recipe, Dbcnn) {
  const ModelCard card = card_of("dbcnn");
  for (const TrainingRecipe& recipe : {card.recipe, card.official_recipe.value()}) {
    expect_table_s1(recipe, 6, 50, 1);
    EXPECT_EQ(recipe.crop_side, 448) << "of pictures that are scored whole, at 500x500";
    EXPECT_TRUE(recipe.flip);
    EXPECT_EQ(recipe.loss, "mse");
    EXPECT_EQ(recipe.optimizer, OptimizerKind::kAdam);
    EXPECT_EQ(recipe.learning_rate, 1e-5);
    EXPECT_EQ(recipe.weight_decay, 5e-4);
    EXPECT_EQ(recipe.schedule, ScheduleKind::kConstant);
    ASSERT_EQ(recipe.first_phases.size(), 1U);
    const TrainingPhase& first = recipe.first_phases.front();
    EXPECT_EQ(first.groups, std::vector<std::string>{"head"});
    EXPECT_EQ(first.optimizer, OptimizerKind::kSgd);
    EXPECT_EQ(first.learning_rate, 1e-3);
    EXPECT_EQ(first.weight_decay, 5e-4);
  }
  EXPECT_TRUE(card.recipe.first_phases.front().running_statistics);
  EXPECT_FALSE(card.official_recipe->first_phases.front().running_statistics) << "D1";
  EXPECT_FALSE(card.recipe.select_on_test);
  EXPECT_TRUE(card.official_recipe->select_on_test) << "D6";
  EXPECT_EQ(card_of("dbcnn:crop=none").recipe.crop_side, 0);
  EXPECT_EQ(card_of("dbcnn:crop=none").official_recipe->crop_side, 0);
}

TEST(Recipe, LinearityIqa) {
  const ModelCard card = card_of("linearityiqa");
  for (const TrainingRecipe& recipe : {card.recipe, card.official_recipe.value()}) {
    expect_table_s1(recipe, 4, 30, 1);
    EXPECT_EQ(recipe.crop_side, 0);
    EXPECT_EQ(recipe.sizes.at("").height, 498);
    EXPECT_EQ(recipe.sizes.at("").width, 664);
    EXPECT_FALSE(recipe.flip);
    EXPECT_EQ(recipe.loss, "norm-in-norm");
    EXPECT_EQ(recipe.optimizer, OptimizerKind::kAdam);
    EXPECT_EQ(recipe.learning_rate, 1e-4);
    EXPECT_EQ(recipe.group_rates, (Rates{{"backbone", 0.1}}));
    EXPECT_EQ(recipe.weight_decay, 0);
    EXPECT_EQ(recipe.schedule, ScheduleKind::kStep);
    EXPECT_EQ(recipe.step_epochs, 10);
    EXPECT_EQ(recipe.least_batch, 2) << "L1, in either mode: a batch of one cannot be trained on";
    EXPECT_TRUE(recipe.linear_mapping);
  }
  EXPECT_EQ(card.recipe.select_by, "srocc");
  EXPECT_EQ(card.official_recipe->select_by, "abs-srocc") << "L2";
}

TEST(Recipe, Maniqa) {
  const ModelCard card = card_of("maniqa");
  for (const TrainingRecipe& recipe : {card.recipe, card.official_recipe.value()}) {
    expect_table_s1(recipe, 1, 30, 20);
    EXPECT_EQ(recipe.crop_side, 224);
    EXPECT_EQ(recipe.loss, "mse");
    EXPECT_EQ(recipe.optimizer, OptimizerKind::kAdam);
    EXPECT_EQ(recipe.learning_rate, 1e-5);
    EXPECT_EQ(recipe.weight_decay, 1e-5);
    EXPECT_EQ(recipe.select_by, "srocc+plcc");
  }
  EXPECT_TRUE(card.recipe.flip);
  EXPECT_EQ(card.recipe.upside_down, 0);
  EXPECT_EQ(card.recipe.schedule, ScheduleKind::kCosineEpochs);
  EXPECT_EQ(card.recipe.labels, LabelRange::kUnit);
  EXPECT_FALSE(card.recipe.exclusive_crops);
  const TrainingRecipe& code = *card.official_recipe;
  EXPECT_FALSE(code.flip) << "M1";
  EXPECT_EQ(code.upside_down, 0.7) << "M1";
  EXPECT_EQ(code.schedule, ScheduleKind::kCosineWave) << "M2";
  EXPECT_EQ(code.labels, LabelRange::kSplitUnit) << "M3";
  EXPECT_TRUE(code.exclusive_crops) << "M4";
  EXPECT_EQ(code.least_batch, 0) << "drop_last";
}

}  // namespace recipe_test
}  // namespace robiq
