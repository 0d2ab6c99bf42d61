#include <ATen/ATen.h>

#include "robiq/attack/norm_ball.h"

namespace robiq {
namespace {

constexpr const char* kNoisePaper =
    "the random baseline of Carlini et al., On Evaluating Adversarial Robustness, 2019";
constexpr const char* kNoiseRadiusHelp = "largest change of a value, as for the attacks";

/// Noise that an attack of the same budget must beat; the model is not asked.
class NoiseBaseline : public Attack {
 public:
  NoiseBaseline(const char* name, const char* title, int rank, double epsilon)
      : card_{.name = name,
              .paper = kNoisePaper,
              .title = title,
              .rank = rank,
              .white_box = false,
              .uses_model = false,
              .linf_budget = epsilon},
        epsilon_(epsilon) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& /*victim*/, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return {(batch.images + noise(batch, context.rng.child("noise"))).clamp(0, 1)};
  }
  /// [N,3,H,W] within epsilon, each row drawn at its id.
  [[nodiscard]] virtual at::Tensor noise(const AttackBatch& batch, const Rng& rng) const = 0;

  AttackCard card_;
  double epsilon_;
};

/// The largest random perturbation of an l_inf ball: every value at its border.
class RandomSigns final : public NoiseBaseline {
 public:
  static constexpr const char* kName = "random-signs";
  static constexpr const char* kSummary = "a baseline: every value moves by epsilon, up or down";
  static constexpr const char* kPaper = kNoisePaper;
  struct Options {
    double epsilon = 8.0 / 255;
    static OptionTable<Options> options() {
      return {{"epsilon", &Options::epsilon, kNoiseRadiusHelp, 0, 1, "(pixel values: 0 to 1)"}};
    }
  };
  explicit RandomSigns(const Options& o) : NoiseBaseline(kName, "Random signs", 60, o.epsilon) {}

 protected:
  [[nodiscard]] at::Tensor noise(const AttackBatch& batch, const Rng& rng) const override {
    return at::where(row_noise(batch, rng, -1, 1) < 0, -epsilon_, epsilon_).to(at::kFloat);
  }
};

/// Normal noise cut at the border of the same ball.
class GaussianNoise final : public NoiseBaseline {
 public:
  static constexpr const char* kName = "gaussian-noise";
  static constexpr const char* kSummary =
      "a baseline: normal noise of standard deviation epsilon, cut at epsilon";
  static constexpr const char* kPaper = kNoisePaper;
  struct Options {
    double epsilon = 8.0 / 255;
    static OptionTable<Options> options() {
      return {{"epsilon", &Options::epsilon, kNoiseRadiusHelp, 0, 1, "(pixel values: 0 to 1)"}};
    }
  };
  explicit GaussianNoise(const Options& o)
      : NoiseBaseline(kName, "Gaussian noise", 61, o.epsilon) {}

 protected:
  [[nodiscard]] at::Tensor noise(const AttackBatch& batch, const Rng& rng) const override {
    return (row_normal_noise(batch, rng) * epsilon_).clamp(-epsilon_, epsilon_);
  }
};

ROBIQ_REGISTER(Attack, RandomSigns);
ROBIQ_REGISTER(Attack, GaussianNoise);

}  // namespace
}  // namespace robiq
