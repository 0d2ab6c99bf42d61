#include "robiq/app/evaluate/evaluation_ending.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "robiq/app/evaluate/evaluation_beginning.h"
#include "robiq/app/evaluate/measures/standard_rows.h"
#include "robiq/app/evaluate/trained_pictures.h"
#include "robiq/app/score/certificate_rows.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"

namespace robiq {
namespace {

SeenPicture see(const ScoredEvaluation& evaluation, const ImageRecord& record) {
  return see_picture(evaluation.subject, evaluation.dataset, record);
}

/// The ids under which a run's rows know the pictures; others of the same names are of other data.
std::vector<std::int64_t> images_of(const ScoredEvaluation& evaluation,
                                    const std::vector<SeenPicture>& pictures) {
  std::vector<std::int64_t> images;
  for (const ImageRow& image : evaluation.store.images()) {
    const auto named = [&](const SeenPicture& picture) { return picture.id == image.name; };
    if (std::ranges::any_of(pictures, named)) images.push_back(image.id);
  }
  return images;
}

}  // namespace

void store_flags(const ScoredEvaluation& evaluation, const std::string& missing,
                 const std::optional<FlagRow>& known) {
  constexpr std::size_t kTried = 8;
  std::vector<SeenPicture> tried;
  for (std::size_t i = 0; i < std::min(kTried, evaluation.chosen.records.size()); ++i) {
    tried.push_back(see(evaluation, evaluation.dataset.records()[evaluation.chosen.records[i]]));
  }
  const auto of_other = [&](const auto& row) { return row.model != evaluation.model; };
  std::vector<ScoreRow> rows = evaluation.store.scores(evaluation.run);
  std::erase_if(rows, of_other);
  std::vector<DistanceRow> distances = evaluation.store.distances(evaluation.run);
  std::erase_if(distances, of_other);
  std::vector<FlagRow> flags = evaluation_flags(evaluation.subject, evaluation.attacks, tried,
                                                images_of(evaluation, tried), rows);
  for (FlagRow& flag : weak_adaptive_flags(distances)) flags.push_back(std::move(flag));
  if (!missing.empty()) {
    flags.push_back(
        {evaluation.run, evaluation.model, "", "pictures-missing", Severity::kWarning, missing});
  }
  const auto warn = [&](const std::optional<FlagRow>& flag) {
    if (!flag) return;
    log::warning("{}: {}", flag->flag, flag->text);
    flags.push_back(*flag);
  };
  warn(known);
  for (const NamedAttack& attack : evaluation.attacks) {
    warn(attack_knows_pictures(attack.name, attack.attack->trained_on(),
                               evaluation.chosen.identities));
  }
  for (FlagRow& flag : flags) {
    flag.run = evaluation.run;
    flag.model = evaluation.model;
  }
  evaluation.store.add(flags);
}

void measure_sets(const ScoredEvaluation& evaluation, std::vector<EvaluationRow>& rows) {
  const auto see_again = [&](const std::string& id) {
    for (const std::size_t record : evaluation.chosen.records) {
      if (evaluation.dataset.records()[record].id == id)
        return see(evaluation, evaluation.dataset.records()[record]);
    }
    throw Error(ErrorKind::kInternal, {"a scored picture is not of the set", id, "report this"});
  };
  for (const NamedAttack& attack : evaluation.attacks) {
    if (dynamic_cast<const RunsStandardSet*>(attack.attack.get()) == nullptr) continue;
    std::vector<FlagRow> flags = measure_standard(
        evaluation.store, evaluation.run, evaluation.model, evaluation.subject, attack,
        evaluation.request.bootstrap, static_cast<std::uint64_t>(evaluation.request.compute.seed),
        see_again, rows);
    for (FlagRow& flag : flags) {
      flag.run = evaluation.run;
      flag.model = evaluation.model;
    }
    evaluation.store.add(flags);
  }
}

void say_certificates(const ScoredEvaluation& evaluation) {
  if (!evaluation.request.certificate.any()) return;
  const SeenPicture seen =
      see(evaluation, evaluation.dataset.records()[evaluation.chosen.records.front()]);
  double budget = 0;
  for (const NamedAttack& attack : evaluation.attacks) {
    const double linf = attack.attack->card().linf_budget;
    if (linf < 1) budget = std::max(budget, linf);
  }
  log::info("{}", certificate_meaning(evaluation.request.certificate, seen.bytes.size(1),
                                      seen.bytes.size(2), budget));
}

void add_scales(const ScoreScale& native, std::vector<EvaluationRow>& rows) {
  const ScoreScale normalised;
  for (EvaluationRow& row : rows) {
    row.scale = normalised;
    row.native_scale = native;
  }
  log::info("measures are on the scale {} (worst) to {} (best); the model's own is {} to {}",
            normalised.worst, normalised.best, native.worst, native.best);
}

}  // namespace robiq
