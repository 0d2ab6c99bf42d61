#include "robiq/defense/purify/purifier.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/defense/purify/soft_jpeg.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace purifier_test {

at::Tensor picture() { return det::picture({"p", 33, 33, 200, 20}); }

at::Tensor purified(const std::string& spec, const at::Tensor& images, std::uint64_t seed = 1) {
  return make_purifier(spec, "test")->purify(images, {Rng(seed)});
}

at::Tensor gradient_of(const std::string& spec, const at::Tensor& images,
                       const at::Tensor& weight) {
  const at::Tensor leaf = images.clone().requires_grad_(true);
  const at::Tensor out = make_purifier(spec, "test")->purify_attached(leaf, {Rng(1)});
  return torch::autograd::grad({(weight * out).sum()}, {leaf})[0];
}

TEST(PurifierChain, AppliesTheFirstSpecFirst) {
  const auto chain = make_purifier("gaussian-blur:kernel=5+bit-depth:bits=2", "test");
  EXPECT_EQ(chain->card().name, "gaussian-blur+bit-depth");
  EXPECT_FALSE(chain->card().differentiable);
  const at::Tensor wanted =
      purified("bit-depth:bits=2", purified("gaussian-blur:kernel=5", picture()));
  EXPECT_TRUE(at::equal(chain->purify(picture(), {Rng(1)}), wanted));
  // Straight through the second, exactly through the first.
  const at::Tensor weight = det::noise("w", -1, 1, {1, 3, 33, 33});
  EXPECT_TRUE(
      at::allclose(gradient_of("gaussian-blur:kernel=5+bit-depth:bits=2", picture(), weight),
                   gradient_of("gaussian-blur:kernel=5", picture(), weight)));
}

TEST(PurifierChain, StagesDrawForThemselves) {
  const at::Tensor grey = at::full({1, 3, 33, 33}, 0.5);
  const at::Tensor once = purified("noise:sigma=0.01", grey);
  const at::Tensor twice = purified("noise:sigma=0.01+noise:sigma=0.01", grey);
  const double ratio = (twice - grey).std().item<double>() / (once - grey).std().item<double>();
  EXPECT_NEAR(ratio, std::sqrt(2.0), 0.1);
}

TEST(PurifierChain, RefusesUnknownNames) {
  expect_error(ErrorKind::kUsage, {"no purifier is called 'jpg'", "*", "jpeg"},
               [] { static_cast<void>(make_purifier("flip+jpg", "--purify")); });
}

TEST(Presets, SetTheBenchmarksValuesAndNothingBesides) {
  for (const auto& [preset, plain] : std::vector<std::pair<std::string, std::string>>{
           {"gaussian-blur:preset=msu1", "gaussian-blur:kernel=5"},
           {"resize:preset=msu4", "resize:scale=0.9"},
           {"jpeg:preset=msu0", "jpeg:quality=10,rounding=truncate"},
           {"diffjpeg:preset=msu3", "diffjpeg:quality=70"},
           {"colour-quantisation:preset=msu1", "colour-quantisation:levels=5"},
           {"noise:preset=msu2", "noise:sigma=0.05"},
           {"rotate:preset=msu0", "rotate:degrees=10"}}) {
    EXPECT_TRUE(at::equal(purified(preset, picture()), purified(plain, picture()))) << preset;
  }
  expect_error(ErrorKind::kUsage, {"kernel", "*", "*"}, [] {
    static_cast<void>(make_purifier("median-blur:preset=msu1,kernel=5", "test"));
  });
  expect_error(ErrorKind::kUsage, {"kernel of 4", "*", "odd"},
               [] { static_cast<void>(make_purifier("unsharp:kernel=4", "test")); });
}

TEST(MedianBlur, TiesShareTheGradient) {
  // In a flat picture every value of a window is its median.
  const at::Tensor flat = at::full({1, 3, 9, 9}, 0.25);
  at::Tensor weight = at::zeros({1, 3, 9, 9});
  weight[0][1][4][4] = 9;
  const at::Tensor gradient = gradient_of("median-blur", flat, weight);
  EXPECT_TRUE(at::allclose(gradient[0][1].narrow(0, 3, 3).narrow(1, 3, 3), at::ones({3, 3})));
  EXPECT_NEAR(gradient.sum().item<double>(), 9, 1e-5);
  const at::Tensor straight = gradient_of("median-blur:backward=straight", flat, weight);
  EXPECT_TRUE(at::equal(straight, weight));
}

