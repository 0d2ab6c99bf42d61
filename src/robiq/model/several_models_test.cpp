#include "robiq/model/several_models.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/tensor/random.h"
#include "support/det.h"

namespace robiq {
namespace several_models_test {

std::unique_ptr<QualityModel> small_model(std::uint64_t seed, const ScoreScale& scale) {
  seed_torch_globals(Rng(seed));
  auto model =
      Registry<QualityModel>::instance().make(parse_spec("cnniqa:hidden=8,filters=4", "test"), "t");
  model->set_training(false);
  model->set_scale(scale);
  return model;
}

SeveralModels two_models() {
  std::vector<std::unique_ptr<QualityModel>> models;
  models.push_back(small_model(1, {-1, 1}));
  models.push_back(small_model(2, {10, -10}));
  return SeveralModels(std::move(models));
}

TEST(SeveralModels, ScoreIsTheMeanOnTheCommonScale) {
  SeveralModels both = two_models();
  const at::Tensor picture = det::picture({"a", 40, 40, 200, 20});
  double sum = 0;
  for (const auto& model : both.models()) {
    sum += model->card().scale.normalise(model->score(picture).item<double>());
  }
  EXPECT_NEAR(both.score(picture).item<double>(), sum / 2, 1e-4);
  EXPECT_EQ(both.card().scale.worst, 0);
  EXPECT_EQ(both.card().scale.best, 100);
}

TEST(SeveralModels, AreNamedByTheirPlaceAndFoundAgain) {
  SeveralModels both = two_models();
  EXPECT_EQ(models_in(both).size(), 2U);
  EXPECT_EQ(models_in(*both.models()[0]).size(), 1U);
  EXPECT_EQ(both.state().size(),
            both.models()[0]->state().size() + both.models()[1]->state().size());
  EXPECT_TRUE(both.state().begin()->first.starts_with("0."));
  const ScopedFrozen frozen(both);
  for (const auto& [name, tensor] : both.state()) EXPECT_FALSE(tensor.requires_grad()) << name;
}

}  // namespace several_models_test
}  // namespace robiq
