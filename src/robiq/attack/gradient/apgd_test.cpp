#include "robiq/attack/gradient/apgd.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace apgd_test {

using Json = nlohmann::json;

/// TinyIQA with the softer end of the fixture `standard`: 100 sigmoid(2 z - 0.4).
class TinyFlat final : public QualityModel {
 public:
  TinyFlat() : QualityModel(named()) {}
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    return tiny_.parameter_groups();
  }
  [[nodiscard]] TensorMap state() const override { return tiny_.state(); }
  void set_training(bool on) override { tiny_.set_training(on); }
  [[nodiscard]] bool training() const override { return tiny_.training(); }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return 100 * at::sigmoid(at::logit(tiny_.score(images) / 100) / 4);  // (8 z - 1.6) / 4
  }

 private:
  static ModelCard named() {
    ModelCard card;
    card.name = "flat";
    return card;
  }
  test::TinyIqa tiny_;
};

at::Tensor det_start(const at::Tensor& clean, const std::string& name, double epsilon) {
  return apgd_start(clean, det::noise(name, -1, 1, clean.sizes()), BallNorm::kLinf, epsilon);
}

TEST(Apgd, AgreesWithTheFixtureOfTheReference) {
  const Json fixture = test::read_json(test::fixture_path("attacks/extra_attacks.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    if (!c.contains("direction")) continue;  // another attack
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const double epsilon = c.at("eps").get<double>();
    const ApgdWalk walk{c.at("direction").get<double>() > 0 ? Objective::kUp : Objective::kDown,
                        BallNorm::kLinf, epsilon, c.at("steps").get<std::int64_t>()};
    const ApgdOutcome outcome =
        apgd(model, {clean, model.score(clean).detach(), {"x"}}, walk,
             det_start(clean, c.at("start").at("name").get<std::string>(), epsilon), {Rng(0)});
    const double score = model.score(outcome.images).item<double>();
    EXPECT_NEAR(score, c.at("score_after").get<double>(), tolerance.at("score").get<double>());
    EXPECT_NEAR(outcome.best_values[-1].item<double>(), c.at("best_loss").get<double>(),
                tolerance.at("score").get<double>());
    EXPECT_NEAR((outcome.images - clean).abs().max().item<double>(), c.at("linf").get<double>(),
                tolerance.at("linf").get<double>());
    const at::Tensor index = at::tensor(c.at("sample_index_chw").get<std::vector<std::int64_t>>());
    const at::Tensor wanted = at::tensor(c.at("sample_adv").get<std::vector<double>>());
    const at::Tensor off = (outcome.images.flatten().index_select(0, index) - wanted).abs();
    // The reference counts the first rise against an empty slot, 0: never a rise where scores are
    // lowered. A few pixels then differ.
    const double wanted_share =
        walk.objective == Objective::kUp ? tolerance.at("fraction_pixels_ok").get<double>() : 0.9;
    const double share =
        (off <= tolerance.at("sampled_pixel").get<double>()).to(at::kDouble).mean().item<double>();
    EXPECT_GE(share, wanted_share);
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

/// Both directions of the set `standard` on one picture: two starts a budget, the first of them the
/// best picture of the smaller budget.
TEST(Apgd, GivesTheMemberScoresOfTheStandardSet) {
  const Json fixture = test::read_json(test::fixture_path("attacks/standard.json"));
  const std::array<int, 4> levels = {2, 4, 8, 16};
  TinyFlat model;
  for (std::size_t picture = 0; picture < fixture.at("images").size(); ++picture) {
    const det::ImageSpec spec = det::image_spec(fixture.at("images")[picture]);
    const at::Tensor clean = det::picture(spec), score = model.score(clean).detach();
    EXPECT_NEAR(score.item<double>(), fixture.at("clean")[picture].get<double>(), 1e-3);
    for (const bool up : {true, false}) {
      const std::string direction = up ? "up" : "down";
      at::Tensor carried = clean;
      for (std::size_t j = 0; j < levels.size(); ++j) {
        const double epsilon = levels[j] / 255.0;
        const ApgdWalk walk{up ? Objective::kUp : Objective::kDown, BallNorm::kLinf, epsilon};
        const std::string key = "std:" + spec.name + ":" + std::to_string(j) + ":" + direction;
        const Json& flags =
            fixture.at("flag_inputs_float64").at(std::to_string(levels[j]))[picture];
        std::array<double, 2> reached{};
        std::array<at::Tensor, 2> images, starts = {carried, det_start(clean, key, epsilon)};
        for (std::size_t s = 0; s < 2; ++s) {
          const ApgdOutcome outcome = apgd(model, {clean, score, {"x"}}, walk, starts[s], {Rng(0)});
          images[s] = outcome.images;
          reached[s] = model.score(images[s]).item<double>();
          EXPECT_NEAR(reached[s], flags.at("starts")[up ? 0 : 1][s].get<double>(), 0.02)
              << key << " start " << s;
          EXPECT_EQ(outcome.forwards, 51);
        }
        const std::size_t winner = (reached[0] >= reached[1]) == up ? 0 : 1;
        carried = images[winner];
        EXPECT_NEAR(reached[winner],
                    fixture.at("scores")[picture][j].at("apgd-" + direction).get<double>(), 0.02)
            << key;
      }
    }
  }
}

TEST(Apgd, LooksBackAtTheCheckpointsOfThePaper) {
  EXPECT_EQ(apgd_checkpoints(50), (std::vector<std::int64_t>{11, 21, 30, 38, 45}));
  EXPECT_EQ(apgd_checkpoints(1), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(apgd_checkpoints(10), (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(Apgd, KeepsTheBestAndReportsItStepByStep) {
  test::TinyIqa model;
  const at::Tensor clean =
      at::cat({det::picture({"a", 40, 40, 128, 64}), det::picture({"b", 40, 40, 64, 180})});
  const AttackBatch batch{clean, model.score(clean).detach(), {"a", "b"}};
  for (const BallNorm norm : {BallNorm::kLinf, BallNorm::kL2}) {
    const double epsilon = norm == BallNorm::kLinf ? 0.01 : 0.5;
    const ApgdOutcome outcome = apgd(model, batch, {Objective::kMid, norm, epsilon, 20},
                                     apgd_random_start(batch, norm, epsilon, Rng(1)), {Rng(0)});
    ASSERT_EQ(outcome.best_values.sizes(), (std::vector<std::int64_t>{21, 2}));
    EXPECT_GE(outcome.best_values.diff(1, 0).min().item<float>(), 0);
    const at::Tensor direction = at::where(batch.clean_scores <= 50, 1, -1);
    EXPECT_TRUE(at::allclose(outcome.best_values[-1], direction * model.score(outcome.images)));
    EXPECT_LE(row_size(outcome.images - clean, norm).max().item<double>(), epsilon * (1 + 1e-5));
    EXPECT_GT(outcome.best_values.diff().abs().min().item<float>(), 0);
  }
}

TEST(Apgd, L2IsNoWeakerThanPlainStepsOfFixedSize) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const AttackBatch batch{clean, model.score(clean).detach(), {"a"}};
  const NormBall ball(clean, BallNorm::kL2, 0.5);
  at::Tensor images = clean;
  for (int step = 0; step < 20; ++step) {
    const at::Tensor leaf = images.detach().requires_grad_(true);
    model.score(leaf).sum().backward();
    images = ball.project(leaf.detach() + 0.1 * ball.steepest(leaf.grad()));
  }
  const ApgdOutcome outcome =
      apgd(model, batch, {Objective::kUp, BallNorm::kL2, 0.5, 20}, clean, {Rng(0)});
  EXPECT_GT(outcome.best_values[-1].item<double>(), model.score(images).item<double>() - 0.05);
}

TEST(Apgd, RowsDoNotInfluenceEachOther) {
  test::TinyIqa model;
  const at::Tensor a = det::picture({"a", 40, 40, 128, 64}),
                   b = det::picture({"b", 40, 40, 64, 180});
  for (const BallNorm norm : {BallNorm::kLinf, BallNorm::kL2}) {
    const auto attack = [&](const at::Tensor& images, const std::vector<std::string>& ids) {
      const AttackBatch batch{images, model.score(images).detach(), ids};
      return apgd(model, batch, {Objective::kMid, norm, 0.02, 12},
                  apgd_random_start(batch, norm, 0.02, Rng(1)), {Rng(0)})
          .images;
    };
    const at::Tensor together = attack(at::cat({a, b}), {"a", "b"});
    EXPECT_TRUE(at::allclose(together[0], attack(a, {"a"})[0], 0, 1e-5));
    EXPECT_TRUE(at::allclose(together[1], attack(b, {"b"})[0], 0, 1e-5));
  }
}

TEST(Apgd, StopsBetweenSteps) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  int calls = 0;
  const AttackContext context{Rng(0), [&] { return ++calls > 3; }};
  EXPECT_THROW(static_cast<void>(apgd(model, {clean, model.score(clean).detach(), {"a"}},
                                      {Objective::kUp, BallNorm::kLinf, 0.01}, clean, context)),
               Interrupted);
  EXPECT_EQ(calls, 4);
}

}  // namespace apgd_test
}  // namespace robiq
