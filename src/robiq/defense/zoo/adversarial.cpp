#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/defense/defense.h"
#include "robiq/defense/task_ascent.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/ssim.h"
#include "robiq/tensor/compat.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

/// Adversarial training: every step trains on pictures that raise its own loss, with labels lowered
/// by what they lost in quality, and on the clean ones beside them.
class Adversarial final : public Defense {
 public:
  static constexpr const char* kName = "adversarial";
  static constexpr const char* kSummary =
      "trains on attacked pictures, with labels lowered by the loss of quality";
  static constexpr const char* kPaper =
      "Chistyakova et al., Increasing the Robustness of Image Quality Metrics to Adversarial "
      "Attacks, Technologies 12(11) 220, 2024";
  struct Options {
    std::string method = "fgsm";
    double epsilon = 4.0 / 255, step_size = 5.0 / 255;
    std::int64_t steps = 10;
    std::string start = "clean", projection = "clean", mode = "eval", labels = "ssim";
    double penalty = 1, drop = 5;
    std::string clean = "auto", range = "scale", net = "vgg", heads, trunk;
    static OptionTable<Options> options();
    static void settle(Options& o, const Params& given);
  };

  explicit Adversarial(Options options);

  [[nodiscard]] DefenseCard card() const override {
    return {.name = kName, .title = "AT", .changes_pictures = true, .penalises = false};
  }
  void see_task(const StepTask& task) override { task_ = task; }
  [[nodiscard]] TrainBatch prepare(QualityModel& model, TrainBatch batch, const Rng& step) override;

 private:
  [[nodiscard]] at::Tensor start_of(const TrainBatch& batch, const Rng& position) const;
  [[nodiscard]] at::Tensor labels_of(const QualityModel& model, const at::Tensor& attacked,
                                     const TrainBatch& batch) const;
  [[nodiscard]] at::Tensor quality_loss(const at::Tensor& attacked, const at::Tensor& clean) const;

  Options options_;
  TaskAscent ascent_;
  StepTask task_;
  std::unique_ptr<Fidelity> lpips_;
};

OptionTable<Adversarial::Options> Adversarial::Options::options() {
  using O = Options;
  return {
      {"method", &O::method, "one step along the gradient's sign, or APGD", {"fgsm", "apgd"}},
      {"epsilon", &O::epsilon, "radius of the l_inf ball around the clean picture", 0, 1,
       "(pixel values: 0 to 1)"},
      {"step_size", &O::step_size, "length of the one step; not given: 1.25 times epsilon", 0, 1,
       "(pixel values: 0 to 1)"},
      {"steps", &O::steps, "iterations of APGD", 1, 1000},
      {"start",
       &O::start,
       "where the attack begins: uniform draws a start in the ball, which makes one step free FGSM",
       {"clean", "uniform"}},
      {"projection",
       &O::projection,
       "the ball of the one step is around the clean picture, or around the noisy start as in the "
       "authors' code",
       {"clean", "noisy"}},
      {"mode",
       &O::mode,
       "the attacked model is in evaluation mode, or in training mode as in the authors' code",
       {"eval", "train"}},
      {"labels",
       &O::labels,
       "labels of attacked pictures: kept, lowered by 1 - SSIM, 1 - MS-SSIM, LPIPS or a fixed "
       "share, or the worst of the range",
       {"keep", "ssim", "ms-ssim", "lpips", "fixed", "min"}},
      {"penalty", &O::penalty, "factor of the lowering", 0, 100},
      {"drop", &O::drop, "how much labels=fixed lowers", 0, 100, "% of the range"},
      {"clean",
       &O::clean,
       "the clean pictures are trained on beside the attacked ones; auto: unless labels=keep",
       {"auto", "yes", "no"}},
      {"range", &O::range,
       "WORST:BEST of the labels as the loss sees them; scale: the model's scale"},
      {"net", &O::net, "network of labels=lpips", {"vgg", "alex", "squeeze"}},
      {"heads", &O::heads, "file of LPIPS's own weights for that network"},
      {"trunk", &O::trunk, "file of the network's torchvision weights"}};
}

