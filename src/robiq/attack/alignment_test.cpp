#include "robiq/attack/alignment.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "robiq/attack/attack.h"
#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace alignment_test {

using Json = nlohmann::json;

StrengthMeasure measure_of(const std::string& name) {
  if (name == "ssim") return StrengthMeasure::kSsim;
  return name == "l2" ? StrengthMeasure::kL2 : StrengthMeasure::kLinf;
}

double measured(StrengthMeasure measure, const at::Tensor& clean, const at::Tensor& changed) {
  const at::Tensor delta = (changed - clean).flatten(1);
  if (measure == StrengthMeasure::kSsim) return ssim(clean, changed).mean().item<double>();
  if (measure == StrengthMeasure::kL2) {
    return delta.to(at::kDouble).square().sum(1).sqrt().mean().item<double>();
  }
  return delta.abs().amax(1).mean().item<double>();
}

/// The attacks of the fixture: FGSM, or fixed signs of a size.
at::Tensor attacked(const std::string& attack, double parameter, test::TinyIqa& model,
                    const at::Tensor& clean) {
  if (attack == "fgsm:epsilon") {
    const AttackBatch batch{clean, model.score(clean).detach(), {"a", "b", "c"}};
    const Params options = {{"epsilon", {parameter, "test"}}};
    return Registry<Attack>::instance().make("fgsm", options)->run(model, batch, {Rng(0)}).images;
  }
  const at::Tensor u = det::noise("al.u", 0, 1, clean.sizes().slice(1)) - 0.5;
  return (clean + parameter * u.sign()).clamp(0, 1);
}

TEST(Alignment, MakesTheTrialsOfTheFixture) {
  const Json fixture = test::read_json(test::fixture_path("attacks/alignment.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  std::vector<at::Tensor> pictures;
  for (const Json& image : fixture.at("images")) {
    pictures.push_back(det::picture(det::image_spec(image)));
  }
  const at::Tensor clean = at::cat(pictures);
  for (const Json& c : fixture.at("cases")) {
    const auto attack = c.at("attack").get<std::string>();
    const StrengthMeasure measure = measure_of(c.at("measure").get<std::string>());
    const testing::ScopedTrace trace(__FILE__, __LINE__, attack + " " + c.at("measure").dump());
    const StrengthTarget target{measure, c.at("target").get<double>(),
                                c.at("tolerance_abs").get<double>()};
    const AlignedStrength found = align_strength(
        [&](double parameter) {
          return measured(measure, clean, attacked(attack, parameter, model, clean));
        },
        target, c.at("start").get<double>());
    const double parameter = c.at("parameter").get<double>();
    EXPECT_NEAR(found.best.parameter, parameter,
                parameter * tolerance.at("parameter_rel").get<double>());
    EXPECT_NEAR(found.best.value, c.at("value").get<double>(), tolerance.at("measure"));
    EXPECT_TRUE(found.reached);
    EXPECT_FALSE(found.not_monotone);
    ASSERT_EQ(found.trials.size(), c.at("evaluations").size());
    for (std::size_t i = 0; i < found.trials.size(); ++i) {
      const double tried = c.at("evaluations")[i][0].get<double>();
      EXPECT_NEAR(found.trials[i].parameter, tried, tried * 1e-6);
      EXPECT_NEAR(found.trials[i].value, c.at("evaluations")[i][1].get<double>(),
                  tolerance.at("measure"));
    }
  }
}

TEST(Alignment, HasTheTolerancesOfTheMeasures) {
  EXPECT_DOUBLE_EQ(StrengthTarget::of(StrengthMeasure::kLinf, 0.02).tolerance, 0.1 / 255);
  EXPECT_DOUBLE_EQ(StrengthTarget::of(StrengthMeasure::kL2, 3).tolerance, 0.03);
  EXPECT_DOUBLE_EQ(StrengthTarget::of(StrengthMeasure::kSsim, 0.9).tolerance, 0.002);
  EXPECT_THROW(static_cast<void>(StrengthTarget::of(StrengthMeasure::kSsim, 1.5)), Error);
  EXPECT_THROW(static_cast<void>(StrengthTarget::of(StrengthMeasure::kL2, 0)), Error);
}

TEST(Alignment, HalvesFromAStartThatIsTooStrong) {
  const AlignedStrength found =
      align_strength([](double p) { return p; }, {StrengthMeasure::kLinf, 0.3, 1e-6}, 1);
  EXPECT_NEAR(found.best.value, 0.3, 1e-6);
  EXPECT_DOUBLE_EQ(found.trials[1].parameter, 0.5);
  EXPECT_DOUBLE_EQ(found.trials[2].parameter, 0.25);
}

TEST(Alignment, StopsAtOnceWhereTheStartWillDo) {
  const AlignedStrength found =
      align_strength([](double p) { return p; }, {StrengthMeasure::kLinf, 0.3, 0.01}, 0.305);
  EXPECT_EQ(found.trials.size(), 1U);
  EXPECT_TRUE(found.reached);
}

TEST(Alignment, ReportsTheNearestWhereTheTargetIsOutOfReach) {
  const AlignedStrength found = align_strength([](double p) { return std::min(p, 0.5); },
                                               {StrengthMeasure::kL2, 2, 0.01}, 0.1);
  EXPECT_FALSE(found.reached);
  EXPECT_EQ(found.best.value, 0.5);
  EXPECT_EQ(found.trials.size(), 13U);  // the start and twelve doublings
}

TEST(Alignment, GoesNoFurtherThanTheAttackTakes) {
  const AlignedStrength found =
      align_strength([](double p) { return p; }, {StrengthMeasure::kL2, 2, 0.01}, 0.4, 1);
  EXPECT_FALSE(found.reached);
  EXPECT_EQ(found.best.parameter, 1);
  EXPECT_EQ(found.trials.size(), 3U);
}

TEST(Alignment, NotesAMeasureThatIsNotMonotone) {
  const AlignedStrength found =
      align_strength([](double p) { return p < 0.15  ? p
                                           : p < 0.3 ? 0.05
                                                     : p; },
                     {StrengthMeasure::kL2, 1, 0.001}, 0.1);
  EXPECT_TRUE(found.not_monotone);
  EXPECT_TRUE(found.reached);
}

TEST(Alignment, RefusesStartsAndMeasuresThatAreNone) {
  const StrengthTarget target{StrengthMeasure::kL2, 1, 0.001};
  EXPECT_THROW(static_cast<void>(align_strength([](double p) { return p; }, target, 0)), Error);
  EXPECT_THROW(static_cast<void>(align_strength([](double) { return std::nan(""); }, target, 1)),
               Error);
}

}  // namespace alignment_test
}  // namespace robiq
