#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/attack.h"
#include "robiq/attack/local/frequency_mask.h"
#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace fm_goat_test {

std::unique_ptr<Attack> made(const std::string& spec) {
  return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
}

AttackBatch batch_of(test::TinyIqa& model, const at::Tensor& images) {
  AttackBatch batch{images, {}, {"a"}};
  batch.clean_scores = model.score(images).detach();
  return batch;
}

TEST(FmGoat, ItsFirstStepIsTheMaskedGradient) {
  test::TinyIqa model;
  const at::Tensor picture = det::picture({"a", 40, 48, 200, 20});
  const AttackOutcome outcome =
      made("fm-goat:steps=1,alpha=0.5,loss=up")->run(model, batch_of(model, picture), {Rng(1)});
  const at::Tensor leaf = picture.clone().requires_grad_(true);
  const at::Tensor gradient = torch::autograd::grad({model.score(leaf).sum()}, {leaf})[0];
  const at::Tensor mask = frequency_mask(picture);
  const at::Tensor wanted = (picture + 0.5 / 100 * mask * mask * gradient).clamp(0, 1);
  EXPECT_TRUE(at::allclose(outcome.images, wanted, 0, 1e-6));
  EXPECT_EQ(outcome.backwards, 1);
}

TEST(FmGoat, MovesTheScoreTheWayItIsAskedAndKeepsSimilarityBetterThanPlainSteps) {
  test::TinyIqa model;
  const at::Tensor picture = det::picture({"a", 40, 48, 200, 20});
  const AttackBatch batch = batch_of(model, picture);
  for (const char* loss : {"up", "down"}) {
    const AttackOutcome outcome =
        made(std::string("fm-goat:alpha=2,loss=") + loss)->run(model, batch, {Rng(1)});
    const double moved = (model.score(outcome.images) - batch.clean_scores).item<double>();
    EXPECT_GT(loss == std::string("up") ? moved : -moved, 0.1) << loss;
    const at::Tensor signs = (outcome.images - picture).sign();
    const double size = (outcome.images - picture).square().mean().sqrt().item<double>();
    const double kept = ssim(picture, outcome.images).item<double>();
    EXPECT_GT(kept, ssim(picture, (picture + size * signs).clamp(0, 1)).item<double>());
  }
}

TEST(FmGoat, AFlatPictureHasNoPlaceToHideIn) {
  test::TinyIqa model;
  const at::Tensor picture = at::full({1, 3, 32, 32}, 0.5);
  const AttackOutcome outcome = made("fm-goat")->run(model, batch_of(model, picture), {Rng(1)});
  EXPECT_TRUE(at::allclose(outcome.images, picture, 0, 1e-6));
}

TEST(FmGoat, LpipsNeedsItsWeights) {
  EXPECT_THROW(static_cast<void>(made("fm-goat:keeps=lpips-ssim-mse")), Error);
  EXPECT_THROW(static_cast<void>(made("fm-goat:net=vgg")), Error);
}

}  // namespace fm_goat_test
}  // namespace robiq
