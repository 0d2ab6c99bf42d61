#include "robiq/attack/gradient/momentum_ascent.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace momentum_ascent_test {

using Json = nlohmann::json;

/// The walk of a name of the fixture.
MomentumAscent walk_of(const Json& c) {
  const auto name = c.at("attack").get<std::string>();
  MomentumAscent walk;
  walk.objective = c.at("direction").get<double>() > 0 ? Objective::kUp : Objective::kDown;
  walk.epsilon = c.at("eps").get<double>();
  walk.step_size = c.at("alpha").get<double>();
  walk.steps = c.at("steps").get<std::int64_t>();
  walk.momentum = c.at("decay").get<double>();
  walk.nesterov = name == "ni" || name == "sini" || name == "vni";
  walk.scales = name == "sini" ? 5 : 1;
  walk.diversity = name == "di" || name == "ti" ? 0.5 : 0;
  walk.kernel = name == "ti" ? 15 : 1;
  walk.variance = name == "vmi" || name == "vni" ? 5 : 0;
  return walk;
}

/// The draws of the fixture for one square picture: hash streams of the case's key.
MomentumDraws draws_of(const std::string& key, double epsilon, at::IntArrayRef shape) {
  const std::int64_t side = shape[3];
  MomentumDraws draws;
  draws.shrink = [key, side](std::int64_t step) {
    const auto count = static_cast<std::size_t>(3 * step + 3);
    const std::vector<std::uint64_t> hashes = det::hashes(key + ".randint", count);
    const auto below = [&](std::size_t k, std::int64_t n) {
      return static_cast<std::int64_t>(hashes[count - 3 + k] % static_cast<std::uint64_t>(n));
    };
    const auto least = static_cast<std::int64_t>(0.9 * static_cast<double>(side));
    ShrinkDraw draw;
    draw.width = draw.height = least + below(0, side - least);
    draw.top = below(1, side - draw.height);
    draw.left = below(2, side - draw.width);
    draw.on = det::uniform(key + ".rand", static_cast<std::size_t>(step + 1)).back() < 0.5;
    return std::vector<ShrinkDraw>{draw};
  };
  const std::vector<std::int64_t> sizes = shape.vec();
  draws.neighbour = [key, epsilon, sizes](std::int64_t step, std::int64_t j) {
    return det::noise(key + ":" + std::to_string(5 * step + j), -1.5 * epsilon, 1.5 * epsilon,
                      sizes);
  };
  return draws;
}

double share_as_sampled(const Json& c, const at::Tensor& images, double tolerance) {
  const at::Tensor index = at::tensor(c.at("sample_index_chw").get<std::vector<std::int64_t>>());
  const at::Tensor wanted = at::tensor(c.at("sample_adv").get<std::vector<double>>());
  const at::Tensor off = (images.flatten().index_select(0, index) - wanted).abs();
  return (off <= tolerance).to(at::kDouble).mean().item<double>();
}

