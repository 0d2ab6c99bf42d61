#include "robiq/metric/distance/niqe.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "support/det.h"

namespace robiq {
namespace niqe_test {

/// A model of natural pictures made from some that are taken for natural.
NaturalModel natural_of(const at::Tensor& picture) {
  const at::Tensor features = niqe_features(picture);
  const at::Tensor mean = features.mean(0), off = features - mean;
  return {mean, off.t().matmul(off) / (features.size(0) - 1)};
}

/// Smooth noise: neighbours are alike, as in photographs.
at::Tensor smooth(const std::string& name, std::int64_t height, std::int64_t width) {
  const at::Tensor coarse = det::noise(name, 0, 1, {1, 3, height / 8, width / 8});
  const at::Tensor fine = det::noise(name + "f", -0.05, 0.05, {1, 3, height, width});
  return (at::upsample_bilinear2d(coarse, {height, width}, false) + fine).clamp(0, 1)[0];
}

TEST(Niqe, FeaturesAreOneRowABlockAndPlausible) {
  const at::Tensor features = niqe_features(smooth("a", 200, 300));
  ASSERT_EQ(features.sizes(), (at::IntArrayRef{2 * 3, 36}));
  EXPECT_TRUE(at::isfinite(features).all().item<bool>());
  EXPECT_GT(features.select(1, 0).min().item<double>(), 0.2);
  EXPECT_LE(features.select(1, 0).max().item<double>(), 10);
}

TEST(Niqe, WhiteNoiseHasNoTailsAndNeighboursThatLeanAgainstEachOther) {
  at::Tensor sum = at::zeros({3, 192, 192});
  for (int i = 0; i < 12; ++i) {
    sum += det::noise("g" + std::to_string(i), -0.5, 0.5, {1, 192, 192}).expand({3, -1, -1});
  }
  const at::Tensor features = niqe_features((0.5 + 0.08 * sum).clamp(0, 1));
  // The deviation around each pixel holds the pixel itself, which cuts the tails of a Gaussian.
  EXPECT_GT(features.select(1, 0).mean().item<double>(), 2);
  EXPECT_LT(features.select(1, 0).mean().item<double>(), 4);
  // The mean around a pixel holds its neighbours too, which turns them a little against it: the
  // products are wider below 0, and their mean is slightly negative.
  EXPECT_LT(features.select(1, 3).abs().mean().item<double>(), 0.2);
  const at::Tensor sides = features.select(1, 4) / features.select(1, 5);
  EXPECT_GT(sides.mean().item<double>(), 1);
  EXPECT_LT(sides.mean().item<double>(), 1.6);
}

TEST(Niqe, IsZeroForPicturesLikeTheNaturalOnesAndGrowsWithDamage) {
  const at::Tensor picture = smooth("b", 288, 384);
  const NaturalModel natural = natural_of(picture);
  EXPECT_NEAR(niqe(picture, natural), 0, 1e-6);
  const auto noisy = [&](double size) {
    return (picture + size * det::noise("n", -1, 1, picture.sizes())).clamp(0, 1);
  };
  const double weak = niqe(noisy(0.1), natural), strong = niqe(noisy(0.4), natural);
  EXPECT_GT(weak, 0.1);
  EXPECT_GT(strong, weak);
}

TEST(Niqe, AFlatPictureHasNone) {
  const at::Tensor picture = smooth("c", 192, 288);
  EXPECT_TRUE(std::isnan(niqe(at::full({3, 192, 192}, 0.5), natural_of(picture))));
}

TEST(Niqe, NeedsTwoBlocks) {
  EXPECT_THROW(static_cast<void>(niqe_features(at::zeros({3, 96, 100}))), Error);
}

std::string little_endian(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

std::string mat_element(unsigned type, const std::string& data) {
  std::string bytes = little_endian(type, 4) + little_endian(data.size(), 4) + data;
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  return bytes;
}

/// A matrix of doubles in a MATLAB file of version 5. \param matrix  [rows,columns]
std::string mat_matrix(const std::string& name, const at::Tensor& matrix) {
  const at::Tensor columns = matrix.t().contiguous();
  std::string numbers;
  for (std::int64_t i = 0; i < columns.numel(); ++i) {
    numbers += little_endian(std::bit_cast<std::uint64_t>(columns.flatten()[i].item<double>()), 8);
  }
  const auto side = [&](int of) {
    return little_endian(static_cast<std::uint64_t>(matrix.size(of)), 4);
  };
  constexpr unsigned kInt8 = 1, kInt32 = 5, kUint32 = 6, kDouble = 9, kMatrix = 14, kDoubles = 6;
  return mat_element(kMatrix,
                     mat_element(kUint32, little_endian(kDoubles, 4) + std::string(4, '\0')) +
                         mat_element(kInt32, side(0) + side(1)) + mat_element(kInt8, name) +
                         mat_element(kDouble, numbers));
}

TEST(NaturalModelFile, IsThatOfItsAuthors) {
  const TemporaryFolder folder;
  std::string header = "MATLAB 5.0 MAT-file";
  header.resize(124, ' ');
  header += little_endian(0x0100, 2) + "IM";
  const NaturalModel made = natural_of(smooth("d", 288, 384));
  write_file(folder.path() / "m.mat", header + mat_matrix("mu_prisparam", made.mean.view({1, 36})) +
                                          mat_matrix("cov_prisparam", made.covariance));
  const NaturalModel read = read_natural_model(folder.path() / "m.mat");
  EXPECT_TRUE(at::equal(read.mean, made.mean));
  EXPECT_TRUE(at::equal(read.covariance, made.covariance));
  write_file(folder.path() / "half.mat",
             header + mat_matrix("mu_prisparam", made.mean.view({1, 36})));
  EXPECT_THROW(static_cast<void>(read_natural_model(folder.path() / "half.mat")), Error);
}

TEST(NaturalModelFile, OfAnotherKindIsRefused) {
  const TemporaryFolder folder;
  write_file(folder.path() / "no.mat", "this is no MATLAB file");
  EXPECT_THROW(static_cast<void>(read_natural_model(folder.path() / "no.mat")), Error);
  EXPECT_THROW(static_cast<void>(read_natural_model(folder.path() / "missing.mat")), Error);
}

}  // namespace niqe_test
}  // namespace robiq
