#include "robiq/app/attack/attacked_picture.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/defense/purify/purified_model.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace attacked_picture_test {

const std::vector<View> kViews = {{0, 0, 24, 24}, {0, 16, 24, 24}, {8, 8, 24, 24}};

at::Tensor picture() { return det::picture({"p", 32, 40, 220, 10}); }

std::unique_ptr<Attack> fgsm(const std::string& options = "epsilon=0.01,step_size=0.01") {
  return Registry<Attack>::instance().make(parse_spec("fgsm:" + options, "test"), "test");
}

AttackedPicture attacked(QualityModel& model, AttackLevel level,
                         const at::Tensor& image = picture(),
                         const std::vector<View>& views = kViews) {
  if (level == AttackLevel::kView) {
    return attack_views({model, model}, *fgsm(), image, views, "p", {Rng(1)});
  }
  CropEnsemble whole(model, views, view_chunk(model.card(), views));
  return attack_whole({whole, whole}, *fgsm(), image, "p", {Rng(1)});
}

double scored(QualityModel& model, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  return model.score(images).to(at::kDouble).mean().item<double>();
}

TEST(AttackedPicture, ByViewNumbersAreMeansOverTheViews) {
  test::TinyIqa model;
  const AttackedPicture got = attacked(model, AttackLevel::kView);
  const at::Tensor cuts = cut_views(picture(), kViews);
  ASSERT_EQ(got.images.sizes(), cuts.sizes());
  EXPECT_NEAR(got.before, scored(model, cuts), 1e-4);
  EXPECT_NEAR(got.before, score_picture(model, picture(), kViews), 1e-4);
  EXPECT_NEAR(got.after, scored(model, got.images), 1e-4);
  EXPECT_NEAR(got.after_8bit, scored(model, quantize_to_8bit(got.images)), 1e-4);
  const at::Tensor moved = (got.images - cuts).abs();
  EXPECT_NEAR(got.linf, moved.max().item<double>(), 1e-7);
  EXPECT_NEAR(got.l2, moved.square().sum({1, 2, 3}).sqrt().mean().item<double>(), 1e-4);
  EXPECT_EQ(got.forwards, 3) << "one a view";
  EXPECT_EQ(got.backwards, 3);
}

TEST(AttackedPicture, SearchesKnowWhichViewTheyScoreBehindRandomNoise) {
  test::TinyIqa model;
  PurifiedModel behind(model, make_purifier("noise:sigma=0.05", "test"),
                       {.draws = 2, .when = PurifierDraws::kEachCall, .rng = Rng(4)});
  for (const std::string spec : {"square:queries=12", "nes:queries=85",
                                 "filters:search=evolution,queries=12", "standard:budget=4/255"}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, spec);
    const auto attack = Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
    const auto attacked_views = [&](const std::vector<View>& views) {
      return attack_views({behind, behind}, *attack, picture(), views, "p", {Rng(1)}).images;
    };
    const bool quick = !spec.starts_with("standard");
    const at::Tensor both = attacked_views({kViews.begin(), kViews.begin() + (quick ? 2 : 1)});
    EXPECT_FALSE(at::equal(both.narrow(0, 0, 1), cut_views(picture(), {kViews.front()})));
    if (!quick) continue;
    EXPECT_TRUE(at::equal(attacked_views({kViews.front()}), both.narrow(0, 0, 1)));
  }
}

TEST(AttackedPicture, CountsEveryDrawOfARandomisedPurifier) {
  test::TinyIqa model;
  for (const std::int64_t draws : {1, 3}) {
    PurifiedModel behind(model, make_purifier("noise:sigma=0.05", "test"),
                         {.draws = draws, .when = PurifierDraws::kEachCall, .rng = Rng(4)});
    const auto passes = [&](const std::string& spec) {
      const auto attack = Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
      const AttackedPicture got =
          attack_views({behind, behind}, *attack, picture(), {kViews.front()}, "p", {Rng(1)});
      return std::pair(got.forwards, got.backwards);
    };
    EXPECT_EQ(passes("ifgsm:steps=4"), std::pair(4 * draws, 4 * draws));
    EXPECT_EQ(passes("square:queries=5"), std::pair(5 * draws, std::int64_t{0}));
  }
}

TEST(AttackedPicture, LinfIsTheLargestOfAnyView) {
  test::TinyIqa model;
  at::Tensor image = picture();
  image.narrow(3, 0, 24).fill_(1.0);  // where half of the pixels cannot move up
  for (const std::int64_t columns : {0, 16}) {
    const std::vector<View> one = {{0, columns, 24, 24}};
    const double alone = attacked(model, AttackLevel::kView, image, one).linf;
    EXPECT_LE(alone, attacked(model, AttackLevel::kView, image).linf + 1e-9);
  }
}

TEST(AttackedPicture, ByImageGradientsFlowThroughTheCuts) {
  test::TinyIqa model;
  const AttackedPicture got = attacked(model, AttackLevel::kImage);
  ASSERT_EQ(got.images.sizes(), picture().sizes());
  EXPECT_NEAR(got.before, score_picture(model, picture(), kViews), 1e-4);
  EXPECT_NEAR(got.after, score_picture(model, got.images, kViews), 1e-4);
  EXPECT_NEAR(got.after_8bit, score_picture(model, quantize_to_8bit(got.images), kViews), 1e-4);
  EXPECT_EQ(got.forwards, 1);
  // No view covers the lower corners left and right of the third.
  const at::Tensor moved = (got.images - picture()).abs();
  EXPECT_EQ(moved.narrow(2, 24, 8).narrow(3, 0, 8).max().item<float>(), 0);
  EXPECT_GT(moved.narrow(2, 24, 8).narrow(3, 8, 24).max().item<float>(), 0);
}

TEST(AttackedPicture, BothLevelsAgreeOnASingleView) {
  test::TinyIqa model;
  const std::vector<View> whole = {{0, 0, 32, 40}};
  const AttackedPicture view = attacked(model, AttackLevel::kView, picture(), whole);
  const AttackedPicture image = attacked(model, AttackLevel::kImage, picture(), whole);
  EXPECT_TRUE(at::equal(view.images, image.images));
  EXPECT_DOUBLE_EQ(view.after, image.after);
}

TEST(AttackedPicture, LeavesTheModelInItsMode) {
  test::TinyIqa model;
  model.set_training(true);
  static_cast<void>(attacked(model, AttackLevel::kView));
  EXPECT_TRUE(model.training());
}

TEST(AttackedPicture, IsSavedAsWhatIsScored) {
  test::TinyIqa model;
  const TemporaryFolder folder;
  const AttackedPicture views = attacked(model, AttackLevel::kView);
  const auto files = save_attacked(views, folder.path() / "new", "photo");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[1], folder.path() / "new" / "photo.view01.png");
  EXPECT_TRUE(at::equal(read_picture(files[1]), to_bytes(views.images[1])));
  const AttackedPicture image = attacked(model, AttackLevel::kImage);
  const auto one = save_attacked(image, folder.path(), "photo");
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0], folder.path() / "photo.png");
  EXPECT_NEAR(scored(model, cut_views(to_float(read_picture(one[0])).unsqueeze(0), kViews)),
              image.after_8bit, 1e-4);
}

}  // namespace attacked_picture_test
}  // namespace robiq