TEST(MomentumAscent, AgreesWithEveryMemberOfTheFamily) {
  const Json fixture = test::read_json(test::fixture_path("attacks/transfer.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  for (const Json& c : fixture.at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const MomentumAscent walk = walk_of(c);
    const AttackOutcome outcome = momentum_ascent(
        model, {clean, model.score(clean).detach(), {"x"}}, walk, {},
        draws_of(c.at("key").get<std::string>(), walk.epsilon, clean.sizes()), {Rng(0)});
    EXPECT_NEAR(model.score(outcome.images).item<double>(), c.at("score_after").get<double>(),
                tolerance.at("score").get<double>());
    EXPECT_NEAR(model.score(quantize_to_8bit(outcome.images)).item<double>(),
                c.at("score_after_8bit").get<double>(), tolerance.at("score").get<double>());
    const at::Tensor change = outcome.images - clean;
    EXPECT_NEAR(change.abs().max().item<double>(), c.at("linf").get<double>(),
                tolerance.at("linf").get<double>());
    const double counts = tolerance.at("counts_fraction_of_pixels").get<double>() *
                          static_cast<double>(change.numel());
    EXPECT_NEAR(change.gt(0).sum().item<double>(), c.at("n_pos").get<double>(), counts);
    EXPECT_NEAR(change.lt(0).sum().item<double>(), c.at("n_neg").get<double>(), counts);
    EXPECT_GE(share_as_sampled(c, outcome.images, tolerance.at("sampled_pixel").get<double>()),
              tolerance.at("fraction_pixels_ok").get<double>());
    EXPECT_EQ(outcome.forwards, walk.steps * walk.scales * (1 + walk.variance));
  }
  EXPECT_EQ(fixture.at("cases").size(), 18U);
}

TEST(MomentumAscent, AddsRawGradientsAsTheMsuBenchmarkDoes) {
  const Json fixture = test::read_json(test::fixture_path("attacks/msu_attacks.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    if (c.at("attack") != "mifgsm") continue;
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const MomentumAscent walk{.objective = Objective::kUp,
                              .epsilon = 10.0 / 255,
                              .step_size = 1.0 / 255,
                              .normalize = false};
    const at::Tensor images =
        momentum_ascent(model, {clean, model.score(clean).detach(), {"x"}}, walk, {}, {}, {Rng(0)})
            .images;
    EXPECT_NEAR(model.score(images).item<double>(), c.at("score_after").get<double>(),
                tolerance.at("score").get<double>());
    EXPECT_GE(share_as_sampled(c, images, tolerance.at("sampled_pixel").get<double>()),
              tolerance.at("fraction_pixels_ok").get<double>());
    ++checked;
  }
  EXPECT_EQ(checked, 3);
}

TEST(MomentumAscent, RowsDoNotInfluenceEachOther) {
  test::TinyIqa model;
  const at::Tensor a = det::picture({"a", 40, 48, 128, 64}),
                   b = det::picture({"b", 40, 48, 64, 180});
  const MomentumAscent walk{.epsilon = 0.02,
                            .step_size = 0.005,
                            .steps = 4,
                            .nesterov = true,
                            .scales = 2,
                            .diversity = 0.5,
                            .kernel = 5,
                            .variance = 2};
  const auto attack = [&](const at::Tensor& images, const std::vector<std::string>& ids) {
    const AttackBatch batch{images, model.score(images).detach(), ids};
    return momentum_ascent(model, batch, walk, {}, momentum_draws(batch, walk, Rng(3)), {Rng(0)})
        .images;
  };
  const at::Tensor together = attack(at::cat({a, b}), {"a", "b"});
  EXPECT_TRUE(at::allclose(together[0], attack(a, {"a"})[0], 0, 1e-6));
  EXPECT_TRUE(at::allclose(together[1], attack(b, {"b"})[0], 0, 1e-6));
}

TEST(MomentumAscent, AZeroGradientStaysZero) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const at::Tensor images =
      momentum_ascent(model, {clean, model.score(clean).detach(), {"a"}},
                      {.objective = Objective::kMse, .epsilon = 0.02, .step_size = 0.005}, {}, {},
                      {Rng(0)})
          .images;
  EXPECT_TRUE(at::equal(images, clean));
}

TEST(MomentumAscent, TheKernelIsSymmetricAndSumsToOne) {
  const at::Tensor kernel = smoothing_kernel(15);
  EXPECT_NEAR(kernel.sum().item<double>(), 1, 1e-6);
  EXPECT_TRUE(at::allclose(kernel, kernel.flip({0, 1})));
  EXPECT_NEAR((kernel[7][7] / kernel[7][0]).item<double>(), std::exp(4.5), 1e-2);
}

TEST(MomentumAscent, StopsBetweenSteps) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  int calls = 0;
  const AttackContext context{Rng(0), [&] { return ++calls > 3; }};
  EXPECT_THROW(
      static_cast<void>(momentum_ascent(model, {clean, model.score(clean).detach(), {"a"}},
                                        {.epsilon = 0.02, .step_size = 0.005}, {}, {}, context)),
      Interrupted);
}

TEST(DiverseInput, ShrinksInsideItsFrame) {
  int on = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw) {
    const ShrinkDraw shrink = draw_shrink(Rng(draw), 30, 40, 0.5);
    EXPECT_GE(shrink.width, 36);
    EXPECT_LT(shrink.width, 40);
    EXPECT_NEAR(static_cast<double>(shrink.height), 0.75 * static_cast<double>(shrink.width), 0.51);
    EXPECT_LE(shrink.top + shrink.height, 30);
    EXPECT_LE(shrink.left + shrink.width, 40);
    on += shrink.on ? 1 : 0;
  }
  EXPECT_NEAR(on, 100, 30);
  const at::Tensor shrunk = shrink_rows(at::ones({2, 3, 30, 40}), {{true, 27, 36, 2, 3}, {}});
  EXPECT_NEAR(shrunk[0].sum().item<double>(), 3 * 27 * 36, 1e-2);
  EXPECT_EQ(shrunk[0][0][2][3].item<float>(), 1);
  EXPECT_EQ(shrunk[0][0][1][3].item<float>(), 0);
  EXPECT_EQ(shrunk[0][0][2][2].item<float>(), 0);
  EXPECT_TRUE(at::equal(shrunk[1], at::ones({3, 30, 40})));
}

}  // namespace momentum_ascent_test
}  // namespace robiq
