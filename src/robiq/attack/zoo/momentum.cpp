#include "robiq/attack/gradient/momentum_ascent.h"
#include "robiq/attack/gradient/walk_reach.h"
#include "robiq/core/error.h"

namespace robiq {
namespace {

/// A member of the family: the shared options with defaults of its own. Preset gives the names and
/// `kWalk`.
template <class Preset>
class MomentumAttack : public Attack {
 public:
  static constexpr const char* kName = Preset::kName;
  static constexpr const char* kSummary = Preset::kSummary;
  static constexpr const char* kPaper = Preset::kPaper;
  struct Options {
    double epsilon = 8.0 / 255, step_size = 2.0 / 255, momentum = Preset::kWalk.momentum,
           diversity = Preset::kWalk.diversity;
    std::int64_t steps = 10, scales = Preset::kWalk.scales, kernel = Preset::kWalk.kernel,
                 variance = Preset::kWalk.variance;
    bool nesterov = Preset::kWalk.nesterov;
    std::string normalize = "l1", loss = "mid", start = "auto";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"epsilon", &O::epsilon, "radius of the l_inf ball around the clean picture", 0, 1,
           "(pixel values: 0 to 1)"},
          {"step_size", &O::step_size, "length of one step; not given: a quarter of epsilon", 0, 1,
           "(pixel values: 0 to 1)"},
          {"steps", &O::steps, "number of steps", 1, 100000},
          {"momentum", &O::momentum, "the share of the last direction that stays", 0, 100},
          {"normalize",
           &O::normalize,
           "l1 divides each gradient by its mean absolute value, none adds gradients as they are",
           {"l1", "none"}},
          {"nesterov", &O::nesterov, "takes the gradient where the momentum leads (NI)"},
          {"scales", &O::scales,
           "averages the gradients of the picture times 1, 1/2, 1/4, ... (SI); 1: the picture "
           "alone",
           1, 32},
          {"diversity", &O::diversity,
           "probability that the model sees the picture shrunk to 0.9 or more of its side (DI)", 0,
           1},
          {"kernel", &O::kernel,
           "side of the kernel that smooths the gradient, an odd number (TI); 1: none", 1, 255,
           "pixels"},
          {"variance", &O::variance,
           "number of random neighbours that tune the gradient's variance (VMI); 0: none", 0, 1000},
          {"start",
           &O::start,
           "where the walk begins: auto is random for mae and mse",
           {"auto", "random", "none"}},
          {"loss", &O::loss,
           "the loss that the attack increases (section S4 of the paper's supplement); up or down: "
           "the score itself, in that direction",
           objective_names()}};
    }
    static void settle(Options& o, const Params& given) {
      if (!given.contains("step_size")) o.step_size = o.epsilon / 4;
      if (o.kernel % 2 == 1) return;
      throw Error(ErrorKind::kUsage, {"kernel is " + std::to_string(o.kernel) + ", an even number",
                                      given.find("kernel")->second.where,
                                      "give an odd one, so that the kernel has a middle"});
    }
  };

  explicit MomentumAttack(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = Preset::kTitle,
              .rank = Preset::kRank,
              .linf_budget = o.epsilon},
        walk_{.objective = parse_objective(o.loss),
              .epsilon = o.epsilon,
              .step_size = o.step_size,
              .steps = o.steps,
              .momentum = o.momentum,
              .normalize = o.normalize == "l1",
              .nesterov = o.nesterov,
              .scales = o.scales,
              .diversity = o.diversity,
              .kernel = o.kernel,
              .variance = o.variance} {
    const bool needed = needs_random_start(walk_.objective);
    random_start_ = o.start == "random" || (o.start == "auto" && needed);
    stuck_ = needed && !random_start_;
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::string warning() const override {
    if (stuck_) {
      return card_.name +
             ": with this loss the gradient is zero at the clean picture; use start=random";
    }
    return short_walk_warning(card_.name,
                              {walk_.steps, walk_.step_size, walk_.epsilon, random_start_});
  }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    at::Tensor start;
    if (random_start_) {
      start = row_noise(batch, context.rng.child("start"), -walk_.epsilon, walk_.epsilon);
    }
    return momentum_ascent(victim, batch, walk_, start, momentum_draws(batch, walk_, context.rng),
                           context);
  }

 private:
  AttackCard card_;
  MomentumAscent walk_;
  bool random_start_ = false, stuck_ = false;
};

