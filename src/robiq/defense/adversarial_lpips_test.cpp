// Labels lowered by LPIPS, with the authors' heads.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "robiq/defense/defense.h"
#include "robiq/metric/distance/lpips.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"
#include "support/trunk_files.h"

namespace robiq {
namespace adversarial_lpips_test {

class AdversarialLpips : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (test::shared_path("weights/lpips_vgg.pth").empty()) GTEST_SKIP() << "no LPIPS heads here";
  }
};

TEST_P(AdversarialLpips, LowersLabelsByTheDistanceOfTheAttackedPicture) {
  const std::string net = GetParam();
  const std::string heads = test::shared_path("weights/lpips_" + net + ".pth").string();
  const std::string trunk = test::trunk_file(net);
  const std::string spec =
      "adversarial:labels=lpips,penalty=2,net=" + net + ",heads=" + heads + ",trunk=" + trunk;
  const auto defense = Registry<Defense>::instance().make(parse_spec(spec, "test"), "test");
  test::TinyIqa model;
  defense->see_task({[](const at::Tensor& outputs, const at::Tensor& mos) {
                       return (outputs.select(1, 0) - mos).square().mean();
                     },
                     true});
  const at::Tensor clean = at::cat({det::picture({"a", 64, 64}), det::picture({"b", 64, 64})});
  const TrainBatch both = defense->prepare(model, {clean, at::tensor({40.0F, 70.0F})}, Rng(0));
  ASSERT_EQ(both.images.size(0), 4);
  const at::Tensor loss = Lpips({net, heads, trunk}).compare(both.images.slice(0, 0, 4, 2), clean);
  EXPECT_GT(loss.min().item<double>(), 0);
  const at::Tensor wanted = (at::tensor({40.0F, 70.0F}) - 2 * 100 * loss).clamp(0, 100);
  EXPECT_TRUE(at::allclose(both.mos.slice(0, 0, 4, 2), wanted, 1e-4, 1e-3));
  EXPECT_TRUE(at::equal(both.mos.slice(0, 1, 4, 2), at::tensor({40.0F, 70.0F})));
}

INSTANTIATE_TEST_SUITE_P(Nets, AdversarialLpips, testing::Values("alex", "squeeze", "vgg"),
                         [](const auto& net) { return std::string(net.param); });

}  // namespace adversarial_lpips_test
}  // namespace robiq
