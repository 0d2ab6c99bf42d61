#include "robiq/attack/local/flow_warp.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "robiq/core/error.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace flow_warp_test {

using Json = nlohmann::json;

TEST(FlowWarp, AndItsLossAgreeWithTheAuthorsCode) {
  const Json fixture = test::read_json(test::fixture_path("attacks/msu_attacks.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  for (const Json& c : fixture.at("warps")) {
    const at::Tensor picture = det::picture(det::image_spec(c.at("image")));
    const Json& made = c.at("flow");
    const at::Tensor flow =
        det::noise(made.at("name").get<std::string>(), made.at("lo").get<double>(),
                   made.at("hi").get<double>(), {1, 2, picture.size(2), picture.size(3)})
            .requires_grad_(true);
    const at::Tensor out = flow_warped(picture, flow);
    for (std::size_t i = 0; i < c.at("sample_out").size(); ++i) {
      EXPECT_NEAR(out.flatten()[c.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
                  c.at("sample_out")[i].get<double>(), tolerance.at("warp").get<double>());
    }
    const double relative = tolerance.at("flow_loss_rel").get<double>();
    const double rough = c.at("flow_loss").get<double>();
    EXPECT_NEAR(flow_roughness(flow).item<double>(), rough, rough * relative);
    const at::Tensor score = model.score(out);
    EXPECT_NEAR(score.item<double>(), c.at("score").get<double>(),
                tolerance.at("score").get<double>());
    const at::Tensor loss = 50 * 150 / (score + 150) + 1e-5 * flow_roughness(flow);
    const double total = c.at("total_loss_alpha50_beta1e5").get<double>();
    EXPECT_NEAR(loss.item<double>(), total, total * relative);
    const at::Tensor gradient = torch::autograd::grad({loss.sum()}, {flow})[0];
    const double size = c.at("grad_l2").get<double>();
    const double share = tolerance.at("grad_rel").get<double>();
    EXPECT_NEAR(gradient.norm().item<double>(), size, size * share);
    for (std::size_t i = 0; i < c.at("grad_sample").size(); ++i) {
      const double wanted = c.at("grad_sample")[i].get<double>();
      EXPECT_NEAR(
          gradient.flatten()[c.at("grad_sample_index")[i].get<std::int64_t>()].item<double>(),
          wanted, 1e-5 + std::abs(wanted) * share);
    }
  }
}

TEST(FlowWarp, OfNoFlowIsThePicture) {
  const at::Tensor picture = det::picture({"a", 5, 7, 128, 64});
  const at::Tensor flow = at::zeros({1, 2, 5, 7});
  EXPECT_TRUE(at::allclose(flow_warped(picture, flow), picture, 0, 1e-7));
  EXPECT_NEAR(flow_roughness(flow).item<double>(), 4 * 35 * 1e-8, 1e-12);
}

TEST(FlowWarp, MovesPixelsWhitherTheFlowPoints) {
  const at::Tensor picture = det::picture({"a", 5, 7, 128, 64});
  at::Tensor flow = at::zeros({1, 2, 5, 7});
  flow.select(1, 1).fill_(1);  // each pixel takes its right neighbour
  const at::Tensor out = flow_warped(picture, flow);
  EXPECT_TRUE(at::allclose(out.narrow(3, 0, 6), picture.narrow(3, 1, 6)));
  EXPECT_TRUE(at::allclose(out.select(3, 6), picture.select(3, 6)));
}

TEST(FlowWarp, RefusesAPictureOfOneRow) {
  EXPECT_THROW(static_cast<void>(flow_warped(at::zeros({1, 3, 1, 8}), at::zeros({1, 2, 1, 8}))),
               Error);
}

}  // namespace flow_warp_test
}  // namespace robiq
