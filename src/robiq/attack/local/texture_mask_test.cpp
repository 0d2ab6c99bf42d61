#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/local/spatial_activity.h"
#include "support/det.h"

namespace robiq {
namespace texture_mask_test {

TEST(TextureMask, IsZeroWhereNothingVariesAndOneWhereMostDoes) {
  at::Tensor picture = at::full({1, 1, 12, 12}, 0.5F);
  picture[0][0][6][8] = 0.9F;
  const at::Tensor mask = texture_mask(picture);
  EXPECT_EQ(mask[0][0][3][3].item<float>(), 0);
  EXPECT_FLOAT_EQ(mask.max().item<float>(), 1);
  EXPECT_GT(mask[0][0][6][8].item<float>(), 0.3);
}

TEST(TextureMask, OfABlackPictureIsZero) {
  EXPECT_EQ(texture_mask(at::zeros({1, 3, 6, 6})).abs().max().item<float>(), 0);
}

TEST(StrongestWaves, AreThePictureWhenAllAreKept) {
  const at::Tensor picture = det::picture({"a", 10, 13, 128, 64});
  EXPECT_TRUE(at::allclose(strongest_waves(picture, picture, 1), picture, 0, 1e-5));
}

TEST(StrongestWaves, AreTheMeanWhenOneIsKept) {
  const at::Tensor picture = det::picture({"a", 10, 13, 128, 64});
  const at::Tensor mean = picture.mean(at::IntArrayRef{2, 3}, true).expand_as(picture);
  EXPECT_TRUE(at::allclose(strongest_waves(picture, picture, 0), mean, 0, 1e-5));
}

TEST(StrongestWaves, AddUpToThePicture) {
  const at::Tensor picture = det::picture({"a", 10, 12, 128, 64});
  const at::Tensor other = det::picture({"b", 10, 12, 128, 64});
  const at::Tensor both =
      strongest_waves(picture, picture, 0.1) + strongest_waves(other, picture, 0.1);
  EXPECT_TRUE(at::allclose(strongest_waves(picture + other, picture, 0.1), both, 0, 1e-5));
}

}  // namespace texture_mask_test
}  // namespace robiq
