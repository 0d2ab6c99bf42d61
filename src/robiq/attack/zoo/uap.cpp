#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/options/option_rules.h"

namespace robiq {
namespace {

/// Adds one perturbation, trained beforehand, to every picture. The paper's UAP*.
class Uap final : public Attack {
 public:
  static constexpr const char* kName = "uap";
  static constexpr const char* kSummary = "adds a universal perturbation made by `robiq uap`";
  static constexpr const char* kPaper =
      "Shumitskaya et al., Universal Perturbation Attack on Differentiable No-Reference Image- and "
      "Video-Quality Metrics, BMVC 2022";
  static constexpr const char* kArgument = "file";
  struct Options {
    std::string file, rounding = "none";
    double scale = 0.04, png_offset = 0.5;
    static OptionTable<Options> options() {
      using O = Options;
      return {{"file", &O::file, "the perturbation: .safetensors, .npy or .png"},
              {"scale", &O::scale,
               "the perturbation is multiplied so that its training bound becomes this", 0, 1,
               "(pixel values: 0 to 1)"},
              {"rounding",
               &O::rounding,
               "to 8 bits: none, to the nearest, or down as the published code",
               {"none", "nearest", "down"}},
              {"png_offset", &O::png_offset, "a PNG holds (u + offset) 255", 0, 1}};
    }
    static void settle(Options& o, const Params& given) {
      OptionRules(given).need(o.file.empty() || o.file.ends_with(".png"), {"png_offset"},
                              "a perturbation that is a .png");
    }
  };

  explicit Uap(const Options& o) : rounding_(o.rounding) {
    if (o.file.empty()) {
      throw Error(ErrorKind::kUsage, {"uap has no perturbation", "uap",
                                      "make one with `robiq uap` and write uap:FILE"});
    }
    UniversalPerturbation universal = read_universal(o.file, o.png_offset);
    trained_on_ = std::move(universal.pictures);
    perturbation_ = universal.values * (o.scale / universal.bound);
    card_ = {.name = kName,
             .paper = kPaper,
             .title = "UAP",
             .rank = 70,
             .strength = "scale",
             .white_box = false,
             .uses_model = false};
    card_.acts_on = AttackTarget::kPicture;
    constexpr double kLevel = 1.0 / 255;
    const double rounding_error = rounding_ == "none"      ? 0
                                  : rounding_ == "nearest" ? kLevel / 2
                                                           : kLevel;
    card_.linf_budget = std::min(1.0, perturbation_.abs().max().item<double>() + rounding_error);
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::vector<std::string> trained_on() const override { return trained_on_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& /*victim*/, const AttackBatch& batch,
                                      const AttackContext& /*context*/) const override {
    const at::Tensor& clean = batch.images;
    const at::Tensor added = tiled(perturbation_.to(clean.device()), clean.size(2), clean.size(3));
    at::Tensor images = (clean + added).clamp(0, 1);
    if (rounding_ == "nearest") images = (images * 255).round() / 255;
    if (rounding_ == "down") images = (images * 255).floor() / 255;
    return {images, 0, 0};
  }

 private:
  AttackCard card_;
  at::Tensor perturbation_;
  std::string rounding_;
  std::vector<std::string> trained_on_;
};

ROBIQ_REGISTER(Attack, Uap);

}  // namespace
}  // namespace robiq
