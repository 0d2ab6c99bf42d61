#include "robiq/app/train/training_record.h"

#include "robiq/app/run/run_folder.h"
#include "robiq/core/files/files.h"
#include "robiq/model/weights/weights.h"

namespace robiq {

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
    if (run.kind != "train" || into.find_run(run.config_sha256)) continue;
    if (!label.empty()) run.label = label + run.label.substr(run.label.rfind(' '));
    into.set_run_status(into.begin_run(run), run.status, run.finished_utc);
  }
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
