// What an evaluation does besides where a purifier stands before the model.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/picture_score.h"

namespace robiq {

namespace {

/// How strong an attack was: what it aimed at where that is one direction, else how far it moved.
double strength_of(const AttackedPicture& attacked, const std::string& loss,
                   const ScoreScale& scale) {
  const double change = (attacked.after - attacked.before) * scale.factor();
  if (loss == "up") return change;
  return loss == "down" ? -change : std::abs(change);
}

/// The stronger of two, which costs what both cost.
AttackedPicture stronger_of(AttackedPicture aware, AttackedPicture plain, const std::string& loss,
                            const ScoreScale& scale) {
  const bool plain_won = strength_of(plain, loss, scale) > strength_of(aware, loss, scale);
  AttackedPicture& kept = plain_won ? plain : aware;
  kept.forwards = aware.forwards + plain.forwards;
  kept.backwards = aware.backwards + plain.backwards;
  kept.seconds = aware.seconds + plain.seconds;
  kept.distances["plain_won"] = plain_won ? 1 : 0;
  return std::move(kept);
}

}  // namespace

bool EvaluationSubject::misses_purifier(const Attack& attack) const {
  const AttackCard& card = attack.card();
  const bool asks_scores = card.uses_model && card.score_only && !on_surrogate(attack);
  return purifier_ != nullptr && !options_.adaptive && !asks_scores;
}

AttackedPicture EvaluationSubject::attack(const Attack& attack, const std::string& name,
                                          const std::string& loss, const SeenPicture& seen) const {
  const AttackCard& card = attack.card();
  const bool by_gradient = card.uses_model && !card.score_only;
  AttackedPicture attacked = attack_anywhere(attack, name, seen, !misses_purifier(attack));
  if (by_gradient && is_made_twice(attack)) {
    attacked = stronger_of(std::move(attacked),
                           attack_anywhere(attack, name, seen, /*aware=*/false), loss, scale());
  }
  attacked.distances.merge(distances_.between(attacked, loaded_.model->device()));
  add_purified(attack, seen, attacked);
  return attacked;
}

void EvaluationSubject::add_purified(const Attack& attack, const SeenPicture& seen,
                                     AttackedPicture& attacked) const {
  if (!purifier_) return;
  add_bare_scores(seen, acts_at(attack), attacked);
  add_similarities(seen, acts_at(attack), attacked);
}

void EvaluationSubject::add_bare_scores(const SeenPicture& seen, AttackLevel level,
                                        AttackedPicture& attacked) const {
  QualityModel& model = *loaded_.model;
  const auto score = [&](const at::Tensor& pictures) {
    if (level == AttackLevel::kImage) {
      const at::NoGradGuard no_grad;
      const auto ensemble = ensemble_for(model, whole(*scorer_, seen));
      return ensemble->score(pictures.to(model.device())).item<double>();
    }
    double sum = 0;
    for (std::int64_t i = 0; i < pictures.size(0); ++i) {
      const at::Tensor view = pictures.slice(0, i, i + 1).to(model.device());
      sum += score_picture(model, view, {{0, 0, view.size(2), view.size(3)}});
    }
    return sum / static_cast<double>(pictures.size(0));
  };
  attacked.distances["bare_before"] = scale().normalise(score(attacked.clean));
  attacked.distances["bare_after"] = scale().normalise(score(attacked.images));
}

namespace {

using Seconds = std::chrono::duration<double>;

/// A distance between clean pictures and what a purifier made of them or of attacked ones, [N]; of
/// another size, it is resized back.
double mean_distance(const char* distance, const at::Tensor& clean, at::Tensor purified) {
  if (purified.sizes() != clean.sizes()) {
    purified = at::upsample_bilinear2d(purified, clean.sizes().slice(2), /*align_corners=*/false)
                   .clamp(0, 1);
  }
  const auto fidelity = Registry<Fidelity>::instance().make(distance, Params{});
  return fidelity->compare(clean, purified).to(at::kDouble).mean().item<double>();
}

}  // namespace

void EvaluationSubject::add_similarities(const SeenPicture& seen, AttackLevel level,
                                         AttackedPicture& attacked) const {
  const at::NoGradGuard no_grad;
  const c10::Device device = loaded_.model->device();
  const at::Tensor clean = attacked.clean.to(device), after = attacked.images.to(device);
  const Rng grade = purification(PurifierDraws::kFixed).rng;
  std::vector<Rng> rows;  // of the first draw
  for (std::int64_t i = 0; i < clean.size(0); ++i) {
    const std::string id =
        level == AttackLevel::kImage ? seen.id : seen.id + "#" + std::to_string(i);
    rows.push_back(grade.child(id).child(std::uint64_t{0}));
  }
  const auto started = std::chrono::steady_clock::now();
  const at::Tensor purified_clean = purifier_->purify(clean, rows);
  const at::Tensor purified_after = purifier_->purify(after, rows);
  const double seconds = Seconds(std::chrono::steady_clock::now() - started).count();
  attacked.distances["purifier_seconds"] = seconds / 2;
  attacked.distances["purified_ssim"] = mean_distance("ssim_skimage", clean, purified_after);
  attacked.distances["purified_psnr_db"] = mean_distance("psnr", clean, purified_after);
  attacked.distances["purified_clean_ssim"] = mean_distance("ssim_skimage", clean, purified_clean);
  attacked.distances["purified_clean_psnr_db"] = mean_distance("psnr", clean, purified_clean);
}

}  // namespace robiq
