#include "robiq/model/views.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <set>

#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/random.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace views_test {

using Kind = ViewPolicy::Kind;

std::vector<std::int64_t> tops(const std::vector<View>& views) {
  std::set<std::int64_t> unique;
  for (const View& view : views) unique.insert(view.top);
  return {unique.begin(), unique.end()};
}

TEST(Views, GridIsEvenAndRounded) {
  const auto views =
      make_views({.kind = Kind::kGrid, .side = 224, .rows = 5, .columns = 5}, 500, 300, Rng(0));
  EXPECT_EQ(views.size(), 25u);
  EXPECT_EQ(tops(views), (std::vector<std::int64_t>{0, 69, 138, 207, 276}));
  EXPECT_EQ(views[1].left, 19);
}

TEST(Views, EqualCropsAreComputedOnce) {
  const auto views =
      make_views({.kind = Kind::kGrid, .side = 224, .rows = 5, .columns = 5}, 224, 226, Rng(0));
  EXPECT_EQ(views.size(), 3u);
}

TEST(Views, TilesCoverThePictureToItsEdges) {
  const auto views = make_views({.kind = Kind::kTiles, .side = 32}, 70, 64, Rng(0));
  EXPECT_EQ(tops(views), (std::vector<std::int64_t>{0, 32, 38}));
  EXPECT_EQ(views.size(), 6u);
}

TEST(Views, RandomOnesAreAFunctionOfThePosition) {
  const ViewPolicy policy{.kind = Kind::kRandom, .side = 10, .count = 200};
  const auto views = make_views(policy, 12, 10, Rng(7));
  EXPECT_EQ(views, make_views(policy, 12, 10, Rng(7)));
  EXPECT_NE(views, make_views(policy, 12, 10, Rng(8)));
  EXPECT_EQ(tops(views), (std::vector<std::int64_t>{0, 1, 2}));  // inclusive at both ends
}

TEST(Views, CountKeepsAnEvenlySpreadPart) {
  const auto views = make_views({.kind = Kind::kTiles, .side = 32, .count = 1}, 96, 96, Rng(0));
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0], (View{32, 32, 32, 32}));
}

TEST(Views, TooSmallAPictureIsRefusedWithTheLeastSize) {
  expect_error(
      ErrorKind::kData, {"20x40, smaller than the model's crop of 32x32", "", "--fit"},
      [] { static_cast<void>(make_views({.kind = Kind::kTiles, .side = 32}, 40, 20, Rng(0))); });
}

TEST(Views, SlopesOfCutsAddUpInThePicture) {
  const std::vector<View> views = {{0, 0, 4, 5}, {2, 3, 4, 5}, {2, 3, 4, 5}, {5, 1, 4, 5}};
  const at::Tensor picture = det::noise("picture", 0, 1, {1, 3, 9, 8}).to(at::kDouble);
  const at::Tensor weights = det::noise("weights", 0, 1, {4, 3, 4, 5}).to(at::kDouble);
  at::Tensor expected = at::zeros_like(picture);
  for (std::int64_t i = 0; i < 4; ++i) {
    const View& view = views[static_cast<std::size_t>(i)];
    expected.narrow(2, view.top, 4).narrow(3, view.left, 5).add_(weights.narrow(0, i, 1));
  }
  const at::Tensor leaf = picture.clone().requires_grad_(true);
  const at::Tensor cuts = cut_views(leaf, views);
  EXPECT_TRUE(at::equal(cuts, cut_views(picture, views)));
  const at::Tensor slope = torch::autograd::grad({(cuts * weights).sum()}, {leaf})[0];
  EXPECT_TRUE(at::allclose(slope, expected, 1e-12, 1e-12));
  // Once more: the slope of sum(cuts^3) is 3 cuts^2, and of that one's sum 6 cuts.
  const at::Tensor cubes = cut_views(leaf, views).pow(3).sum();
  const at::Tensor first = torch::autograd::grad({cubes}, {leaf}, {}, true, true)[0];
  const at::Tensor second = torch::autograd::grad({first.sum()}, {leaf})[0];
  at::Tensor covered = at::zeros_like(picture);
  for (const View& view : views) {
    covered.narrow(2, view.top, 4).narrow(3, view.left, 5).add_(1);
  }
  EXPECT_TRUE(at::allclose(second, 6 * picture * covered, 1e-12, 1e-12));
}

