#include "robiq/app/train/training_plan.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/tensor/random.h"
#include "robiq/tensor/resample.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace training_plan_test {

/// Pictures with given labels.
class Labelled final : public Dataset {
 public:
  explicit Labelled(const std::vector<double>& labels, ScoreScale scale = {1, 5},
                    const std::string& name = "labelled") {
    card_ = {.name = name, .spec = name, .paper = "", .scale = scale};
    for (const double label : labels) {
      ImageRecord record;
      record.id = "p" + std::to_string(records_.size());
      record.mos = label;
      records_.push_back(record);
    }
  }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    return det::image({record.id, 40, 48});
  }

 private:
  DatasetCard card_;
  std::vector<ImageRecord> records_;
};

std::unique_ptr<QualityModel> make(const std::string& spec) {
  seed_torch_globals(Rng(1));
  return Registry<QualityModel>::instance().make(parse_spec(spec, "test"), "test");
}

TEST(RecipeFor, CompatChoosesWhatTheCodeDoesWhereItDiffers) {
  ModelCard card;
  card.recipe.epochs = 3;
  EXPECT_EQ(recipe_for(card, RecipeSource::kOfficial).epochs, 3) << "nothing else is known";
  card.official_recipe = card.recipe;
  card.official_recipe->epochs = 5;
  EXPECT_EQ(recipe_for(card, RecipeSource::kPaper).epochs, 3);
  EXPECT_EQ(recipe_for(card, RecipeSource::kOfficial).epochs, 5);
}

TEST(FillFromRecipe, LeavesWhatWasGiven) {
  TrainRequest request;
  request.epochs = 2;
  request.nt_choice.batchnorm = NtBatchnorm::kFrozen;
  TrainingRecipe recipe{.loss = "mse", .weight_decay = 0.5, .epochs = 9, .batch_size = 7};
  fill_from_recipe(request, recipe);
  EXPECT_EQ(request.loss, "mse");
  EXPECT_EQ(request.weight_decay, 0.5);
  EXPECT_EQ(request.epochs, 2);
  EXPECT_EQ(request.first_epochs, 2) << "as many as epochs";
  EXPECT_EQ(request.batch_size, 7);
  EXPECT_EQ(request.nt_choice.batchnorm, NtBatchnorm::kFrozen);
}

TEST(LabelMap, NativeLabelsStay) {
  const LabelMap map = label_map({}, Labelled({2, 3}), {0, 1});
  EXPECT_EQ(map(2.5), 2.5);
}

TEST(LabelMap, UnitTakesTheDataSetsEndsOrThoseOfTheTrainingPart) {
  const Labelled data({2, 3, 4, 5});
  const LabelMap whole = label_map({.labels = LabelRange::kUnit}, data, {0, 1, 2});
  EXPECT_DOUBLE_EQ(whole(1), 0);
  EXPECT_DOUBLE_EQ(whole(5), 1);
  const LabelMap part = label_map({.labels = LabelRange::kSplitUnit}, data, {0, 1, 2});
  EXPECT_DOUBLE_EQ(part(2), 0);
  EXPECT_DOUBLE_EQ(part(4), 1);
  EXPECT_DOUBLE_EQ(part(5), 1.5);
}

TEST(LabelMap, TheWorstIsZeroForDifferenceScoresToo) {
  const Labelled data({10, 90}, {100, 0});
  EXPECT_DOUBLE_EQ(label_map({.labels = LabelRange::kUnit}, data, {0, 1})(100), 0);
  EXPECT_DOUBLE_EQ(label_map({.labels = LabelRange::kSplitUnit}, data, {0, 1})(90), 0);
  EXPECT_DOUBLE_EQ(label_map({.labels = LabelRange::kSplitUnit}, data, {0, 1})(10), 1);
}

