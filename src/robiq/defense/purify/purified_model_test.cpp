#include "robiq/defense/purify/purified_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <string>
#include <vector>

#include "robiq/defense/purify/purifier_chain.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace purified_model_test {

at::Tensor pictures() {
  return at::cat({det::picture({"a", 40, 48, 128, 64}), det::picture({"b", 40, 48, 64, 180})});
}

at::Tensor gradient_of(QualityModel& model, const at::Tensor& images) {
  const at::Tensor leaf = images.clone().requires_grad_(true);
  return torch::autograd::grad({model.score(leaf).sum()}, {leaf})[0];
}

class PurifiedModelTest : public testing::Test {
 protected:
  PurifiedModelTest() { model_.set_training(false); }
  PurifiedModel behind(const std::string& spec, const Purification& purification) {
    return {model_, make_purifier(spec, "test"), purification};
  }
  test::TinyIqa model_;
};

TEST_F(PurifiedModelTest, ScoresAreTheMeanOverTheDrawsOfEachPicture) {
  PurifiedModel purified = behind("noise:sigma=0.1", {.draws = 3, .rng = Rng(4)});
  purified.begin({"a", "b"});
  const at::Tensor scores = purified.score(pictures());
  const auto noise = make_purifier("noise:sigma=0.1", "test");
  std::vector<double> draws;
  for (std::uint64_t k = 0; k < 3; ++k) {
    const at::Tensor b = pictures().narrow(0, 1, 1);
    draws.push_back(model_.score(noise->purify(b, {Rng(4).child("b").child(k)})).item<double>());
  }
  const double mean = (draws[0] + draws[1] + draws[2]) / 3;
  EXPECT_NEAR(scores[1].item<double>(), mean, 1e-4);
  const PurifiedScores sure = purified.score_draws(pictures());
  EXPECT_TRUE(at::allclose(sure.mean, scores, 0, 1e-4));
  double squares = 0;
  for (const double draw : draws) squares += (draw - mean) * (draw - mean);
  EXPECT_NEAR(sure.standard_error[1].item<double>(), std::sqrt(squares / 2 / 3), 1e-3);
}

TEST_F(PurifiedModelTest, GradesDrawTheSameForEveryVersionOfAPicture) {
  PurifiedModel purified = behind("noise:sigma=0.1", {.draws = 2});
  purified.begin({"a", "b"});
  const at::Tensor once = purified.score(pictures());
  EXPECT_TRUE(at::equal(purified.score(pictures()), once));
  const at::Tensor twice = purified.score(at::cat({pictures(), pictures()}));
  EXPECT_TRUE(at::allclose(twice, at::cat({once, once}), 0, 1e-4));
  purified.begin({"b"});
  EXPECT_TRUE(
      at::allclose(purified.score(pictures().narrow(0, 1, 1)), once.narrow(0, 1, 1), 0, 1e-4));
}

TEST_F(PurifiedModelTest, StepsBeginWhereTheyAreToldTo) {
  const at::Tensor images = pictures();
  for (const PurifierDraws when : {PurifierDraws::kEachGradient, PurifierDraws::kEachCall}) {
    PurifiedModel purified = behind("noise:sigma=0.1", {.draws = 2, .when = when});
    purified.begin({"a", "b"});
    const at::Tensor first = gradient_of(purified, images);
    const at::Tensor compared = purified.score(images), again = purified.score(images);
    EXPECT_EQ(at::equal(compared, again), when == PurifierDraws::kEachGradient);
    EXPECT_FALSE(at::equal(gradient_of(purified, images), first)) << "new draws every step";
    purified.begin({"a", "b"});
    EXPECT_TRUE(at::equal(gradient_of(purified, images), first)) << "common to both directions";
  }
}

TEST_F(PurifiedModelTest, AnAttackThatIsNotAdaptiveSeesTheBareModelsGradient) {
  const at::Tensor images = pictures();
  PurifiedModel plain = behind("median-blur", {.adaptive = false});
  PurifiedModel adaptive = behind("median-blur", {});
  const at::Tensor leaf = images.clone().requires_grad_(true);
  EXPECT_TRUE(at::equal(plain.score(leaf).detach(), adaptive.score(images)));
  EXPECT_TRUE(at::allclose(gradient_of(plain, images), gradient_of(model_, images)));
  EXPECT_FALSE(at::allclose(gradient_of(adaptive, images), gradient_of(model_, images)));
}

TEST_F(PurifiedModelTest, NeedsToKnowThePicturesOfRandomDrawsOnly) {
  PurifiedModel fixed = behind("median-blur", {});
  EXPECT_EQ(fixed.score(pictures()).size(0), 2);
  PurifiedModel random = behind("noise", {});
  const auto score = [&] { static_cast<void>(random.score(pictures())); };
  expect_error(ErrorKind::kInternal, {"2 pictures are scored where 0", "*", "begin()"}, score);
  random.begin({"a", "b", "c"});
  expect_error(ErrorKind::kInternal, {"2 pictures are scored where 3", "*", "*"}, score);
  expect_error(ErrorKind::kUsage, {"over 0 draws", "*", "*"},
               [&] { static_cast<void>(behind("noise", {.draws = 0})); });
}

}  // namespace purified_model_test
}  // namespace robiq
