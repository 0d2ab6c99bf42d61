#include "robiq/app/check/check_perturbation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "robiq/app/run/error_boundary.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/data/synthetic/scene/scene.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

constexpr std::int64_t kScenes = 16, kBatch = 4, kSteps = 40;
/// Adam moves each sample about so far in a step: 40 steps reach the bound.
constexpr double kLearningRate = 4e-3;

at::Tensor unit(const at::Tensor& values) {
  const double largest = values.abs().max().item<double>();
  return largest > 0 ? values / largest : values;
}

at::Tensor painted_scenes() {
  constexpr std::uint64_t kSeed = 2025;
  std::vector<at::Tensor> scenes;
  for (std::int64_t i = 0; i < kScenes; ++i) {
    const synthetic::Planes scene =
        synthetic::render_scene(kSeed, static_cast<std::uint64_t>(i), kUniversalSide, 1);
    scenes.push_back(at::tensor(scene.values).view({1, 3, kUniversalSide, kUniversalSide}));
  }
  return at::cat(scenes);
}

/// Of a model that takes a grid of crops random ones, twice as many as would cover a scene: a
/// perturbation has to work wherever it lies, and a whole grid would take long.
ViewPolicy covering_views(const ModelCard& card) {
  ViewPolicy policy = card.views;
  if (policy.kind != ViewPolicy::Kind::kGrid || policy.resize_height > 0) return policy;
  const std::int64_t across = std::max<std::int64_t>(1, kUniversalSide / policy.side);
  policy.kind = ViewPolicy::Kind::kRandom;
  policy.count = 2 * across * across;
  return policy;
}

at::Tensor fitted(QualityModel& model, const Rng& rng) {
  const PictureScorer scorer(model, covering_views(model.card()));
  const auto ensemble = scorer.ensemble(kUniversalSide, kUniversalSide, rng.child("views"));
  UniversalTrainer trainer(*ensemble, {.learning_rate = kLearningRate});
  const at::Tensor scenes = painted_scenes().to(model.device());
  Progress progress("fit a universal perturbation", kSteps, "steps");
  for (std::int64_t step = 0; step < kSteps; ++step) {
    if (stop_requested()) throw Interrupted("the check was stopped before an edit was scored");
    trainer.step(scenes.narrow(0, step * kBatch % kScenes, kBatch));
    progress.update(step + 1);
  }
  return trainer.perturbation();
}

}  // namespace

bool reads_perturbation(const GamingRequest& request) {
  return request.perturbation != kFittedPerturbation && request.perturbation != kNoPerturbation;
}

at::Tensor check_perturbation(const GamingRequest& request, const LoadedModel& loaded) {
  if (request.perturbation == kNoPerturbation) return {};
  QualityModel& model = *loaded.model;
  if (reads_perturbation(request)) {
    constexpr double kPngOffset = 0.5;  // as the attack `uap` reads them
    return unit(read_universal(request.perturbation, kPngOffset).values).to(model.device());
  }
  const Rng rng = Rng(static_cast<std::uint64_t>(request.compute.seed)).child("perturbation");
  try {
    at::Tensor values;
    within_error_boundary([&] { values = fitted(model, rng); });
    return unit(values);
  } catch (const Error& error) {
    // The other edits need no gradient, and take pictures of sizes that painted scenes lack.
    if (error.kind() == ErrorKind::kInternal) throw;
    log::warning("no universal perturbation is tried, since none could be fitted: {}",
                 error.text().what);
    return {};
  }
}

}  // namespace robiq
