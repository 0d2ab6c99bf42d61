#include <ATen/ATen.h>

#include "robiq/attack/gradient/perceptual_ascent.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {
namespace {

/// The perceptual attack: as large a change of the score as a similarity to the clean picture,
/// weighted by lambda, allows.
class Perceptual final : public Attack {
 public:
  static constexpr const char* kName = "perceptual";
  static constexpr const char* kSummary =
      "moves the score while SSIM, LPIPS, DISTS or the l_inf norm keeps the picture alike";
  static constexpr const char* kPaper =
      "Zhang et al., Perceptual Attacks of No-Reference Image Quality Models with "
      "Human-in-the-Loop, "
      "NeurIPS 2022";
  struct Options {
    std::string constraint = "ssim", heads, trunk, score = "raw", start = "noise", compat = "paper";
    double weight = 1e6, step_size = 5e-3, decay = 0, epsilon = 8.0 / 255;
    double centre = 58.370096903220310, width = 23.807663946360070;
    std::int64_t steps = 200;
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"constraint",
           &O::constraint,
           "what keeps the picture alike; chebyshev is an l_inf ball",
           {"ssim", "lpips", "dists", "chebyshev"}},
          {"weight", &O::weight, "lambda; it acts on squared changes of the attacked score", 0,
           1e12},
          {"steps", &O::steps, "number of steps", 1, 100000},
          {"step_size", &O::step_size, "of one step; chebyshev takes 1.5 epsilon / steps", 0, 1,
           "(pixel values: 0 to 1)"},
          {"decay", &O::decay, "by how much the step shrinks until the last, linearly", 0, 1},
          {"epsilon", &O::epsilon, "radius of the ball of chebyshev", 0, 1,
           "(pixel values: 0 to 1)"},
          {"start",
           &O::start,
           "noise of -1 or 0 levels in every value, or none",
           {"noise", "none"}},
          {"score",
           &O::score,
           "the score from 0 to 100, or the authors' logistic map of it to 0 to 10",
           {"raw", "logistic"}},
          {"centre", &O::centre, "of the logistic map"},
          {"width", &O::width, "of the logistic map", 1e-9, 1e9},
          {"heads", &O::heads, "weights file of LPIPS's heads or of DISTS"},
          {"trunk", &O::trunk, "weights file of the VGG-16 below them"},
          {"compat",
           &O::compat,
           "official: dists rewards the distance and sees raw pixels only, as the published code",
           {"paper", "official"}}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      const bool ball = o.constraint == "chebyshev", learned = o.constraint != "ssim" && !ball;
      rules.need(ball, {"epsilon"}, "constraint=chebyshev");
      rules.clash(ball, {"weight", "step_size"}, "constraint=chebyshev, which has its own step");
      rules.need(learned, {"heads", "trunk"}, "constraint=lpips or dists");
      rules.need(o.score == "logistic", {"centre", "width"}, "score=logistic");
      if (ball) {
        o.weight = 0;
        o.step_size = 1.5 * o.epsilon / static_cast<double>(o.steps);
      }
      if (o.compat != "official") return;
      rules.need(ball || o.constraint == "dists", {"compat"}, "constraint=dists");
    }
  };

  explicit Perceptual(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "Perceptual",
              .rank = 30,
              .strength = o.constraint == "chebyshev" ? "epsilon" : "weight",
              .strength_falls = o.constraint != "chebyshev",
              .strength_step = ""},
        random_start_(o.start == "noise") {
    walk_ = {.weight = o.weight, .step_size = o.step_size, .decay = o.decay, .steps = o.steps};
    if (o.score == "logistic") walk_.map = LogisticMap{10, o.centre, o.width};
    walk_.spare_corners = o.constraint == "ssim" || o.constraint == "chebyshev";
    if (o.constraint == "chebyshev") {
      set_ball(o);
    } else {
      set_similarity(o);
    }
    if (o.constraint == "chebyshev") return;
    note_ = "perceptual: weight " + number_text(o.weight) + " acts on squared changes of a score " +
            (o.score == "raw" ? "from 0 to 100" : "mapped to 0 to 10") +
            "; on another scale it means something else";
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::string note() const override { return note_; }
  [[nodiscard]] std::string warning() const override {
    if (random_start_ || walk_.weight > 0) return "";
    return std::string(kName) +
           ": the gradient of a squared change is zero at the clean picture, so without noise at "
           "the start nothing moves; use start=noise";
  }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    at::Tensor start = at::zeros_like(batch.images);
    if (random_start_) {
      constexpr double kLevel = 1.0 / 255;
      // A uniform number just below 1 is 1 as a float.
      start = row_noise(batch, context.rng.child("start"), -1, 1).floor().clamp_max(0).mul(kLevel);
    }
    return perceptual_ascent(victim, batch, walk_, start, context);
  }

 private:
  void set_ball(const Options& o) {
    if (o.compat == "official") {
      throw Error(ErrorKind::kUsage, {"the published code has no working chebyshev constraint",
                                      "perceptual", "use compat=paper"});
    }
    walk_.epsilon = o.epsilon;
    card_.linf_budget = o.epsilon;
  }

  void set_similarity(const Options& o) {
    if (o.constraint != "ssim" && (o.heads.empty() || o.trunk.empty())) {
      throw Error(ErrorKind::kUsage, {"constraint=" + o.constraint + " needs weights", "perceptual",
                                      "give heads=FILE,trunk=FILE; docs/weights.md says which"});
    }
    Params params;
    if (o.constraint == "lpips") params["heads"] = {o.heads, "perceptual"};
    if (o.constraint == "dists") params["weights"] = {o.heads, "perceptual"};
    if (o.constraint == "dists" && o.compat == "official") {
      params["gradient"] = {std::string("pixels"), "perceptual"};
    }
    if (o.constraint != "ssim") params["trunk"] = {o.trunk, "perceptual"};
    const std::shared_ptr<Fidelity> measure =
        Registry<Fidelity>::instance().make(o.constraint, params);
    const bool rewarded = o.constraint == "dists" && o.compat == "official";
    walk_.similarity_to = [measure, rewarded](const at::Tensor& clean) {
      return [measure, rewarded, compared = measure->against(clean)](const at::Tensor& images) {
        const at::Tensor value = compared(images);
        return measure->higher_is_closer() || rewarded ? value : 1 - value;
      };
    };
  }

  AttackCard card_;
  PerceptualAscent walk_;
  bool random_start_;
  std::string note_;
};

ROBIQ_REGISTER(Attack, Perceptual);

}  // namespace
}  // namespace robiq
