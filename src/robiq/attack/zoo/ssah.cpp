#include <ATen/ATen.h>

#include <cstdint>
#include <string>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/adam_walk.h"
#include "robiq/attack/gradient/perceptual_ascent.h"

namespace robiq {
namespace {

/// The low-pass part of a Haar wavelet: every 2 x 2 block's mean. Blocks at an odd border are cut.
at::Tensor haar_low_pass(const at::Tensor& images) {
  return at::avg_pool2d(images, 2, 2, 0, /*ceil_mode=*/true, /*count_include_pad=*/false);
}

/// Changes high frequencies: what the eye follows, the low-pass picture, is held in place.
class Ssah final : public Attack {
 public:
  static constexpr const char* kName = "ssah";
  static constexpr const char* kSummary = "moves the score and keeps the low frequencies in place";
  static constexpr const char* kPaper =
      "Luo et al., Frequency-driven Imperceptible Adversarial Attack on Semantic Similarity, CVPR "
      "2022";
  struct Options {
    double learning_rate = 1e-3, weight = 0.1;
    std::int64_t steps = 10;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"learning_rate", &O::learning_rate, "of Adam on the picture", 0, 1,
               "(pixel values: 0 to 1)"},
              {"steps", &O::steps, "number of steps", 1, 100000},
              {"weight", &O::weight, "lambda, of the change of low frequencies", 0, 1e9},
              {"loss", &O::loss, kDirectionHelp, direction_names()}};
    }
  };
  explicit Ssah(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "SSAH",
              .rank = 42,
              .strength = "learning_rate"} {
    walk_.objective = parse_objective(o.loss);
    walk_.step_size = o.learning_rate;
    walk_.steps = o.steps;
    walk_.penalty_to = [weight = o.weight](const at::Tensor& clean) {
      return [weight, low = haar_low_pass(clean)](const at::Tensor& images) {
        constexpr double kPixelsOfBlock = 4;  // the low-pass picture has the size of the picture
        const at::Tensor distance = at::smooth_l1_loss(haar_low_pass(images), low, 0);
        return weight * kPixelsOfBlock * distance.sum(at::IntArrayRef{1, 2, 3});
      };
    };
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    return adam_walk(victim, batch, walk_, context);
  }

 private:
  AttackCard card_;
  AdamWalk walk_;
};

ROBIQ_REGISTER(Attack, Ssah);

}  // namespace
}  // namespace robiq