struct MiPreset {
  static constexpr const char* kName = "mi";
  static constexpr const char* kTitle = "MI-FGSM";
  static constexpr const char* kSummary =
      "sign steps along a momentum of gradients; transfers well";
  static constexpr const char* kPaper = "Dong et al., CVPR 2018";
  static constexpr int kRank = 23;
  static constexpr MomentumAscent kWalk{};
};

struct NiPreset {
  static constexpr const char* kName = "ni";
  static constexpr const char* kTitle = "NI-FGSM";
  static constexpr const char* kSummary = "mi that looks ahead along its momentum";
  static constexpr const char* kPaper = "Lin et al., ICLR 2020";
  static constexpr int kRank = 24;
  static constexpr MomentumAscent kWalk{.nesterov = true};
};

struct SiniPreset {
  static constexpr const char* kName = "sini";
  static constexpr const char* kTitle = "SI-NI-FGSM";
  static constexpr const char* kSummary = "ni with the mean gradient over five darker copies";
  static constexpr const char* kPaper = "Lin et al., ICLR 2020";
  static constexpr int kRank = 25;
  static constexpr MomentumAscent kWalk{.nesterov = true, .scales = 5};
};

struct DiPreset {
  static constexpr const char* kName = "di";
  static constexpr const char* kTitle = "DI-FGSM";
  static constexpr const char* kSummary = "sign steps on pictures that are shrunk at random";
  static constexpr const char* kPaper = "Xie et al., CVPR 2019";
  static constexpr int kRank = 26;
  static constexpr MomentumAscent kWalk{.momentum = 0, .diversity = 0.5};
};

struct TiPreset {
  static constexpr const char* kName = "ti";
  static constexpr const char* kTitle = "TI-FGSM";
  static constexpr const char* kSummary = "di with a smoothed gradient";
  static constexpr const char* kPaper = "Dong et al., CVPR 2019";
  static constexpr int kRank = 27;
  static constexpr MomentumAscent kWalk{.momentum = 0, .diversity = 0.5, .kernel = 15};
};

struct VmiPreset {
  static constexpr const char* kName = "vmi";
  static constexpr const char* kTitle = "VMI-FGSM";
  static constexpr const char* kSummary = "mi whose gradient is tuned by that of random neighbours";
  static constexpr const char* kPaper = "Wang and He, CVPR 2021";
  static constexpr int kRank = 28;
  static constexpr MomentumAscent kWalk{.variance = 5};
};

struct VniPreset {
  static constexpr const char* kName = "vni";
  static constexpr const char* kTitle = "VNI-FGSM";
  static constexpr const char* kSummary = "ni whose gradient is tuned by that of random neighbours";
  static constexpr const char* kPaper = "Wang and He, CVPR 2021";
  static constexpr int kRank = 29;
  static constexpr MomentumAscent kWalk{.nesterov = true, .variance = 5};
};

using MiFgsm = MomentumAttack<MiPreset>;
using NiFgsm = MomentumAttack<NiPreset>;
using SiniFgsm = MomentumAttack<SiniPreset>;
using DiFgsm = MomentumAttack<DiPreset>;
using TiFgsm = MomentumAttack<TiPreset>;
using VmiFgsm = MomentumAttack<VmiPreset>;
using VniFgsm = MomentumAttack<VniPreset>;

ROBIQ_REGISTER(Attack, MiFgsm);
ROBIQ_REGISTER(Attack, NiFgsm);
ROBIQ_REGISTER(Attack, SiniFgsm);
ROBIQ_REGISTER(Attack, DiFgsm);
ROBIQ_REGISTER(Attack, TiFgsm);
ROBIQ_REGISTER(Attack, VmiFgsm);
ROBIQ_REGISTER(Attack, VniFgsm);

}  // namespace
}  // namespace robiq
