#include "robiq/app/study/cost/attack_passes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "robiq/attack/ready_pictures.h"
#include "robiq/attack/standard_set.h"
#include "robiq/core/stop.h"

namespace robiq {
namespace {

/// A smooth score of 0 to 100 with a gradient everywhere: a weighted mean of the pixels.
class StandIn final : public QualityModel {
 public:
  explicit StandIn(c10::Device device) : QualityModel(stand_in_card()), device_(device) {}

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override { return {}; }
  [[nodiscard]] TensorMap state() const override { return {}; }
  void set_training(bool on) override { training_ = on; }
  [[nodiscard]] bool training() const override { return training_; }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device device) override { device_ = device; }
  [[nodiscard]] c10::Device device() const override { return device_; }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    if (weights_.sizes() != images.sizes().slice(2)) weights_ = weights_like(images);
    constexpr double kSteep = 20;
    return 50 + 50 * at::tanh(kSteep * (images * weights_).mean({1, 2, 3}));
  }

 private:
  static ModelCard stand_in_card() {
    ModelCard card;
    card.name = "stand-in";
    card.scale = {0, 100};
    return card;
  }
  /// Waves along both sides, so that neighbours weigh differently.
  static at::Tensor weights_like(const at::Tensor& images) {
    const auto wave = [&](std::int64_t side, double frequency) {
      return at::sin(at::arange(images.size(side), images.options()) * frequency);
    };
    constexpr double kDown = 0.7, kAcross = 1.3;
    return wave(2, kDown).unsqueeze(1) * wave(3, kAcross).unsqueeze(0);
  }

  c10::Device device_;
  bool training_ = false;
  at::Tensor weights_;  ///< [H,W] of the pictures seen last
};

/// Scores of a set, spread evenly; the picture is its first.
AttackedSet spread_set(const std::string& id, double score, std::int64_t size) {
  AttackedSet set{{id}, {score}, {score}};
  const std::int64_t pictures = std::max<std::int64_t>(2, size);
  for (std::int64_t i = 1; i < pictures; ++i) {
    const double other = 100.0 * static_cast<double>(i) / static_cast<double>(pictures);
    set.ids.push_back(fmt::format("{}-{}", id, i));
    set.clean_scores.push_back(other);
    set.mos.push_back(other);
  }
  return set;
}

}  // namespace

AttackPasses attack_passes(const Attack& attack, const at::Tensor& images, std::int64_t set) {
  if (const auto* several = dynamic_cast<const RunsStandardSet*>(&attack)) {
    const StandardSet& standard = several->standard_set();
    return {static_cast<double>(standard.forwards()), static_cast<double>(standard.backwards()), 0};
  }
  if (dynamic_cast<const ReadsPictures*>(&attack) != nullptr) return {};
  StandIn model(images.device());
  const std::string id = "picture";
  const at::Tensor clean = model.score(images);
  const AttackedSet others = spread_set(id, clean.item<double>(), set);
  const AttackContext context{Rng(0), stop_requested, &others};
  const auto started = std::chrono::steady_clock::now();
  const AttackOutcome outcome = attack.run(model, {images, clean, {id}}, context);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
  return {static_cast<double>(outcome.forwards), static_cast<double>(outcome.backwards),
          passed.count()};
}

}  // namespace robiq
