#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/tensor/image_batch.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace sign_ascent_test {

using Json = nlohmann::json;

TEST(TinyIqa, HasTheScoresAndGradientsOfTheFixture) {
  const Json fixture = test::read_json(test::fixture_path("attacks/tiny_model.json"));
  test::TinyIqa model;
  for (const Json& entry : fixture.at("images")) {
    const at::Tensor picture =
        det::picture(det::image_spec(entry.at("image"))).requires_grad_(true);
    const at::Tensor score = model.score(picture);
    EXPECT_NEAR(score.item<double>(), entry.at("score").get<double>(),
                fixture.at("tolerance").at("score").get<double>());
    const at::Tensor gradient = torch::autograd::grad({score.sum()}, {picture})[0];
    const double relative = fixture.at("tolerance").at("grad_rel").get<double>();
    const double l1 = entry.at("grad_l1").get<double>();
    EXPECT_NEAR(gradient.abs().sum(at::kDouble).item<double>(), l1, l1 * relative);
    const double linf = entry.at("grad_linf").get<double>();
    EXPECT_NEAR(gradient.abs().max().item<double>(), linf, linf * relative);
    for (std::size_t i = 0; i < entry.at("sample_index_chw").size(); ++i) {
      EXPECT_NEAR(
          gradient.flatten()[entry.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
          entry.at("sample_grad")[i].get<double>(), linf * relative);
    }
  }
}

Objective fixture_objective(const std::string& name) { return parse_objective(name.substr(2)); }

/// The rule of the decisions: the demo's y of an un-normalised picture is its bug, and its L_mae
/// descends; of L_mae and L_mse reference cases only those remain that show that nothing moves.
bool applies(const Json& test_case) {
  if (test_case.at("source") == "derived") return true;
  if (test_case.at("y_kind") != "y_of_normalised_clean") return false;
  return test_case.at("loss") == "L_mid" ||
         (test_case.at("n_pos") == 0 && test_case.at("n_neg") == 0);
}

at::Tensor start_of(const Json& test_case, const at::Tensor& picture) {
  if (!test_case.contains("start") || !test_case.at("start").is_object()) return {};
  const Json& start = test_case.at("start");
  return det::noise(start.at("name").get<std::string>(), start.at("lo").get<double>(),
                    start.at("hi").get<double>(), picture.sizes());
}

void check_pixels(const Json& c, const Json& tolerance, const at::Tensor& clean,
                  const at::Tensor& attacked) {
  const at::Tensor delta = (attacked - clean).flatten();
  const auto pixels = static_cast<double>(delta.numel());
  const double counts = tolerance.at("counts_fraction_of_pixels").get<double>() * pixels;
  EXPECT_NEAR(delta.abs().max().item<double>(), c.at("linf").get<double>(),
              tolerance.at("linf").get<double>());
  EXPECT_NEAR(delta.gt(0).sum().item<double>(), c.at("n_pos").get<double>(), counts);
  EXPECT_NEAR(delta.lt(0).sum().item<double>(), c.at("n_neg").get<double>(), counts);
  const double l2 = c.at("l2").get<double>();
  EXPECT_NEAR(delta.to(at::kDouble).norm().item<double>(), l2,
              l2 * tolerance.at("l2_rel").get<double>());
  for (std::size_t i = 0; i < c.at("sample_index_chw").size(); ++i) {
    const auto index = c.at("sample_index_chw")[i].get<std::int64_t>();
    EXPECT_NEAR(attacked.flatten()[index].item<double>(), c.at("sample_adv")[i].get<double>(),
                tolerance.at("sampled_pixel").get<double>());
  }
}

TEST(SignAscent, AgreesWithTheAuthorsCodeAndTheDerivedCases) {
  const Json fixture = test::read_json(test::fixture_path("attacks/fgsm.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  model.set_training(false);
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    if (!applies(c)) continue;
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const at::Tensor before = model.score(clean).detach();
    EXPECT_NEAR(before.item<double>(), c.at("score_before").get<double>(),
                tolerance.at("score").get<double>());
    const SignAscent walk{fixture_objective(c.at("loss").get<std::string>()),
                          c.at("eps").get<double>(), c.at("alpha").get<double>(),
                          c.at("iteration").get<std::int64_t>()};
    const AttackOutcome outcome =
        sign_ascent(model, {clean, before, {"x"}}, walk, start_of(c, clean), {Rng(0)});
    const double score_tolerance = tolerance.at("score").get<double>();
    EXPECT_NEAR(model.score(outcome.images).item<double>(), c.at("score_after").get<double>(),
                score_tolerance);
    EXPECT_NEAR(model.score(quantize_to_8bit(outcome.images)).item<double>(),
                c.at("score_after_8bit").get<double>(), score_tolerance);
    check_pixels(c, tolerance, clean, outcome.images);
    ++checked;
  }
  EXPECT_EQ(checked, 16 + 16 + 24);  // L_mid; L_mae and L_mse that do not move; derived
}

TEST(SignAscent, RowsDoNotInfluenceEachOther) {
  test::TinyIqa model;
  const at::Tensor a = det::picture({"a", 40, 40, 128, 64}),
                   b = det::picture({"b", 40, 40, 64, 180});
  const auto attack = [&](const at::Tensor& images, const std::vector<std::string>& ids) {
    return sign_ascent(model, {images, model.score(images).detach(), ids},
                       {Objective::kMid, 0.01, 0.004, 4}, {}, {Rng(0)})
        .images;
  };
  const at::Tensor together = attack(at::cat({a, b}), {"a", "b"});
  EXPECT_TRUE(at::allclose(together[0], attack(a, {"a"})[0], 0, 1e-6));
  EXPECT_TRUE(at::allclose(together[1], attack(b, {"b"})[0], 0, 1e-6));
}

TEST(SignAscent, StopsBetweenSteps) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  int calls = 0;
  const AttackContext context{Rng(0), [&] { return ++calls > 3; }};
  EXPECT_THROW(static_cast<void>(sign_ascent(model, {clean, model.score(clean).detach(), {"a"}},
                                             {Objective::kUp, 0.01, 0.01, 10}, {}, context)),
               Interrupted);
}

}  // namespace sign_ascent_test
}  // namespace robiq
