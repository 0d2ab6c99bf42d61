#include <ATen/ATen.h>

#include "robiq/attack/local/korhonen_ascent.h"
#include "robiq/attack/local/spatial_activity.h"
#include "robiq/core/options/option_rules.h"

namespace robiq {
namespace {

/// Raises the score where the picture's own activity hides the change. Made with a surrogate and
/// shown to other models, it is the paper's Kor.*.
class Korhonen final : public Attack {
 public:
  static constexpr const char* kName = "korhonen";
  static constexpr const char* kSummary =
      "raises the score in active regions; for transfer, give a surrogate";
  static constexpr const char* kPaper =
      "Korhonen and You, Adversarial Attacks Against Blind Image Quality Assessment Models, QoEVMA "
      "2022";
  struct Options {
    double learning_rate = 0.2;
    std::int64_t least_steps = 19, most_steps = 99, patience = 2, steps = 10;
    std::string variant = "original";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"learning_rate", &O::learning_rate,
           "of Adam; fm-goat divides it by 255 (its own default is 1.275)", 0, 1000, "of 0..255"},
          {"least_steps", &O::least_steps, "of the original", 1, 100000},
          {"most_steps", &O::most_steps, "of the original", 1, 100000},
          {"patience", &O::patience,
           "the original stops after so many steps without a better score", 1, 100000},
          {"steps", &O::steps, "of fm-goat", 1, 100000},
          {"variant",
           &O::variant,
           "the original, or the port in FM-GOAT: fixed steps, the last kept",
           {"original", "fm-goat"}}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      const bool original = o.variant == "original";
      rules.need(original, {"least_steps", "most_steps", "patience"}, "variant=original");
      rules.need(!original, {"steps"}, "variant=fm-goat");
      if (o.least_steps <= o.most_steps) return;
      // Of the two the one that was not given makes room: only both can contradict each other.
      if (!rules.was_given("least_steps")) {
        o.least_steps = o.most_steps;
      } else if (!rules.was_given("most_steps")) {
        o.most_steps = o.least_steps;
      } else {
        throw Error(ErrorKind::kUsage, {"least_steps is " + std::to_string(o.least_steps) +
                                            ", above most_steps, " + std::to_string(o.most_steps),
                                        given.find("least_steps")->second.where,
                                        "raise most_steps, or lower least_steps"});
      }
    }
  };

  explicit Korhonen(Options options) : options_(std::move(options)) {
    card_ = {.name = kName,
             .paper = kPaper,
             .title = "Kor.",
             .rank = 80,
             .strength = "learning_rate",
             .white_box = false,
             .acts_on = AttackTarget::kPicture};
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    if (options_.variant == "fm-goat") {
      const at::Tensor mask = spatial_activity(batch.images, ActivityRule::kFmGoat);
      return fm_goat_ascent(victim, batch, options_.learning_rate / 255, options_.steps, mask,
                            context);
    }
    const at::Tensor mask = spatial_activity(batch.images, ActivityRule::kOriginal);
    AttackOutcome outcome = korhonen_ascent(
        victim, batch,
        {options_.learning_rate, options_.least_steps, options_.most_steps, options_.patience},
        mask, context);
    outcome.images = outcome.images.clamp(0, 1);
    return outcome;
  }

 private:
  Options options_;
  AttackCard card_;
};

ROBIQ_REGISTER(Attack, Korhonen);

}  // namespace
}  // namespace robiq
