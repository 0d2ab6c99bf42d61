#include "robiq/attack/attack.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "robiq/core/error.h"
#include "robiq/model/several_models.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"

namespace robiq {

template <>
Registry<Attack>& Registry<Attack>::instance() {
  static Registry<Attack> the_registry;
  return the_registry;
}

namespace {

/// Float32 rounding moves x +- epsilon by up to 6e-8.
constexpr double kBudgetTolerance = 1e-6;

void check_outcome(const AttackOutcome& outcome, const AttackBatch& batch, const AttackCard& card) {
  const auto broken = [&](const std::string& what) {
    throw Error(ErrorKind::kInternal, {"the attack " + what, card.name, "report this as a bug"});
  };
  if (!outcome.images.defined()) broken("returned no pictures");
  if (outcome.images.sizes() != batch.images.sizes()) broken("changed the pictures' shape");
  if (outcome.images.scalar_type() != batch.images.scalar_type()) {
    broken("returned pictures of another number format");
  }
  const auto rows = static_cast<std::size_t>(batch.images.size(0));
  const auto below_zero = [](std::int64_t count) { return count < 0; };
  if (below_zero(outcome.forwards) || below_zero(outcome.backwards) ||
      std::ranges::any_of(outcome.row_forwards, below_zero) ||
      (!outcome.row_forwards.empty() && outcome.row_forwards.size() != rows)) {
    broken("counted its passes wrongly");
  }
  if (!at::isfinite(outcome.images).all().item<bool>()) broken("made a picture that is not finite");
  if (outcome.images.min().item<float>() < 0 || outcome.images.max().item<float>() > 1) {
    broken("left [0,1]");
  }
  const double moved = (outcome.images - batch.images).abs().max().item<double>();
  if (moved > card.linf_budget + kBudgetTolerance) {
    broken("moved a value by " + number_text(moved) + ", more than its budget");
  }
}

}  // namespace

AttackOutcome Attack::run(QualityModel& victim, const AttackBatch& batch,
                          const AttackContext& context) const {
  check_images(batch.images, card().name);
  if (batch.images.min().item<float>() < 0 || batch.images.max().item<float>() > 1) {
    throw Error(ErrorKind::kData, {"a picture has values outside [0,1]", card().name,
                                   "convert pictures with to_float()"});
  }
  if (context.stop()) throw Interrupted("the attack was stopped");
  const ScopedFrozen frozen(victim);
  const at::AutoGradMode gradients(true);
  const std::int64_t written = times_written(batch.images);
  AttackOutcome outcome = perturb(victim, batch, context);
  if (times_written(batch.images) != written) {
    throw Error(ErrorKind::kInternal, {"the attack writes to the pictures that it is given",
                                       card().name, "report this as a bug"});
  }
  if (outcome.images.defined()) outcome.images = outcome.images.detach();
  check_outcome(outcome, batch, card());
  const std::int64_t models = std::ssize(models_in(victim));
  outcome.forwards *= models;
  for (std::int64_t& forwards : outcome.row_forwards) forwards *= models;
  outcome.backwards *= models;
  return outcome;
}

at::Tensor row_noise(const AttackBatch& batch, const Rng& rng, double low, double high) {
  std::vector<at::Tensor> rows;
  const at::IntArrayRef shape = batch.images.sizes().slice(1);
  for (const std::string& id : batch.ids) {
    rows.push_back(uniform_tensor(rng.child(id), shape, low, high, batch.images.device()));
  }
  return at::stack(rows);
}

}  // namespace robiq