void Adversarial::Options::settle(Options& o, const Params& given) {
  const OptionRules rules(given);
  const bool one_step = o.method == "fgsm", lpips = o.labels == "lpips";
  rules.need(one_step, {"step_size", "projection"}, "method=fgsm");
  rules.need(!one_step, {"steps"}, "method=apgd");
  rules.need(o.start == "uniform", {"projection"}, "start=uniform");
  rules.need(o.labels == "fixed", {"drop"}, "labels=fixed");
  rules.need(lpips, {"net", "heads", "trunk"}, "labels=lpips");
  rules.clash(o.labels == "keep", {"range"}, "labels=keep");
  rules.clash(o.labels == "keep" || o.labels == "min", {"penalty"}, "labels=" + o.labels);
  if (one_step && !given.contains("step_size")) o.step_size = std::min(1.0, 1.25 * o.epsilon);
}

Adversarial::Adversarial(Options options) : options_(std::move(options)) {
  ascent_.epsilon = options_.epsilon;
  ascent_.step_size = options_.step_size;
  ascent_.steps = options_.method == "apgd" ? options_.steps : 0;
  ascent_.around_start = options_.projection == "noisy";
  ascent_.in_training_mode = options_.mode == "train";
  if (options_.range != "scale") static_cast<void>(parse_label_range(options_.range));
  if (options_.labels != "lpips") return;
  Params files;
  files["net"] = {options_.net, "labels=lpips"};
  if (!options_.heads.empty()) files["heads"] = {options_.heads, "labels=lpips"};
  if (!options_.trunk.empty()) files["trunk"] = {options_.trunk, "labels=lpips"};
  lpips_ = Registry<Fidelity>::instance().make("lpips", files);
}

/// Each row's noise is drawn at its place among the rows of all processes.
at::Tensor Adversarial::start_of(const TrainBatch& batch, const Rng& position) const {
  if (options_.start == "clean") return {};
  std::vector<at::Tensor> rows;
  for (std::int64_t i = 0; i < batch.images.size(0); ++i) {
    const Rng row = position.child("start").child(static_cast<std::uint64_t>(batch.first_row + i));
    rows.push_back(uniform_tensor(row, batch.images.sizes().slice(1), -options_.epsilon,
                                  options_.epsilon, batch.images.device()));
  }
  return at::stack(rows).to(batch.images.scalar_type());
}

at::Tensor Adversarial::quality_loss(const at::Tensor& attacked, const at::Tensor& clean) const {
  if (options_.labels == "fixed") {
    return at::full({clean.size(0)}, options_.drop / 100, clean.options().requires_grad(false));
  }
  const at::Tensor a = attacked.to(at::kFloat), b = clean.to(at::kFloat);
  if (options_.labels == "ssim") return 1 - unpadded_ssim(a, b);
  if (options_.labels == "ms-ssim") return 1 - unpadded_ms_ssim(a, b);
  return lpips_->compare(a, b);
}

at::Tensor Adversarial::labels_of(const QualityModel& model, const at::Tensor& attacked,
                                  const TrainBatch& batch) const {
  if (options_.labels == "keep") return batch.mos;
  const ScoreScale scale =
      options_.range == "scale" ? model.card().scale : parse_label_range(options_.range);
  if (options_.labels == "min") return at::full_like(batch.mos, scale.worst);
  const at::NoGradGuard no_grad;
  return lowered_labels(batch.mos, quality_loss(attacked, batch.images), options_.penalty, scale);
}

TrainBatch Adversarial::prepare(QualityModel& model, TrainBatch batch, const Rng& step) {
  if (!task_.loss) {
    throw Error(ErrorKind::kInternal, {"adversarial training was not told the task's loss", kName,
                                       "call see_task() before prepare()"});
  }
  compat::forbid_tf32();
  const Rng position = step.child("adversarial");
  const at::Tensor attacked =
      ascend_task(model, task_, batch, ascent_, start_of(batch, position), position);
  TrainBatch out = batch;
  out.images = attacked;
  out.mos = labels_of(model, attacked, batch);
  const bool with_clean =
      options_.clean == "yes" || (options_.clean == "auto" && options_.labels != "keep");
  if (!with_clean) return out;
  // Pair by pair: a row's place among the rows of all processes, by which dropout draws, is then
  // the same however many processes there are.
  out.images = at::stack({attacked, batch.images.detach()}, 1).flatten(0, 1);
  out.mos = at::stack({out.mos, batch.mos}, 1).flatten();
  out.first_row = 2 * batch.first_row;
  out.rows_of_all = 2 * batch.rows_of_all;
  return out;
}

ROBIQ_REGISTER(Defense, Adversarial);

}  // namespace
}  // namespace robiq
