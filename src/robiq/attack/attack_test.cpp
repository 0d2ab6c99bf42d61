#include "robiq/attack/attack.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "robiq/attack/norm_ball.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace attack_test {

/// Returns what it is told to.
class Scripted final : public Attack {
 public:
  explicit Scripted(std::function<at::Tensor(const at::Tensor&)> change)
      : change_(std::move(change)) {
    card_.name = "scripted";
    card_.linf_budget = 0.01;
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& /*victim*/, const AttackBatch& batch,
                                      const AttackContext& /*context*/) const override {
    return {change_(batch.images), 1, 1};
  }

 private:
  std::function<at::Tensor(const at::Tensor&)> change_;
  AttackCard card_;
};

AttackBatch batch_of(const at::Tensor& images) { return {images, at::zeros({1}), {"x"}}; }

const at::Tensor& grey() {
  static const at::Tensor picture = at::full({1, 3, 16, 16}, 0.5F);
  return picture;
}

void expect_broken(const std::string& what, std::function<at::Tensor(const at::Tensor&)> change) {
  test::TinyIqa model;
  expect_error(ErrorKind::kInternal, {what, "scripted", "report"}, [&] {
    static_cast<void>(Scripted(std::move(change)).run(model, batch_of(grey().clone()), {Rng(0)}));
  });
}

TEST(Attack, BrokenPromisesAreNamed) {
  expect_broken("shape", [](const at::Tensor& x) { return x.narrow(3, 0, 8); });
  expect_broken("budget", [](const at::Tensor& x) { return x + 0.02; });
  expect_broken("not finite", [](const at::Tensor& x) { return x / 0 * 0; });
  expect_broken("another number format", [](const at::Tensor& x) { return x.to(at::kDouble); });
  expect_broken("returned no pictures", [](const at::Tensor& /*x*/) { return at::Tensor(); });
  expect_broken("writes to the pictures", [](const at::Tensor& x) {
    const at::Tensor own = x;
    return own.add_(0);
  });
  test::TinyIqa model;
  expect_error(ErrorKind::kInternal, {"left [0,1]", "scripted", "*"}, [&] {
    const Scripted attack([](const at::Tensor& x) { return x + 0.005; });
    static_cast<void>(attack.run(model, batch_of(at::ones({1, 3, 16, 16})), {Rng(0)}));
  });
}

TEST(Attack, PicturesOutsideTheUnitRangeAreRefused) {
  test::TinyIqa model;
  const Scripted attack([](const at::Tensor& x) { return x; });
  expect_error(ErrorKind::kData, {"outside [0,1]", "scripted", "to_float"},
               [&] { static_cast<void>(attack.run(model, batch_of(grey() * 255), {Rng(0)})); });
}

TEST(Attack, LeavesTheVictimAsItWas) {
  test::TinyIqa model;
  model.set_training(true);
  const auto attack = Registry<Attack>::instance().make("fgsm", {});
  static_cast<void>(attack->run(model, {grey(), model.score(grey()).detach(), {"x"}}, {Rng(0)}));
  EXPECT_TRUE(model.training());
  for (const auto& [name, tensor] : model.state()) EXPECT_TRUE(tensor.requires_grad()) << name;
}

TEST(Attack, RowNoiseDependsOnTheIdAlone) {
  const at::Tensor two = at::zeros({2, 3, 4, 4});
  const at::Tensor ab = row_noise({two, {}, {"a", "b"}}, Rng(1), -0.1, 0.1);
  const at::Tensor ba = row_noise({two, {}, {"b", "a"}}, Rng(1), -0.1, 0.1);
  EXPECT_TRUE(at::equal(ab[0], ba[1]));
  EXPECT_FALSE(at::equal(ab[0], ab[1]));
  EXPECT_LE(ab.abs().max().item<float>(), 0.1F);
}

TEST(Attack, WarnsWhenAStartIsNeededAndRefused) {
  const auto make = [](const std::string& spec) {
    return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
  };
  EXPECT_NE(make("fgsm:loss=mae,start=none")->warning().find("nothing moves"), std::string::npos);
  EXPECT_EQ(make("fgsm:loss=mae")->warning(), "");
  EXPECT_EQ(make("fgsm")->warning(), "");
}

TEST(Attack, WarnsWhenItsStepsEndInsideTheBall) {
  const auto& attacks = Registry<Attack>::instance();
  int tried = 0;
  for (const auto& [name, entry] : attacks.entries()) {
    std::set<std::string> options;
    for (const OptionDoc& option : entry.options) options.insert(option.name);
    // The step of nes is an l2 length on a tile, and what it reaches depends on the picture.
    if (!options.contains("epsilon") || !options.contains("step_size") || name == "nes") continue;
    std::string spec = name + ":epsilon=0.03,step_size=0.0001";
    if (options.contains("steps")) spec += ",steps=3";
    if (options.contains("start")) spec += ",start=none";
    if (options.contains("constraint")) continue;  // that of perceptual has one ball of several
    const std::string warning = attacks.make(parse_spec(spec, "test"), "test")->warning();
    EXPECT_NE(warning.find("less than epsilon, 0.03"), std::string::npos) << spec << warning;
    ++tried;
  }
  EXPECT_GE(tried, 11);
}

TEST(Projection, IsExactOnTheBallAndTheUnitRange) {
  const at::Tensor clean = at::tensor({0.0F, 0.5F, 0.999F});
  const LinfBall ball(clean, 0.01);
  EXPECT_TRUE(at::allclose(ball.project(clean + 0.5), at::tensor({0.01F, 0.51F, 1.0F})));
  EXPECT_TRUE(at::allclose(ball.project(clean - 0.5), at::tensor({0.0F, 0.49F, 0.989F})));
  EXPECT_TRUE(at::equal(ball.project(clean), clean));
}

}  // namespace attack_test
}  // namespace robiq
