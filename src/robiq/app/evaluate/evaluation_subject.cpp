#include "robiq/app/evaluate/evaluation_subject.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/score_certificate.h"
#include "robiq/core/stop.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/store/defended_name.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"

namespace robiq {

EvaluationSubject::EvaluationSubject(const SubjectOptions& options)
    : options_(options),
      loaded_(
          load_model_flag(options.model, options.weights, options.scale, options.compute.device)),
      level_(options.level),
      distances_(options.distance),
      rng_(static_cast<std::uint64_t>(options.compute.seed)) {
  loaded_.model = with_precision(std::move(loaded_.model), options.precision);
  scorer_.emplace(*loaded_.model, parse_views(options.views.policy, loaded_.model->card()),
                  options.views.fit);
  if (options.purifier.any()) purifier_ = make_purifier(options.purifier.spec, "--purify");
  load_surrogate();
  std::vector<const QualityModel*> models = {loaded_.model.get()};
  for (const LoadedModel& surrogate : surrogates_) models.push_back(surrogate.model.get());
  use_exact_networks(options.exact, models);
}

AttackLevel EvaluationSubject::acts_at(const Attack& attack) const {
  return on_surrogate(attack) ? AttackLevel::kImage : level_of(attack, level_);
}

std::size_t EvaluationSubject::parts_of(const Attack& attack, const SeenPicture& seen) const {
  return acts_at(attack) == AttackLevel::kImage ? 1 : seen.views.size();
}

std::optional<std::size_t> EvaluationSubject::parts_of(const Attack& attack) const {
  const bool whole = scorer_->views().kind == ViewPolicy::Kind::kWhole;
  if (whole || acts_at(attack) == AttackLevel::kImage) return 1;
  return std::nullopt;
}

SeenPicture EvaluationSubject::see(const std::string& id, const at::Tensor& bytes) const {
  auto [picture, views] = scorer_->input(bytes, views_of(id));
  return {id, bytes, std::move(picture), std::move(views)};
}

std::string EvaluationSubject::defended(const std::string& model) const {
  if (!purifier_) return model;
  std::string behind = options_.purifier.spec;
  if (averages_draws()) behind += ", " + std::to_string(options_.purifier.draws) + " draws";
  return DefendedName{model, behind, options_.adaptive}.text();
}

Purification EvaluationSubject::purification(PurifierDraws when) const {
  const std::int64_t draws = purifier_->card().randomised ? options_.purifier.draws : 1;
  const char* const purpose = when == PurifierDraws::kFixed ? "grade" : "attack";
  return {
      .draws = draws, .adaptive = true, .when = when, .rng = rng_.child("purify").child(purpose)};
}

std::unique_ptr<PurifiedPicture> EvaluationSubject::behind_purifier(const SeenPicture& seen,
                                                                    PurifierDraws when) const {
  auto picture = std::make_unique<PurifiedPicture>(
      *loaded_.model, purifier_, purification(when), whole(*scorer_, seen),
      PurifiedPicture::Cutting{scorer_->views(), views_of(seen.id), options_.views.fit});
  picture->model().begin({seen.id});
  return picture;
}

double EvaluationSubject::graded(const SeenPicture& seen, const at::Tensor& picture) const {
  const at::NoGradGuard no_grad;
  at::Tensor score;
  if (purifier_) {
    const auto behind = behind_purifier(seen, PurifierDraws::kFixed);
    score = behind->model().score(picture);
  } else {
    score = ensemble_for(*loaded_.model, whole(*scorer_, seen))->score(picture);
  }
  check_finite(score, loaded_.model->card().name);
  return score.item<double>();
}

CleanPicture EvaluationSubject::clean(const SeenPicture& seen) const {
  if (purifier_) {
    CleanPicture clean;
    clean.row.attack = "none";
    clean.row.before_native = clean.row.after_native = graded(seen, whole(*scorer_, seen).picture);
    clean.row.before = clean.row.after = clean.row.after_8bit =
        scale().normalise(clean.row.before_native);
    clean.row.forwards = std::ssize(seen.views) * purification(PurifierDraws::kFixed).draws;
    clean.view_l1 = ScoreRow::kNone;
    return clean;
  }
  const PictureGradient both = scorer_->gradient({seen.picture, seen.views});
  CleanPicture clean{{}, both.view_l1};
  ScoreRow& row = clean.row;
  row.attack = "none";
  row.before_native = row.after_native = both.score;
  row.before = row.after = row.after_8bit = scale().normalise(both.score);
  row.gradient_l1 = both.gradient.abs().sum(at::kDouble).item<double>();
  row.forwards = row.backwards = std::ssize(seen.views);
  return clean;
}

PictureCertificate EvaluationSubject::certify(const SeenPicture& seen,
                                              const CertificateSettings& settings) const {
  return certify_whole(*loaded_.model, whole(*scorer_, seen), seen.id, rng_, settings);
}

AttackContext EvaluationSubject::context_of(const std::string& name) const {
  return {rng_.child("attack").child(name), stop_requested, set_};
}

namespace {

/// Random search compares scores of equal draws no more than gradients do.
PurifierDraws draws_for(const Attack& attack) {
  return attack.card().score_only ? PurifierDraws::kEachCall : PurifierDraws::kEachGradient;
}

}  // namespace

void EvaluationSubject::with_sides(const Attack& attack, const SeenPicture& seen, bool aware,
                                   const std::function<void(const AttackSides&)>& work) const {
  QualityModel& views = *loaded_.model;
  const bool whole_pictures = acts_at(attack) == AttackLevel::kImage;
  std::unique_ptr<CropEnsemble> bare;
  std::unique_ptr<QualityModel> surrogate;
  if (whole_pictures) bare = ensemble_for(views, whole(*scorer_, seen));
  QualityModel* victim = whole_pictures ? static_cast<QualityModel*>(bare.get()) : &views;
  QualityModel* maker = victim;
  std::unique_ptr<PurifiedPicture> grade, adaptive;
  std::optional<PurifiedModel> view_grade, view_adaptive;
  if (purifier_ && whole_pictures) {
    grade = behind_purifier(seen, PurifierDraws::kFixed);
    victim = &grade->model();
    if (aware) {
      adaptive = behind_purifier(seen, draws_for(attack));
      maker = &adaptive->model();
    }
  } else if (purifier_) {
    view_grade.emplace(views, purifier_, purification(PurifierDraws::kFixed));
    victim = &*view_grade;
    if (aware) {
      view_adaptive.emplace(views, purifier_, purification(draws_for(attack)));
      maker = &*view_adaptive;
    }
  }
  if (on_surrogate(attack)) {
    surrogate = surrogate_of(seen);
    maker = surrogate.get();
  }
  work({*victim, *maker});
}

AttackedPicture EvaluationSubject::attack_anywhere(const Attack& attack, const std::string& name,
                                                   const SeenPicture& seen, bool aware) const {
  const AttackContext context = context_of(name);
  AttackedPicture attacked;
  with_sides(attack, seen, aware, [&](const AttackSides& sides) {
    attacked = acts_at(attack) == AttackLevel::kView
                   ? attack_views(sides, attack, seen.picture, seen.views, seen.id, context)
                   : attack_whole(sides, attack, whole(*scorer_, seen).picture, seen.id, context);
  });
  return attacked;
}

void EvaluationSubject::over_batches(const Attack& attack, const std::string& name,
                                     const SeenPicture& seen, bool aware,
                                     const BatchWork& work) const {
  const AttackContext context = context_of(name);
  with_sides(attack, seen, aware, [&](const AttackSides& sides) {
    const ScopedFrozen frozen(sides.victim);
    const bool by_view = acts_at(attack) == AttackLevel::kView;
    for (AttackBatch& batch : by_view
                                  ? view_batches(sides.victim, seen.picture, seen.views, seen.id)
                                  : whole_batch(whole(*scorer_, seen).picture, seen.id)) {
      show_batch(sides, batch);
      work(sides, batch, context);
    }
  });
}

ScoreRow EvaluationSubject::row_of(const Attack& attack, const AttackedPicture& attacked) const {
  ScoreRow row;
  row.surrogate = on_surrogate(attack) ? surrogate_name_ : "";
  row.level = word_of(acts_at(attack));
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
  if (acts_at(attack) == AttackLevel::kImage) return graded(seen, saved(files.front()));
  double sum = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const at::Tensor view = saved(files[i]);
    if (!purifier_) {
      sum += score_picture(model, view, {{0, 0, view.size(2), view.size(3)}});
      continue;
    }
    PurifiedModel behind(model, purifier_, purification(PurifierDraws::kFixed));
    behind.begin({seen.id + "#" + std::to_string(i)});
    const at::NoGradGuard no_grad;
    sum += behind.score(view).item<double>();
  }
  return sum / static_cast<double>(files.size());
}

double EvaluationSubject::noise_change(const SeenPicture& seen, double budget) const {
  const at::Tensor clean = purifier_ ? whole(*scorer_, seen).picture : seen.picture;
  const at::Tensor signs =
      uniform_tensor(rng_.child("noise").child(seen.id), clean.sizes(), -1, 1, clean.device())
          .sign();
  const auto score = [&](const at::Tensor& picture) {
    return purifier_ ? graded(seen, picture) : scorer_->score({picture, seen.views});
  };
  return std::abs((score((clean + budget * signs).clamp(0, 1)) - score(clean)) * scale().factor());
}

std::vector<ModelTitleRow> EvaluationSubject::model_titles() const {
  std::vector<ModelTitleRow> titles;
  const auto add = [&](const LoadedModel& loaded) {
    const ModelCard& card = loaded.model->card();
    titles.push_back({card.name, card.title});
  };
  add(loaded_);
  for (const LoadedModel& surrogate : surrogates_) add(surrogate);
  return titles;
}

bool EvaluationSubject::repeats(const SeenPicture& seen) const {
  const auto score = [&] { return scorer_->score({seen.picture, seen.views}); };
  return score() == score();
}

}  // namespace robiq
