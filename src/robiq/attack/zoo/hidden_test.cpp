// SSAH, IOI and the simplified perceptual attack: what each promises to leave alone.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace hidden_test {

class HiddenAttack : public testing::Test {
 protected:
  [[nodiscard]] at::Tensor attacked(const std::string& spec) {
    const AttackBatch batch{clean_, model_.score(clean_).detach(), {"a"}};
    return Registry<Attack>::instance()
        .make(parse_spec(spec, "test"), "test")
        ->run(model_, batch, {Rng(0)})
        .images;
  }
  [[nodiscard]] double change(const at::Tensor& images) {
    return (model_.score(images) - model_.score(clean_)).item<double>();
  }
  [[nodiscard]] double low_change(const at::Tensor& images) const {
    return at::avg_pool2d(images - clean_, 2).abs().mean().item<double>();
  }

  test::TinyIqa model_;
  at::Tensor clean_ = det::picture({"a", 40, 40, 128, 64});
};

TEST_F(HiddenAttack, EachMovesTheScoreInTheDirectionAsked) {
  for (const std::string name : {"ssah", "ioi", "zhang"}) {
    EXPECT_GT(change(attacked(name + ":loss=up")), 1) << name;
    EXPECT_LT(change(attacked(name + ":loss=down")), -1) << name;
    EXPECT_TRUE(at::equal(attacked(name), attacked(name + ":loss=up"))) << name << ": 37 is low";
  }
}

TEST_F(HiddenAttack, SsahHoldsLowFrequenciesByItsWeight) {
  EXPECT_LT(low_change(attacked("ssah:weight=100")), 0.7 * low_change(attacked("ssah:weight=0")));
}

TEST_F(HiddenAttack, ZhangKeepsThePictureMoreAlikeThanTheScoreAloneWould) {
  const auto alike = [&](const std::string& spec) {
    return ssim(clean_, attacked(spec)).item<double>();
  };
  EXPECT_GT(alike("zhang:loss=up"), alike("ssah:weight=0,learning_rate=0.005,loss=up"));
  EXPECT_THROW(static_cast<void>(attacked("zhang:constraint=lpips")), Error);
  EXPECT_THROW(static_cast<void>(attacked("zhang:heads=x")), Error);
}

TEST_F(HiddenAttack, IoiMakesWholeLevelsAndSparesFlatPlaces) {
  clean_ = det::picture({"a", 40, 40, 128, 64, 100});  // the left half is flat
  const at::Tensor out = attacked("ioi");
  const at::Tensor levels = out * 255;
  EXPECT_TRUE(at::allclose(levels, levels.round(), 0, 1e-3));
  const at::Tensor moved = (out - clean_).abs();
  EXPECT_EQ(moved.narrow(3, 2, 16).narrow(2, 2, 36).max().item<float>(), 0);
  EXPECT_GT(moved.narrow(3, 20, 20).max().item<float>(), 0.01);
}

TEST_F(HiddenAttack, IoiLeavesThePictureWhereAllFrequenciesStay) {
  EXPECT_TRUE(at::allclose(attacked("ioi:keep=1"), clean_, 0, 1.0 / 255 + 1e-6));
}

}  // namespace hidden_test
}  // namespace robiq