TEST(Jpeg, AnAdaptiveAttackFollowsDifferentiableJpegOfTheSameQuality) {
  const at::Tensor weight = det::noise("w", -1, 1, {1, 3, 33, 33});
  EXPECT_TRUE(at::allclose(gradient_of("jpeg:quality=70", picture(), weight),
                           gradient_of("diffjpeg:quality=70", picture(), weight)));
  EXPECT_TRUE(at::allclose(gradient_of("jpeg:backward=straight", picture(), weight), weight));
  const at::Tensor near = soft_jpeg(picture(), 70) - purified("jpeg:quality=70", picture());
  EXPECT_LT(near.abs().mean().item<double>(), 0.01);
  expect_error(ErrorKind::kData, {"16x40", "*", "17"}, [] {
    static_cast<void>(purified("diffjpeg", at::full({1, 3, 40, 16}, 0.5)));
  });
}

TEST(RandomCrop, ReachesEveryPositionAndRefusesSmallerPictures) {
  const at::Tensor numbered = at::arange(3 * 5 * 6, at::kFloat).view({1, 3, 5, 6}) / 90;
  std::set<float> corners;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const at::Tensor crop = purified("random-crop:side=4", numbered, seed);
    EXPECT_EQ(crop.sizes(), at::IntArrayRef({1, 3, 4, 4}));
    corners.insert(crop[0][0][0][0].item<float>());
  }
  EXPECT_EQ(corners.size(), 2U * 3U);
  expect_error(ErrorKind::kData, {"6x5 is too small", "*", "7 pixels"},
               [&] { static_cast<void>(purified("random-crop:side=7", numbered)); });
}

TEST(Rotate, TurnsSmallPicturesAboutTheirMiddle) {
  const at::Tensor wide = det::picture({"r", 21, 41, 200, 20});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const at::Tensor turned = purified("rotate:degrees=50", wide, seed);
    EXPECT_TRUE(at::equal(turned[0].narrow(1, 10, 1).narrow(2, 20, 1),
                          wide[0].narrow(1, 10, 1).narrow(2, 20, 1)));
    // Lengths stay: a mark at distance 8 from the middle is found at distance 8.
    at::Tensor mark = at::zeros({1, 3, 21, 41});
    mark[0].narrow(1, 9, 3).narrow(2, 27, 3).fill_(1);
    const at::Tensor found =
        purified("rotate:degrees=50", mark, seed)[0][0].nonzero().to(at::kFloat).mean(0);
    const double y = found[0].item<double>() - 10, x = found[1].item<double>() - 20;
    EXPECT_NEAR(std::hypot(x, y), 8, 0.7);
  }
}

TEST(Flip, BothAxesTurnThePicture) {
  EXPECT_TRUE(at::equal(purified("flip", picture()), at::rot90(picture(), 2, {2, 3})));
  EXPECT_TRUE(at::equal(purified("flip:axes=vertical", picture()), picture().flip({2})));
}

TEST(Resize, AntialiasingWidensTheFilter) {
  // One bright column: the plain filter steps over it, the wide one sees it.
  at::Tensor line = at::zeros({1, 3, 64, 64});
  line.select(3, 32).fill_(1);
  EXPECT_EQ(purified("resize:scale=0.25", line).max().item<float>(), 0);
  const at::Tensor wide = purified("resize:scale=0.25,antialias=true", line);
  EXPECT_NEAR(wide[0][0][8].sum().item<double>(), 0.25, 1e-5);
  EXPECT_EQ(wide.sizes(), at::IntArrayRef({1, 3, 16, 16}));
}

/// Promises nothing and keeps nothing.
class BrokenPurifier final : public Purifier {
 public:
  explicit BrokenPurifier(double offset)
      : Purifier({.name = "broken", .differentiable = false}), offset_(offset) {}

 protected:
  at::Tensor transform(const at::Tensor& images, const std::vector<Rng>& /*rows*/) const override {
    return images.narrow(2, 0, 8) + offset_;
  }

 private:
  double offset_;
};

/// Works in place.
class WritingPurifier final : public Purifier {
 public:
  WritingPurifier() : Purifier({.name = "writing"}) {}

 protected:
  at::Tensor transform(const at::Tensor& images, const std::vector<Rng>& /*rows*/) const override {
    const at::Tensor own = images;
    return own.mul_(0.5);
  }
};

TEST(Purifier, ItsPromisesAreChecked) {
  expect_error(ErrorKind::kInternal, {"writes to the pictures", "writing", "*"},
               [] { static_cast<void>(WritingPurifier().purify(picture(), {Rng(1)})); });
  expect_error(ErrorKind::kInternal, {"left [0,1]", "broken", "*"},
               [] { static_cast<void>(BrokenPurifier(1).purify(picture(), {Rng(1)})); });
  expect_error(ErrorKind::kInternal, {"2 positions were given for 1 pictures", "broken", "*"}, [] {
    static_cast<void>(BrokenPurifier(0).purify(picture(), {Rng(1), Rng(2)}));
  });
  expect_error(ErrorKind::kUsage, {"has no gradient", "broken", "adaptive=false"}, [] {
    static_cast<void>(BrokenPurifier(0).purify_attached(picture().requires_grad_(true), {Rng(1)}));
  });
}

}  // namespace purifier_test
}  // namespace robiq
