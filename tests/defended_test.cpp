// Models behind purifiers, graded and attacked, against a run of the MSU benchmark's code.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purified_model.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/metric/defense_measures.h"
#include "robiq/metric/distance/fidelity.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace defended_test {

using Json = nlohmann::json;
constexpr std::int64_t kEotDraws = 8;

/// Standard normal numbers made from a name, as certify.json says.
at::Tensor named_normal(const std::string& name, at::IntArrayRef shape) {
  std::size_t n = 1;
  for (const std::int64_t side : shape) n *= static_cast<std::size_t>(side);
  const std::vector<double> u = det::uniform(name, 2 * n);
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = std::sqrt(-2 * std::log1p(-u[i])) * std::cos(2 * std::numbers::pi * u[n + i]);
  }
  return at::tensor(values, at::kDouble).to(at::kFloat).reshape(shape);
}

/// The fixture's noise: fixed for a grade; for an attack, of step and draw as they are asked for.
class NamedNoise final : public Purifier {
 public:
  NamedNoise(std::string picture, bool attack)
      : Purifier({.name = "named-noise", .randomised = true}),
        picture_(std::move(picture)),
        attack_(attack) {}

 protected:
  at::Tensor transform(const at::Tensor& images, const std::vector<Rng>& /*rows*/) const override {
    const std::string step = ":" + std::to_string(asked_ / kEotDraws);
    const std::string draw = ":" + std::to_string(asked_ % kEotDraws);
    ++asked_;
    const std::string name = attack_ ? "df.eot:" + picture_ + step + draw : "df.noise:" + picture_;
    return add_clipped_noise(images, named_normal(name, images.sizes()), 0.05);
  }

 private:
  std::string picture_;
  bool attack_;
  mutable std::int64_t asked_ = 0;
};

std::string spec_of(const std::string& name) {
  if (name.starts_with("color")) return "colour-quantisation:levels=16";
  if (name.starts_with("median")) return "median-blur:kernel=3,backward=straight";
  if (name.starts_with("gaussian")) return "gaussian-blur:kernel=3";
  if (name.starts_with("resize")) return "resize:scale=0.5";
  if (name.starts_with("jpeg")) return "jpeg:quality=70,backward=straight";
  return name;
}

std::shared_ptr<Purifier> purifier_of(const std::string& name, std::size_t i, bool attack) {
  if (name.starts_with("random-noise")) {
    return std::make_shared<NamedNoise>(std::to_string(i), attack);
  }
  return make_purifier(spec_of(name), "test");
}

/// One picture of the fixture with its attack.
struct Attacked {
  at::Tensor clean, attacked;
  at::Tensor clean_score;
};

AttackOutcome walk_against(QualityModel& model, const Attacked& picture) {
  const SignAscent walk{Objective::kMid, 4 / 255.0, 1 / 255.0, 5};
  return sign_ascent(model, {picture.clean, picture.clean_score, {"x"}}, walk, {}, {Rng(0)});
}

class Defended : public testing::Test {
 protected:
  void SetUp() override {
    model_.set_training(false);
    for (const Json& image : fixture_.at("images")) {
      Attacked picture{det::picture(det::image_spec(image)), {}, {}};
      picture.clean_score = model_.score(picture.clean).detach();
      picture.attacked = walk_against(model_, picture).images;
      pictures_.push_back(picture);
    }
  }
  [[nodiscard]] double tolerance(const char* name) const {
    return fixture_.at("tolerance").at(name).get<double>();
  }
  double grade(const at::Tensor& images, const std::string& defense, std::size_t i) {
    PurifiedModel purified(model_, purifier_of(defense, i, false), {});
    purified.begin({"x"});
    return purified.score(images).item<double>();
  }

  Json fixture_ = test::read_json(test::fixture_path("attacks/defended.json"));
  test::TinyIqa model_;
  std::vector<Attacked> pictures_;
};

double compared(const char* distance, const at::Tensor& a, at::Tensor b) {
  if (b.sizes() != a.sizes()) b = at::upsample_bilinear2d(b, a.sizes().slice(2), false);
  const auto fidelity = Registry<Fidelity>::instance().make(distance, Params{});
  return fidelity->compare(a, b).item<double>();
}

