// A plugin: robiq --plugin libmy_attack.so attack sign-noise PICTURE --model ... --out ...
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <robiq/attack/attack.h>

namespace {

/// Adds epsilon or -epsilon to every value at random, several times, and keeps of each picture the
/// try that moved its score furthest towards the middle of the scale and beyond. Knows only scores.
class SignNoise final : public robiq::Attack {
 public:
  static constexpr const char* kName = "sign-noise";
  static constexpr const char* kSummary = "the best of several random sign patterns";
  static constexpr const char* kPaper = "";
  struct Options {
    double epsilon = 0.01;
    std::int64_t tries = 16;
    static robiq::OptionTable<Options> options() {
      return {{"epsilon", &Options::epsilon, "what is added or subtracted", 0, 1, "of [0,1]"},
              {"tries", &Options::tries, "random patterns", 1, 100000}};
    }
  };

  explicit SignNoise(const Options& options) : options_(options) {
    card_.name = kName;
    card_.title = "Random signs";
    card_.rank = 60;
    card_.white_box = false;
    card_.score_only = true;
    card_.linf_budget = options.epsilon;
  }
  [[nodiscard]] const robiq::AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] robiq::AttackOutcome perturb(robiq::QualityModel& victim,
                                             const robiq::AttackBatch& batch,
                                             const robiq::AttackContext& context) const override {
    const at::NoGradGuard no_grad;
    const robiq::ScoreScale& scale = victim.card().scale;
    const at::Tensor towards = ((scale.worst + scale.best) / 2 - batch.clean_scores).sign();
    at::Tensor best = batch.images.clone(), gain = at::zeros_like(batch.clean_scores);
    for (std::int64_t i = 0; i < options_.tries; ++i) {
      if (context.stop()) throw robiq::Interrupted("the attack was stopped");
      const robiq::Rng at_try = context.rng.child("try").child(static_cast<std::uint64_t>(i));
      const at::Tensor pattern = robiq::row_noise(batch, at_try, -1, 1).sign();
      const at::Tensor tried = (batch.images + options_.epsilon * pattern).clamp(0, 1);
      const at::Tensor gained = (victim.score(tried) - batch.clean_scores) * towards;
      best = at::where((gained > gain).view({-1, 1, 1, 1}), tried, best);
      gain = at::maximum(gained, gain);
    }
    return {best, /*forwards=*/options_.tries, /*backwards=*/0};
  }

 private:
  Options options_;
  robiq::AttackCard card_;
};

ROBIQ_REGISTER(robiq::Attack, SignNoise);

}  // namespace
