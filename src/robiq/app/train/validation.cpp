#include "robiq/app/train/validation.h"

#include <ATen/ATen.h>

#include <cmath>

#include "robiq/app/run/run_folder.h"
#include "robiq/core/files/files.h"
#include "robiq/metric/measures.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/weights/weights.h"
#include "robiq/store/training_label.h"
#include "robiq/train/group_step.h"

namespace robiq {

namespace {

double normalised_score(QualityModel& model, const ValidationSet& set, std::size_t index) {
  const ImageRecord& record = set.dataset.records()[index];
  const double score =
      PictureScorer(model, set.views).score(set.dataset.read(record), set.rng.child(record.id));
  return model.card().scale.normalise(score);
}

/// Pictures are dealt to the processes in turn.
std::vector<double> scores_of_all(QualityModel& model, const ValidationSet& set) {
  const std::size_t rank = set.group == nullptr ? 0 : static_cast<std::size_t>(set.group->rank());
  const std::size_t world = set.group == nullptr ? 1 : static_cast<std::size_t>(set.group->size());
  std::vector<double> own_scores;
  for (std::size_t i = rank; i < set.records.size(); i += world) {
    own_scores.push_back(normalised_score(model, set, set.records[i]));
  }
  if (set.group == nullptr) return own_scores;
  std::vector<double> scores(set.records.size());
  const std::vector<at::Tensor> parts = set.group->gather(at::tensor(own_scores, at::kDouble));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = parts[i % world][static_cast<std::int64_t>(i / world)].item<double>();
  }
  return scores;
}

}  // namespace

std::map<std::string, double> validation_measures(QualityModel& model, const ValidationSet& set) {
  if (set.group != nullptr) broadcast_state(*set.group, model);
  const ScopedFrozen frozen(model);
  std::vector<double> mos;
  for (const std::size_t index : set.records) {
    mos.push_back(set.dataset.card().scale.normalise(set.dataset.records()[index].mos));
  }
  const std::vector<double> scores = scores_of_all(model, set);
  std::map<std::string, double> values;
  for (const Measure& measure :
       compute_measures(Block::kMosBefore, {mos, scores, {0, 100}}, {.resamples = 0})) {
    if (std::isfinite(measure.value)) values[measure.name] = measure.value;
  }
  return values;
}

ModelRow trained_model(const std::filesystem::path& weights) {
  const WeightsCard card = read_weights_card(weights);
  return {0, card.model, card.defense, sha256_of_file(weights), card_to_json(card)};
}

std::vector<HistoryRow> history_rows(const RunState& state) {
  std::vector<HistoryRow> rows;
  for (const EpochReport& report : state.history) {
    const auto add = [&](const std::string& quantity, double value) {
      rows.push_back({0, report.epoch, quantity, value});
    };
    add("loss", report.loss);
    add("penalty", report.penalty);
    // The baseline's steps do not estimate it.
    if (report.gradient_norm > 0) add("gradient_norm", report.gradient_norm);
    add("learning_rate", report.learning_rate);
    add("seconds", report.seconds);
    for (const auto& [measure, value] : report.validation) add("validation_" + measure, value);
  }
  return rows;
}

void copy_training(const std::filesystem::path& run_folder, ResultsStore& into,
                   const std::string& label) {
  const ResultsStore from(RunFolder(run_folder).results(), ResultsStore::Access::kRead);
  for (RunRow run : from.runs()) {
    if (run.kind != RunKind::kTrain || into.find_run(run.config_sha256)) continue;
    TrainingLabel trained = TrainingLabel::parse(run.label);
    if (!label.empty()) trained.model = label;
    run.label = trained.text();
    into.set_run_status(into.begin_run(run), run.status, run.finished_utc);
  }
  into.add(from.model_titles());
  std::map<std::int64_t, std::int64_t> ids;
  for (ModelRow model : from.models()) {
    const std::int64_t id = model.id;
    if (!label.empty()) model.name = label;
    ids[id] = into.model_id(model);
  }
  std::vector<HistoryRow> rows = from.history();
  for (HistoryRow& row : rows) row.model = ids.at(row.model);
  into.add(rows);
}

}  // namespace robiq
