#include "robiq/app/evaluate/evaluation_subject.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "robiq/app/run/inputs.h"
#include "robiq/core/stop.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"

namespace robiq {

EvaluationSubject::EvaluationSubject(const SubjectOptions& options)
    : options_(options),
      loaded_(load_model_flag(options.model, options.weights, options.scale, options.device)),
      policy_(parse_views(options.views, loaded_.model->card())),
      level_(parse_level(options.level)),
      distances_(options.distances),
      rng_(static_cast<std::uint64_t>(options.seed)) {
  loaded_.model = with_precision(std::move(loaded_.model), options.precision);
  load_surrogate();
}

void EvaluationSubject::load_surrogate() {
  if (options_.surrogate.empty()) {
    if (!options_.transfer && options_.surrogate_weights.empty()) return;
    throw Error(ErrorKind::kUsage, {"no surrogate was named", "--surrogate",
                                    "name the model that the attacks are made on"});
  }
  surrogate_ = load_model_flag(options_.surrogate, options_.surrogate_weights, "", options_.device);
  surrogate_policy_ = parse_views(options_.views, surrogate_.model->card());
  constexpr std::size_t kDigits = 12;
  surrogate_name_ = surrogate_.card.model + ":" + surrogate_.weights_sha256.substr(0, kDigits);
}

bool EvaluationSubject::on_surrogate(const Attack& attack) const {
  return surrogate_.model != nullptr && attack.card().asks_surrogate(options_.transfer);
}

AttackLevel EvaluationSubject::acts_at(const Attack& attack) const {
  return on_surrogate(attack) ? AttackLevel::kImage : level_of(attack, level_);
}

std::size_t EvaluationSubject::parts_of(const Attack& attack, const SeenPicture& seen) const {
  return acts_at(attack) == AttackLevel::kImage ? 1 : seen.views.size();
}

std::optional<std::size_t> EvaluationSubject::parts_of(const Attack& attack) const {
  const bool whole = policy_.kind == ViewPolicy::Kind::kWhole;
  if (whole || acts_at(attack) == AttackLevel::kImage) return 1;
  return std::nullopt;
}

SeenPicture EvaluationSubject::see(const std::string& id, const at::Tensor& bytes) const {
  SeenPicture seen{id, bytes, {}, {}};
  seen.picture =
      picture_input(bytes, loaded_.model->card(), policy_, options_.fit, loaded_.model->device());
  seen.views = make_views(policy_, seen.picture.size(2), seen.picture.size(3),
                          rng_.child("views").child(id));
  return seen;
}

WholePicture EvaluationSubject::whole(const LoadedModel& loaded, const ViewPolicy& policy,
                                      const SeenPicture& seen) const {
  return whole_picture(seen.bytes, loaded.model->card(), policy, options_.fit,
                       loaded.model->device(), rng_.child("views").child(seen.id));
}

CleanPicture EvaluationSubject::clean(const SeenPicture& seen) const {
  const PictureGradient both = score_gradient(*loaded_.model, seen.picture, seen.views);
  CleanPicture clean{{}, both.view_l1};
  ScoreRow& row = clean.row;
  row.attack = "none";
  row.before_native = row.after_native = both.score;
  row.before = row.after = row.after_8bit = scale().normalise(both.score);
  row.gradient_l1 = both.gradient.abs().sum(at::kDouble).item<double>();
  row.forwards = row.backwards = std::ssize(seen.views);
  return clean;
}

AttackedPicture EvaluationSubject::attack(const Attack& attack, const std::string& name,
                                          const SeenPicture& seen) const {
  AttackedPicture attacked = attack_anywhere(attack, name, seen);
  attacked.distances = distances_.between(attacked, loaded_.model->device());
  return attacked;
}

AttackedPicture EvaluationSubject::attack_anywhere(const Attack& attack, const std::string& name,
                                                   const SeenPicture& seen) const {
  const AttackContext context{rng_.child("attack").child(name), stop_requested};
  if (acts_at(attack) == AttackLevel::kView) {
    return attack_views(*loaded_.model, attack, seen.picture, seen.views, seen.id, context);
  }
  const WholePicture picture = whole(loaded_, policy_, seen);
  const auto victim = ensemble_for(*loaded_.model, picture);
  if (!on_surrogate(attack))
    return attack_whole(*victim, *victim, attack, picture.picture, seen.id, context);
  const auto maker = ensemble_for(*surrogate_.model, whole(surrogate_, surrogate_policy_, seen));
  return attack_whole(*victim, *maker, attack, picture.picture, seen.id, context);
}

ScoreRow EvaluationSubject::row_of(const Attack& attack, const AttackedPicture& attacked) const {
  ScoreRow row;
  row.surrogate = on_surrogate(attack) ? surrogate_name_ : "";
  row.level = level_name(acts_at(attack));
  row.before_native = attacked.before;
  row.after_native = attacked.after;
  row.before = scale().normalise(attacked.before);
  row.after = scale().normalise(attacked.after);
  row.after_8bit = scale().normalise(attacked.after_8bit);
  row.linf = attacked.linf;
  row.l2 = attacked.l2;
  row.ssim = attacked.ssim;
  row.psnr_db = attacked.psnr_db;
  if (const auto it = attacked.distances.find("lpips"); it != attacked.distances.end()) {
    row.lpips = it->second;
  }
  row.forwards = attacked.forwards;
  row.backwards = attacked.backwards;
  row.seconds = attacked.seconds;
  return row;
}

double EvaluationSubject::score_saved(const Attack& attack, const SeenPicture& seen,
                                      const std::vector<std::filesystem::path>& files) const {
  QualityModel& model = *loaded_.model;
  const auto saved = [&](const std::filesystem::path& file) {
    return to_float(read_picture(file).to(model.device())).unsqueeze(0);
  };
  if (acts_at(attack) == AttackLevel::kImage) {
    const auto ensemble = ensemble_for(model, whole(loaded_, policy_, seen));
    const at::NoGradGuard no_grad;
    const at::Tensor score = ensemble->score(saved(files.front()));
    check_finite(score, model.card().name);
    return score.item<double>();
  }
  double sum = 0;
  for (const auto& file : files) {
    const at::Tensor view = saved(file);
    sum += score_picture(model, view, {{0, 0, view.size(2), view.size(3)}});
  }
  return sum / static_cast<double>(files.size());
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
