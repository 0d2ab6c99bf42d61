#include "robiq/app/evaluation_subject.h"

#include <ATen/ATen.h>

#include <cmath>

#include "robiq/app/inputs.h"
#include "robiq/core/stop.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/random.h"

namespace robiq {

EvaluationSubject::EvaluationSubject(const EvaluateRequest& request)
    : loaded_(load_model_flag(request.model, request.weights, request.scale, request.device)),
      policy_(parse_views(request.views, loaded_.model->card())),
      level_(parse_level(request.level)),
      fit_(request.fit),
      transfer_(request.transfer),
      rng_(static_cast<std::uint64_t>(request.seed)) {
  load_surrogate(request);
}

void EvaluationSubject::load_surrogate(const EvaluateRequest& request) {
  if (request.surrogate.empty()) {
    if (!request.transfer && request.surrogate_weights.empty()) return;
    throw Error(ErrorKind::kUsage, {"no surrogate was named", "--surrogate",
                                    "name the model that the attacks are made on"});
  }
  surrogate_ = load_model_flag(request.surrogate, request.surrogate_weights, "", request.device);
  surrogate_policy_ = parse_views(request.views, surrogate_.model->card());
  constexpr std::size_t kDigits = 12;
  surrogate_name_ = surrogate_.card.model + ":" + surrogate_.weights_sha256.substr(0, kDigits);
}

bool EvaluationSubject::on_surrogate(const Attack& attack) const {
  return surrogate_.model != nullptr && attack.card().uses_model &&
         (transfer_ || !attack.card().white_box);
}

SeenPicture EvaluationSubject::see(const Dataset& dataset, const ImageRecord& record) const {
  SeenPicture seen{record.id, dataset.read(record), {}, {}};
  seen.picture =
      picture_input(seen.bytes, loaded_.model->card(), policy_, fit_, loaded_.model->device());
  seen.views = make_views(policy_, seen.picture.size(2), seen.picture.size(3),
                          rng_.child("views").child(record.id));
  return seen;
}

WholePicture EvaluationSubject::whole(const LoadedModel& loaded, const ViewPolicy& policy,
                                      const SeenPicture& seen) const {
  return whole_picture(seen.bytes, loaded.model->card(), policy, fit_, loaded.model->device(),
                       rng_.child("views").child(seen.id));
}

ScoreRow EvaluationSubject::clean_row(const SeenPicture& seen) const {
  const PictureGradient both = score_gradient(*loaded_.model, seen.picture, seen.views);
  ScoreRow row;
  row.attack = "none";
  row.before_native = row.after_native = both.score;
  row.before = row.after = row.after_8bit = scale().normalise(both.score);
  row.gradient_l1 = both.gradient.abs().sum(at::kDouble).item<double>();
  row.forwards = row.backwards = std::ssize(seen.views);
  return row;
}

AttackedPicture EvaluationSubject::attack(const Attack& attack, const std::string& name,
                                          const SeenPicture& seen) const {
  const AttackContext context{rng_.child("attack").child(name), stop_requested};
  const bool transfer = on_surrogate(attack);
  if (!transfer && level_of(attack, level_) == AttackLevel::kView) {
    return attack_views(*loaded_.model, attack, seen.picture, seen.views, seen.id, context);
  }
  const WholePicture picture = whole(loaded_, policy_, seen);
  const auto victim = ensemble_for(*loaded_.model, picture);
  if (!transfer) return attack_whole(*victim, *victim, attack, picture.picture, seen.id, context);
  const auto maker = ensemble_for(*surrogate_.model, whole(surrogate_, surrogate_policy_, seen));
  return attack_whole(*victim, *maker, attack, picture.picture, seen.id, context);
}

ScoreRow EvaluationSubject::row_of(const Attack& attack, const AttackedPicture& attacked) const {
  const bool transfer = on_surrogate(attack);
  ScoreRow row;
  row.surrogate = transfer ? surrogate_name_ : "";
  row.level = level_name(transfer ? AttackLevel::kImage : level_of(attack, level_));
  row.before_native = attacked.before;
  row.after_native = attacked.after;
  row.before = scale().normalise(attacked.before);
  row.after = scale().normalise(attacked.after);
  row.after_8bit = scale().normalise(attacked.after_8bit);
  row.linf = attacked.linf;
  row.l2 = attacked.l2;
  row.ssim = attacked.ssim;
  row.psnr_db = attacked.psnr_db;
  row.forwards = attacked.forwards;
  row.backwards = attacked.backwards;
  row.seconds = attacked.seconds;
  return row;
}

double EvaluationSubject::noise_change(const SeenPicture& seen, double budget) const {
  const at::Tensor signs = uniform_tensor(rng_.child("noise").child(seen.id), seen.picture.sizes(),
                                          -1, 1, seen.picture.device())
                               .sign();
  const at::Tensor noisy = (seen.picture + budget * signs).clamp(0, 1);
  const double before = score_picture(*loaded_.model, seen.picture, seen.views);
  const double after = score_picture(*loaded_.model, noisy, seen.views);
  return std::abs((after - before) * scale().factor());
}

bool EvaluationSubject::repeats(const SeenPicture& seen) const {
  const auto score = [&] { return score_picture(*loaded_.model, seen.picture, seen.views); };
  return score() == score();
}

}  // namespace robiq