TEST_F(Defended, HasTheFourScoresAndMeasuresOfTheBenchmark) {
  for (const Json& entry : fixture_.at("defenses")) {
    const auto name = entry.at("defense").get<std::string>();
    SCOPED_TRACE(name);
    DefenseColumns columns;
    columns.mos = fixture_.at("mos").get<std::vector<double>>();
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      const Attacked& picture = pictures_[i];
      columns.clean.push_back(picture.clean_score.item<double>());
      columns.attacked.push_back(model_.score(picture.attacked).item<double>());
      columns.purified_clean.push_back(grade(picture.clean, name, i));
      columns.purified_attacked.push_back(grade(picture.attacked, name, i));
      const auto purifier = purifier_of(name, i, false);
      const at::Tensor clean = purifier->purify(picture.clean, {Rng(0)}),
                       attacked = purifier->purify(picture.attacked, {Rng(0)});
      columns.ssim_clean.push_back(compared("ssim_skimage", picture.clean, clean));
      columns.psnr_clean.push_back(compared("psnr", picture.clean, clean));
      columns.ssim_attacked.push_back(compared("ssim_skimage", picture.clean, attacked));
      columns.psnr_attacked.push_back(compared("psnr", picture.clean, attacked));
    }
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      const double points = tolerance("score");
      EXPECT_NEAR(columns.clean[i], fixture_.at("clean")[i].get<double>(), points);
      EXPECT_NEAR(columns.attacked[i], fixture_.at("attacked")[i].get<double>(), points);
      EXPECT_NEAR(columns.purified_clean[i], entry.at("defended_clear")[i].get<double>(), points);
      EXPECT_NEAR(columns.purified_attacked[i], entry.at("defended_attacked")[i].get<double>(),
                  points);
    }
    for (const DefenseMeasure& measure : defense_measures(columns, 100)) {
      const double wanted = entry.at("measures").at(measure.name).get<double>();
      EXPECT_NEAR(measure.value, wanted, std::abs(wanted) * tolerance("measure_rel"))
          << measure.name;
    }
  }
}

TEST_F(Defended, AdaptiveAttacksGoWhereTheReferenceGoes) {
  for (const Json& entry : fixture_.at("defenses")) {
    const auto name = entry.at("defense").get<std::string>();
    SCOPED_TRACE(name);
    const Json& adaptive = entry.at("adaptive");
    const bool noise = name.starts_with("random-noise");
    const Purification eot{.draws = noise ? kEotDraws : 1, .when = PurifierDraws::kEachGradient};
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      PurifiedModel purified(model_, purifier_of(name, i, true), eot);
      purified.begin({"x"});
      const at::Tensor leaf = pictures_[i].clean.clone().requires_grad_(true);
      const at::Tensor gradient = torch::autograd::grad({purified.score(leaf).sum()}, {leaf})[0];
      const double l1 = adaptive.at("first_gradient_l1")[i].get<double>();
      EXPECT_NEAR(gradient.abs().sum(at::kDouble).item<double>(), l1,
                  l1 * tolerance("grad_l1_rel"));
      const auto& index = adaptive.at("first_gradient_sample_index_chw");
      for (std::size_t k = 0; i == 0 && k < index.size(); ++k) {
        EXPECT_NEAR(gradient.flatten()[index[k].get<std::int64_t>()].item<double>(),
                    adaptive.at("first_gradient_sample_picture0")[k].get<double>(), 1e-3);
      }
      PurifiedModel fresh(model_, purifier_of(name, i, true), eot);
      fresh.begin({"x"});
      const at::Tensor images = walk_against(fresh, pictures_[i]).images;
      const double points = tolerance("adaptive_score");
      EXPECT_NEAR(grade(images, name, i), adaptive.at("defended_score_after")[i].get<double>(),
                  points);
      EXPECT_NEAR(model_.score(images).item<double>(),
                  adaptive.at("undefended_score_after")[i].get<double>(), points);
    }
  }
}

}  // namespace defended_test
}  // namespace robiq
