#include "robiq/defense/defense_chain.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/tensor/random.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace defense_chain_test {

/// Adds 1 to every label it prepares, and notes what it was asked.
class Counting final : public Defense {
 public:
  static constexpr const char* kName = "test-counting";
  static constexpr const char* kSummary = "counts";
  static constexpr const char* kPaper = "";
  struct Options {
    double weight = 1;
    std::string note;
    static OptionTable<Options> options() {
      return {{"weight", &Options::weight, "the penalty"}, {"note", &Options::note, "a text"}};
    }
  };
  explicit Counting(const Options& options) : options_(options) {}
  void see_task(const StepTask& /*task*/) override { told_ = true; }
  [[nodiscard]] TrainBatch prepare(QualityModel&, TrainBatch batch, const Rng&) override {
    EXPECT_TRUE(told_);
    batch.mos = batch.mos + 1;
    return batch;
  }
  [[nodiscard]] Penalty penalty(QualityModel&, const TrainBatch&, const at::Tensor& scores,
                                const Rng&) override {
    return {options_.weight * scores.sum(), {}};
  }

 private:
  Options options_;
  bool told_ = false;
};

ROBIQ_REGISTER(Defense, Counting);

std::string refusal(const std::string& specs) {
  try {
    static_cast<void>(make_defense(specs));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << specs;
    return error.what();
  }
  return "";
}

TEST(DefenseChain, RefusesCombinationsWithoutSense) {
  EXPECT_NE(refusal("adversarial+adversarial:epsilon=0.01").find("twice"), std::string::npos);
  EXPECT_NE(refusal("gradient-norm+jpeg-augment+gradient-norm").find("twice"), std::string::npos);
  EXPECT_NE(refusal("none+adversarial").find("none"), std::string::npos);
  EXPECT_NE(refusal("adversarial+none").find("none"), std::string::npos);
  EXPECT_NE(refusal("gradient-norm+adversarail").find("did you mean 'adversarial'"),
            std::string::npos);
  EXPECT_NE(refusal("gradient-norm+jpeg-augment:low=0"), "");
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("gradient-norm+"), "");
}

TEST(DefenseChain, OneTextStandsForAllWaysToWriteTheSame) {
  EXPECT_EQ(canonical_defense("none"), "none");
  EXPECT_EQ(canonical_defense("gradient-norm:weight=0.001"), "gradient-norm");
  EXPECT_EQ(canonical_defense("jpeg-augment:high=90,low=50+gradient-norm:weight=1e-2,step=0.1"),
            "gradient-norm:step=0.1,weight=0.01+jpeg-augment:high=90");
  for (const char* const specs :
       {"adversarial:epsilon=0.01", "adversarial:method=apgd,epsilon=0.01",
        "adversarial:labels=fixed,range=1:5", "adversarial+jpeg-augment",
        "test-counting:note=a++b,,c+jpeg-augment", "gradient-norm:weight=1e+5"}) {
    const std::string text = canonical_defense(specs);
    EXPECT_EQ(canonical_defense(text), text) << specs;
  }
  EXPECT_EQ(canonical_defense("test-counting:note=a++b,,c+jpeg-augment"),
            "test-counting:note=a++b,,c+jpeg-augment");
  // The order of what changes pictures is another training.
  EXPECT_NE(canonical_defense("adversarial+jpeg-augment"),
            canonical_defense("jpeg-augment+adversarial"));
}

TEST(DefenseChain, TitlesAreShort) {
  EXPECT_EQ(defense_title("gradient-norm"), "NT 0.001");
  EXPECT_EQ(defense_title("gradient-norm:weight=0.01"), "NT 0.01");
  EXPECT_EQ(defense_title("adversarial"), "AT");
  EXPECT_EQ(defense_title("jpeg-augment+gradient-norm"), "NT+JPEG");
  EXPECT_EQ(defense_title("adversarial+gradient-norm:weight=0.01"), "NT 0.01+AT");
  EXPECT_EQ(defense_title("test-counting"), "test-counting");
  EXPECT_EQ(defense_title("none"), "none");
  const DefenseStrength strength = defense_strength("gradient-norm:weight=0.01");
  EXPECT_EQ(strength.text(), "weight λ of NT");
  EXPECT_EQ(strength.value, 0.01);
  EXPECT_EQ(defense_strength("gradient-norm").value, 0.001);
  EXPECT_FALSE(defense_strength("gradient-norm+jpeg-augment").known());
  EXPECT_FALSE(defense_strength("jpeg-augment").known());
  EXPECT_FALSE(defense_strength("none").known());
}

TEST(DefenseChain, AddsPenaltiesAndPreparesOnceEach) {
  test::TinyIqa model;
  const at::Tensor images = det::picture({"n0", 48, 48, 128, 64});
  const auto run = [&](const std::string& specs) {
    const auto defense = make_defense(specs);
    defense->see_task({});
    TrainBatch batch = defense->prepare(model, {images.clone(), at::zeros({1})}, Rng(1));
    defense->before_pass(model);
    batch.images.requires_grad_(defense->needs_image_gradient());
    seed_torch_globals(Rng(1).child("dropout"));
    const at::Tensor scores = model.training_outputs(batch.images).select(1, 0);
    return std::pair(defense->penalty(model, batch, scores, Rng(1)), batch);
  };
  const auto [nt, plain] = run("gradient-norm:weight=1");
  const auto [counted, one_more] = run("test-counting");
  const auto [both, prepared] = run("test-counting+gradient-norm:weight=1");
  EXPECT_NEAR(both.value.item<double>(), nt.value.item<double>() + counted.value.item<double>(),
              0.05);
  EXPECT_TRUE(at::equal(both.gradient_norms, nt.gradient_norms));
  EXPECT_EQ(prepared.mos.item<double>(), 1);
}

TEST(DefenseChain, ALonePenaltyCanStillBeTakenInTwoPoints) {
  EXPECT_NE(make_defense("gradient-norm+jpeg-augment")->two_points(), nullptr);
  EXPECT_EQ(make_defense("gradient-norm+test-counting")->two_points(), nullptr);
  EXPECT_EQ(make_defense("adversarial+jpeg-augment")->two_points(), nullptr);
  EXPECT_TRUE(make_defense("gradient-norm:scale=label+jpeg-augment")->needs_batch_scores());
  EXPECT_FALSE(make_defense("adversarial+jpeg-augment")->needs_image_gradient());
}

}  // namespace defense_chain_test
}  // namespace robiq