TEST(LabelMap, EqualLabelsCannotBeScaled) {
  const Labelled data({3, 3});
  expect_error(ErrorKind::kData, {"all labels are equal", "labelled", "different scores"}, [&] {
    static_cast<void>(label_map({.labels = LabelRange::kSplitUnit}, data, {0, 1}));
  });
}

TEST(PictureSize, IsTheDataSetsOwnOrThatOfAnyOther) {
  TrainingRecipe recipe;
  EXPECT_EQ(picture_size(recipe, Labelled({1})).height, 0);
  recipe.sizes = {{"koniq10k", {.height = 384, .width = 512}}};
  EXPECT_EQ(picture_size(recipe, Labelled({1})).height, 0);
  EXPECT_EQ(picture_size(recipe, Labelled({1}, {1, 5}, "koniq10k")).width, 512);
  recipe.sizes[""] = {.height = 10, .width = 20};
  EXPECT_EQ(picture_size(recipe, Labelled({1})).width, 20);
  const CropPolicy crops = crop_policy(recipe, Labelled({1}));
  EXPECT_EQ(crops.resize_height, 10);
  EXPECT_EQ(crops.resize_width, 20);
}

/// Name, epochs and whether NT is in it, of every phase.
std::vector<std::string> phases_of(TrainRequest request,
                                   RecipeSource source = RecipeSource::kPaper) {
  const auto model = make("dbcnn");
  const TrainingRecipe& recipe = recipe_for(model->card(), source);
  fill_from_recipe(request, recipe);
  const auto loss = Registry<Loss>::instance().make("l1", {});
  const auto defense = Registry<Defense>::instance().make("none", {});
  std::vector<bool> nt;
  const Phases made = make_phases(request, recipe, *model, [&](Optimizer& optimizer, bool on) {
    nt.push_back(on);
    return StepParts{*model, *loss, *defense, optimizer};
  });
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < made.phases.size(); ++i) {
    texts.push_back(made.phases[i].name + " " + std::to_string(made.phases[i].epochs) +
                    (nt[i] ? " nt" : "") + (made.phases[i].running_statistics ? " running" : ""));
  }
  return texts;
}

TEST(MakePhases, DbcnnHasTwo) {
  EXPECT_THAT(phases_of({}), testing::ElementsAre("fc alone 50 running", "all 50 nt"));
  EXPECT_THAT(phases_of({}, RecipeSource::kOfficial),
              testing::ElementsAre("fc alone 50", "all 50 nt"));
  TrainRequest request;
  request.epochs = 4;
  request.first_epochs = 1;
  request.nt_choice.first_phase = true;
  EXPECT_THAT(phases_of(request), testing::ElementsAre("fc alone 1 nt running", "all 4 nt"));
  request.first_epochs = 0;
  EXPECT_THAT(phases_of(request), testing::ElementsAre("all 4 nt"));
}

TEST(FitScoreMapping, MapsRawOutputsToTheLabels) {
  const auto model = make("linearityiqa");
  const Labelled data({1, 2, 5, 4});
  fit_score_mapping(*model, data, {0, 1, 2, 3});
  EXPECT_TRUE(model->training()) << "as before";
  model->set_training(false);
  const at::NoGradGuard no_grad;
  // A least-squares line leaves residuals that sum to zero and do not run with the outputs.
  double sum = 0, along = 0;
  for (const ImageRecord& record : data.records()) {
    const at::Tensor picture = det::picture({record.id, 40, 48});
    const at::Tensor input =
        resize_bytes((picture[0] * 255).to(at::kByte), 498, 664).to(at::kFloat).unsqueeze(0) / 255;
    const double residual = model->score(input).item<double>() - record.mos;
    sum += residual;
    along += residual * model->training_outputs(input)[0][0].item<double>();
  }
  EXPECT_NEAR(sum, 0, 1e-3);
  EXPECT_NEAR(along, 0, 1e-3);
  EXPECT_NE(model->state().at("k")[0].item<double>(), 1);
}

}  // namespace training_plan_test
}  // namespace robiq