TEST(CropEnsemble, IsTheMeanOverTheViewsWhateverTheChunk) {
  test::TinyIqa model;
  const at::Tensor picture = det::picture({"a", 64, 96, 128, 64});
  const auto views = make_views({.kind = Kind::kTiles, .side = 32}, 64, 96, Rng(0));
  const at::Tensor mean = model.score(cut_views(picture, views)).mean();
  for (const std::int64_t chunk : {1, 4, 100}) {
    EXPECT_NEAR(CropEnsemble(model, views, chunk).score(picture).item<double>(),
                mean.item<double>(), 1e-4);
  }
}

TEST(CropEnsemble, GradientsOfAFrozenModelAreTakenChunkByChunk) {
  test::TinyIqa model;
  const ScopedFrozen frozen(model);
  const at::Tensor picture = det::picture({"a", 64, 96, 128, 64});
  const auto views = make_views({.kind = Kind::kTiles, .side = 32}, 64, 96, Rng(0));
  const auto slopes = [&](std::int64_t chunk, bool twice) {
    const at::Tensor leaf = picture.clone().requires_grad_(true);
    const at::Tensor score = CropEnsemble(model, views, chunk).score(leaf);
    const at::Tensor first =
        torch::autograd::grad({score.square().sum()}, {leaf}, {}, twice, twice)[0];
    return twice ? torch::autograd::grad({first.square().sum()}, {leaf})[0] : first;
  };
  for (const bool twice : {false, true}) {
    const at::Tensor whole = slopes(100, twice), chunked = slopes(4, twice);
    EXPECT_TRUE(at::allclose(chunked, whole, 1e-4, 1e-5 * whole.abs().max().item<double>()));
  }
}

TEST(CropEnsemble, GradientsOfParametersPassThroughChunks) {
  test::TinyIqa model;
  const at::Tensor picture = det::picture({"a", 64, 96, 128, 64}).requires_grad_(true);
  const auto views = make_views({.kind = Kind::kTiles, .side = 32}, 64, 96, Rng(0));
  const at::Tensor score = CropEnsemble(model, views, 4).score(picture);
  const auto slopes = torch::autograd::grad({score.sum()}, model.parameter_groups()[0].tensors);
  for (const at::Tensor& slope : slopes) EXPECT_GT(slope.abs().sum().item<double>(), 0);
}

TEST(PictureScore, GradientInChunksIsThatOfTheEnsemble) {
  test::TinyIqa model;
  const at::Tensor picture = det::picture({"a", 300, 420, 128, 64});
  const ViewPolicy policy{.kind = Kind::kGrid, .side = 224, .rows = 5, .columns = 6};
  const auto views = make_views(policy, 300, 420, Rng(0));
  ASSERT_LT(view_chunk(model.card(), views), std::ssize(views));
  const at::Tensor leaf = picture.clone().requires_grad_(true);
  const at::Tensor score = CropEnsemble(model, views, 1000).score(leaf);
  const at::Tensor gradient = torch::autograd::grad({score.sum()}, {leaf})[0];
  const PictureGradient both = score_gradient(model, picture, views);
  EXPECT_NEAR(both.score, score.item<double>(), 1e-4);
  EXPECT_NEAR(both.score, score_picture(model, picture, views), 1e-4);
  EXPECT_TRUE(at::allclose(both.gradient, gradient, 1e-3, 1e-6));
}

TEST(PictureScore, SaysWhenAScoreIsNotANumber) {
  test::TinyIqa model;
  model.state().at("fc.bias").detach().fill_(NAN);
  const at::Tensor picture = det::picture({"a", 32, 32});
  expect_error(ErrorKind::kNumeric, {"NaN", "tiny", "corrupt"}, [&] {
    static_cast<void>(score_picture(model, picture, {{0, 0, 32, 32}}));
  });
  expect_error(ErrorKind::kNumeric, {"NaN", "tiny", "corrupt"}, [&] {
    static_cast<void>(score_gradient(model, picture, {{0, 0, 32, 32}}));
  });
}

}  // namespace views_test
}  // namespace robiq
