#include "robiq/defense/purify/purified_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "robiq/core/error.h"

namespace robiq {
namespace {

/// The inner model's, for pictures of any size: the inner one checks what the purifier makes.
ModelCard purified_card(ModelCard card) {
  card.min_side = 1;
  card.fixed_side = false;
  return card;
}

}  // namespace

PurifiedModel::PurifiedModel(QualityModel& model, std::shared_ptr<const Purifier> purifier,
                             Purification purification)
    : QualityModel(purified_card(model.card())),
      model_(model),
      purifier_(std::move(purifier)),
      purification_(purification) {
  if (purification_.draws >= 1) return;
  throw Error(ErrorKind::kUsage,
              {"a mean over " + std::to_string(purification_.draws) + " draws is undefined",
               purifier_->card().name, "take 1 draw or more"});
}

void PurifiedModel::begin(std::vector<std::string> ids) {
  ids_ = std::move(ids);
  step_ = 0;
}

std::vector<Rng> PurifiedModel::positions(std::int64_t rows, std::int64_t draw) const {
  const auto count = static_cast<std::size_t>(rows);
  if (!purifier_->card().randomised) return {count, purification_.rng};
  if (ids_.empty() || count % ids_.size() != 0) {
    throw Error(ErrorKind::kInternal,
                {std::to_string(rows) + " pictures are scored where " +
                     std::to_string(ids_.size()) + " were announced",
                 purifier_->card().name, "call begin() with the pictures' ids first"});
  }
  std::vector<Rng> found;
  for (std::size_t i = 0; i < count; ++i) {
    Rng row = purification_.rng.child(ids_[i % ids_.size()]);
    if (purification_.when != PurifierDraws::kFixed) {
      row = row.child(static_cast<std::uint64_t>(step_));
    }
    found.push_back(row.child(static_cast<std::uint64_t>(draw)));
  }
  return found;
}

at::Tensor PurifiedModel::forward(const at::Tensor& images) {
  const bool wants_gradient = at::GradMode::is_enabled() && images.requires_grad();
  const bool begins_step = purification_.when == PurifierDraws::kEachCall ||
                           (purification_.when == PurifierDraws::kEachGradient && wants_gradient);
  if (begins_step) ++step_;
  const bool attached = purification_.adaptive && wants_gradient;
  at::Tensor sum;
  for (std::int64_t draw = 0; draw < purification_.draws; ++draw) {
    const std::vector<Rng> rows = positions(images.size(0), draw);
    const at::Tensor scores = model_.score(attached ? purifier_->purify_attached(images, rows)
                                                    : purifier_->purify(images, rows));
    sum = draw == 0 ? scores : sum + scores;
  }
  const at::Tensor mean = sum / static_cast<double>(purification_.draws);
  return wants_gradient && !attached ? with_gradient_of(mean, model_.score(images)) : mean;
}

PurifiedScores PurifiedModel::score_draws(const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> draws;
  for (std::int64_t draw = 0; draw < purification_.draws; ++draw) {
    draws.push_back(model_.score(purifier_->purify(images, positions(images.size(0), draw))));
  }
  const at::Tensor all = at::stack(draws);
  const at::Tensor spread = all.to(at::kDouble).std(0, /*unbiased=*/true);
  const double root = std::sqrt(static_cast<double>(purification_.draws));
  return {all.mean(0), (spread / root).to(all.scalar_type())};
}

}  // namespace robiq
