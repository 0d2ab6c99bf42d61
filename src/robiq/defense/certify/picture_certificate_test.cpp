#include "robiq/defense/certify/picture_certificate.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "robiq/defense/certify/binned_smoothing.h"
#include "robiq/defense/certify/median_smoothing.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/tensor/random.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace picture_certificate_test {

constexpr double kSigma = 0.12;

at::Tensor small_picture() { return det::picture({"gs0", 32, 32, 128, 64}); }

TEST(NoisyScores, DoNotDependOnTheChunkAndGoOnWhereTheyStopped) {
  test::TinyIqa model;
  const NoiseDraw noise = normal_draws(Rng(5).child("x"));
  const auto scores = [&](const NoisySampling& sampling) {
    return noisy_scores(model, small_picture(), noise, sampling);
  };
  const std::vector<double> all = scores({.samples = 30, .chunk = 30});
  std::vector<double> first = scores({.samples = 11, .chunk = 4});
  const std::vector<double> rest = scores({.samples = 19, .first = 11, .chunk = 1});
  first.insert(first.end(), rest.begin(), rest.end());
  ASSERT_EQ(first.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_NEAR(first[i], all[i], 1e-4) << i;
  EXPECT_GT(std::abs(all[0] - all[1]), 1e-3) << "draws must differ";
}

TEST(NoisyScores, RefuseWhatTheyCannotUse) {
  test::TinyIqa model;
  const NoiseDraw noise = normal_draws(Rng(5));
  const at::Tensor two = at::cat({small_picture(), small_picture()});
  expect_error(ErrorKind::kUsage, {"2 pictures", "*", "one picture"},
               [&] { static_cast<void>(noisy_scores(model, two, noise, {})); });
  expect_error(ErrorKind::kUsage, {"sigma 0", "*", "*"}, [&] {
    static_cast<void>(noisy_scores(model, small_picture(), noise, {.sigma = 0}));
  });
  const NoisySampling shrinking{.denoise = [](const at::Tensor& x) { return x.narrow(2, 0, 8); }};
  expect_error(ErrorKind::kModel, {"changed the size", "*", "*"},
               [&] { static_cast<void>(noisy_scores(model, small_picture(), noise, shrinking)); });
  const NoisySampling broken{.denoise = [](const at::Tensor& x) { return x / 0; }};
  expect_error(ErrorKind::kNumeric, {"NaN or infinite", "*", "*"},
               [&] { static_cast<void>(noisy_scores(model, small_picture(), noise, broken)); });
  EXPECT_THROW(
      static_cast<void>(noisy_scores(model, small_picture(), noise, {.stop = [] { return true; }})),
      Interrupted);
}

/// Ascends or descends the mean of 16 noisy scores within an l2 ball, with fresh noise each step.
at::Tensor attacked_in_l2(QualityModel& model, const at::Tensor& image, double radius,
                          double sign) {
  at::Tensor change = at::zeros_like(image);
  for (std::uint64_t step = 0; step < 10; ++step) {
    const at::Tensor leaf = (image + change).detach().requires_grad_(true);
    const at::Tensor noise = normal_tensor(Rng(77).child(step), {16, 3, 32, 32});
    const at::Tensor value = sign * model.score(add_clipped_noise(leaf, noise, kSigma)).sum();
    const at::Tensor gradient = torch::autograd::grad({value}, {leaf})[0];
    change = change + radius * gradient / gradient.norm();
    change = change * (radius / std::max(radius, change.norm().item<double>()));
    change = (image + change).clamp(0, 1) - image;
  }
  return image + change;
}

TEST(CertifyPicture, AnAttackInsideTheRadiusStaysInsideTheInterval) {
  test::TinyIqa model;
  model.set_training(false);
  constexpr double kRadius = 0.1;
  const CertificateSettings settings{.sampling = {.sigma = kSigma, .samples = 400, .chunk = 100},
                                     .radii = {0, kRadius}};
  const at::Tensor image = small_picture();
  const PictureCertificate clean = certify_picture(model, image, "a", Rng(1), settings);
  for (const double sign : {1.0, -1.0}) {
    const at::Tensor attacked = attacked_in_l2(model, image, kRadius, sign);
    EXPECT_LE((attacked - image).norm().item<double>(), kRadius * (1 + 1e-5));
    const PictureCertificate after = certify_picture(model, attacked, "b", Rng(2), settings);
    EXPECT_GT(sign * (after.score - clean.score), 1) << "the attack must do something";
    const double spread = *after.medians[0].upper - *after.medians[0].lower;
    EXPECT_GE(after.median, *clean.medians[1].lower - spread);
    EXPECT_LE(after.median, *clean.medians[1].upper + spread);
    EXPECT_GE(after.mean, clean.means[1].lower);
    EXPECT_LE(after.mean, clean.means[1].upper);
  }
}

TEST(CertifyPicture, SaysWhatItRestsOn) {
  test::TinyIqa model;
  const CertificateSettings settings{
      .sampling = {.samples = 50, .chunk = 25}, .confidence = 0.9, .radii = {0, 0.02, 0.5}};
  const PictureCertificate one = certify_picture(model, small_picture(), "a", Rng(1), settings);
  EXPECT_EQ(one.passes, 51);
  EXPECT_NEAR(one.score, 52.11378479003906, 0.01);
  ASSERT_EQ(one.medians.size(), 3U);
  EXPECT_FALSE(one.medians[2].lower.has_value());
  EXPECT_LT(one.largest_radius, 0.5);
  EXPECT_LE(*one.medians[1].lower, *one.medians[0].lower);
  EXPECT_GE(*one.medians[1].upper, *one.medians[0].upper);
  EXPECT_NEAR(one.linf_radii[1], 0.02 / std::sqrt(3.0 * 32 * 32), 1e-12);
  EXPECT_NEAR(l2_of_linf(0.005, 224, 224), 1.94, 0.005);
  EXPECT_NE(certify_picture(model, small_picture(), "b", Rng(1), settings).median, one.median);
}

TEST(CertifyPicture, TheBinHoldsMostNoisyCopiesOfThePictureAndOfAnAttackedOne) {
  test::TinyIqa model;
  model.set_training(false);
  CertificateSettings settings{.sampling = {.sigma = 0.05, .samples = 400, .chunk = 100}};
  const at::Tensor image = small_picture();
  EXPECT_FALSE(certify_picture(model, image, "a", Rng(1), settings).bin.has_value());
  settings.bins = 4;
  const PictureCertificate clean = certify_picture(model, image, "a", Rng(1), settings);
  EXPECT_EQ(clean.passes, 501);
  ASSERT_TRUE(clean.bin && clean.bin->radius);
  EXPECT_EQ(*clean.bin->high - *clean.bin->low, 25) << "a quarter of the scale";
  EXPECT_GT(clean.median, *clean.bin->low);
  EXPECT_LE(clean.median, *clean.bin->high);
  const at::Tensor attacked = attacked_in_l2(model, image, *clean.bin->radius, 1);
  const PictureCertificate after = certify_picture(model, attacked, "b", Rng(2), settings);
  EXPECT_GT(after.median, *clean.bin->low);
  EXPECT_LE(after.median, *clean.bin->high);
  settings.bins = 1000;  // narrower than the noise: none holds half of the copies
  EXPECT_FALSE(certify_picture(model, image, "a", Rng(1), settings).bin->radius.has_value());
}

TEST(CertifiedSet, CountsMissingBoundsAsTheEndsOfTheScale) {
  const std::vector<CertifiedInterval> intervals = {{0.1, 40, 60}, {0.1, {}, 30}};
  const CertifiedSet set = certified_set(intervals, {45, 20}, {100, 0});
  EXPECT_DOUBLE_EQ(set.mean_width, 25);
  EXPECT_DOUBLE_EQ(set.bounded_share, 0.5);
  EXPECT_DOUBLE_EQ(set.worst_case_rmse, std::sqrt((15.0 * 15 + 20 * 20) / 2));
  EXPECT_TRUE(std::isnan(certified_set(intervals, {}, {}).worst_case_rmse));
  expect_error(ErrorKind::kInternal, {"do not fit", "*", "*"},
               [&] { static_cast<void>(certified_set(intervals, {1}, {})); });
}

TEST(ScoreBins, UpperEdgesBelongToTheBinBelow) {
  const ScoreBins bins;
  EXPECT_EQ(bins.classes(), 12);
  EXPECT_EQ(bins.class_of(-5), 0);
  EXPECT_EQ(bins.class_of(0), 0);
  EXPECT_EQ(bins.class_of(0.001), 1);
  EXPECT_EQ(bins.class_of(10), 1);
  EXPECT_EQ(bins.class_of(10.001), 2);
  EXPECT_EQ(bins.class_of(100), 10);
  EXPECT_EQ(bins.class_of(100.5), 11);
  EXPECT_FALSE(bins.lower_edge(0).has_value());
  EXPECT_EQ(bins.upper_edge(0), 0);
  EXPECT_EQ(bins.lower_edge(2), 10);
  EXPECT_EQ(bins.upper_edge(10), 100);
  EXPECT_FALSE(bins.upper_edge(11).has_value());
}

TEST(BinnedSmoothing, AWinnerThatDoesNotComeAgainIsNotCertified) {
  const std::vector<double> others(100, 75.0);
  const BinnedCertificate certificate = binned_certificate({15, 15, 75}, others, {}, 0.12, 0.001);
  EXPECT_FALSE(certificate.winner.has_value());
  EXPECT_EQ(certificate.chance, 0);
  EXPECT_EQ(certificate.radius, 0);
  EXPECT_EQ(binned_certificate({75}, others, {}, 0.12, 0.001).winner, 8);
  expect_error(ErrorKind::kUsage, {"*", "*", "*"},
               [&] { static_cast<void>(binned_certificate({}, others, {}, 0.12, 0.001)); });
}

TEST(NormalQuantile, InvertsTheDistribution) {
  for (const double p : {1e-300, 1e-12, 0.001, 0.3, 0.5, 0.7, 0.999}) {
    EXPECT_NEAR(normal_distribution(normal_quantile(p)), p, p * 1e-12) << p;
  }
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_TRUE(std::isinf(normal_quantile(0)));
  EXPECT_TRUE(std::isinf(normal_quantile(1)));
}

TEST(QuantileRanks, RefuseValuesOutOfRange) {
  expect_error(ErrorKind::kUsage, {"a radius of -1", "*", "*"},
               [] { static_cast<void>(quantile_ranks(10, -1, 0.1, 0.9)); });
  expect_error(ErrorKind::kUsage, {"a confidence of 1", "*", "*"},
               [] { static_cast<void>(quantile_ranks(10, 0, 0.1, 1)); });
  expect_error(ErrorKind::kUsage, {"a confidence of 0.3", "*", "from 0.5"},
               [] { static_cast<void>(quantile_ranks(100, 0, 0.1, 0.3)); });
  expect_error(ErrorKind::kUsage, {"no scores", "*", "*"},
               [] { static_cast<void>(median_interval({}, 0, 0.1, 0.9)); });
}

}  // namespace picture_certificate_test
}  // namespace robiq
