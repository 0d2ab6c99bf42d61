// The attacks of MSU's benchmark that stand in the zoo: std-fgsm, ami-fgsm, madc.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace msu_attacks_test {

using Json = nlohmann::json;

std::unique_ptr<Attack> made(const std::string& name, const Params& options = {}) {
  return Registry<Attack>::instance().make(name, options);
}

at::Tensor attacked(const std::string& name, const Params& options, const at::Tensor& clean) {
  test::TinyIqa model;
  return made(name, options)
      ->run(model, {clean, model.score(clean).detach(), {"x"}}, {Rng(0)})
      .images;
}

/// Compares a registered attack, as it is by default, with every case of the fixture.
void check_against_fixture(const std::string& name, const std::string& fixture_name) {
  const Json fixture = test::read_json(test::fixture_path("attacks/msu_attacks.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    if (c.at("attack") != fixture_name) continue;
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const at::Tensor images = attacked(name, {}, clean);
    EXPECT_NEAR(model.score(images).item<double>(), c.at("score_after").get<double>(),
                tolerance.at("score").get<double>());
    EXPECT_NEAR(model.score(quantize_to_8bit(images)).item<double>(),
                c.at("score_after_8bit").get<double>(), tolerance.at("score").get<double>());
    EXPECT_NEAR((images - clean).abs().max().item<double>(), c.at("linf").get<double>(),
                tolerance.at("linf").get<double>());
    const at::Tensor index = at::tensor(c.at("sample_index_chw").get<std::vector<std::int64_t>>());
    const at::Tensor wanted = at::tensor(c.at("sample_adv").get<std::vector<double>>());
    const at::Tensor off = (images.flatten().index_select(0, index) - wanted).abs();
    EXPECT_GE(
        (off <= tolerance.at("sampled_pixel").get<double>()).to(at::kDouble).mean().item<double>(),
        tolerance.at("fraction_pixels_ok").get<double>());
    ++checked;
  }
  EXPECT_EQ(checked, 3);
}

TEST(StdFgsm, AgreesWithTheBenchmark) { check_against_fixture("std-fgsm", "std-fgsm"); }

TEST(AmiFgsm, AgreesWithTheBenchmarksCode) { check_against_fixture("ami-fgsm", "amifgsm"); }

TEST(Madc, AgreesWithTheBenchmark) { check_against_fixture("madc", "madc"); }

TEST(AmiFgsm, NeedsAModelOfNaturalPicturesToMeasureNiqe) {
  const std::string missing = "no-such-model.mat";
  EXPECT_THROW(static_cast<void>(made("ami-fgsm", {{"niqe_model", {missing, "test"}}})), Error);
  EXPECT_THROW(static_cast<void>(made(
                   "ami-fgsm", {{"niqe_model", {missing, "test"}}, {"epsilon", {0.1, "test"}}})),
               Error);
}

TEST(AmiFgsm, TakesItsRadiusFromNiqe) {
  const Params niqe = {{"niqe", {10.0, "test"}}, {"kappa", {0.2, "test"}}};
  EXPECT_DOUBLE_EQ(made("ami-fgsm", niqe)->card().linf_budget, 0.02);
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  EXPECT_TRUE(at::equal(attacked("ami-fgsm", niqe, clean),
                        attacked("ami-fgsm", {{"epsilon", {0.02, "test"}}}, clean)));
  EXPECT_THROW(made("ami-fgsm", {{"kappa", {0.2, "test"}}}), Error) << "without niqe";
  EXPECT_THROW(made("ami-fgsm", {{"niqe", {4.0, "test"}}, {"epsilon", {0.1, "test"}}}), Error);
}

TEST(Madc, LeadsBackWhatGoesBeyondItsRmse) {
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const auto rmse = [&](double limit) {
    const Params options = {{"step_size", {0.01, "test"}}, {"rmse", {limit, "test"}}};
    return (attacked("madc", options, clean) - clean).square().mean().sqrt().item<double>();
  };
  EXPECT_GT(rmse(1), 0.02);
  EXPECT_LE(rmse(0.005), 0.005);
  EXPECT_GT(rmse(0.005), 0.004);
}

TEST(Madc, ItsDistanceGrowsLessThanThatOfPlainSteps) {
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const auto rmse = [&](const std::string& name, const Params& options) {
    return (attacked(name, options, clean) - clean).square().mean().sqrt().item<double>();
  };
  EXPECT_LT(rmse("madc", {}), rmse("ifgsm", {{"epsilon", {0.008, "test"}},
                                             {"step_size", {0.001, "test"}},
                                             {"steps", {std::int64_t{8}, "test"}},
                                             {"loss", {std::string("up"), "test"}}}));
}

}  // namespace msu_attacks_test
}  // namespace robiq
