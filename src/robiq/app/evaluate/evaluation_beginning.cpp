#include "robiq/app/evaluate/evaluation_beginning.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/run/inputs.h"
#include "robiq/attack/picture_folder.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"

namespace robiq {

NamedAttack named_attack(const std::string& text) {
  const Spec spec = Registry<Attack>::instance().parse(text, "--attack");
  std::string folder = spec.text;
  if (const std::size_t colon = folder.find(':'); colon != folder.npos) folder[colon] = '-';
  return {spec.name, attack_options(spec).stored(), bounded_stem_of(folder), make_attack(text)};
}

std::vector<AttackRow> attack_rows(const std::vector<NamedAttack>& attacks) {
  std::vector<AttackRow> rows;
  for (const NamedAttack& attack : attacks) {
    const AttackCard& card = attack.attack->card();
    rows.push_back({card.name, card.title, card.rank, card.strength, card.white_box ? 1 : 0,
                    card.score_only ? 1 : 0});
  }
  return rows;
}

void show_pictures_to(const std::vector<NamedAttack>& attacks, const Dataset& dataset) {
  std::vector<std::string> ids;
  for (const ImageRecord& record : dataset.records()) ids.push_back(record.id);
  for (const NamedAttack& attack : attacks) {
    if (auto* reader = dynamic_cast<ReadsPictures*>(attack.attack.get()))
      reader->know_pictures(ids);
  }
}

namespace {

void add_attack(const std::string& text, const NamedAttack& attack, const Dataset& dataset,
                const ChosenPictures& chosen, ReadInputs& inputs) {
  const Spec spec = Registry<Attack>::instance().parse(text, "--attack");
  add_files_of(spec, "the attack " + spec.name, inputs);
  const auto* reader = dynamic_cast<const ReadsPictures*>(attack.attack.get());
  if (reader == nullptr) return;
  std::string contents;
  for (const std::size_t record : chosen.records) {
    contents += reader->content_for(dataset.records()[record].id);
  }
  inputs.emplace_back("the pictures of " + spec.text, sha256(contents));
}

/// The newest run with the options of `row`, whatever it read.
std::optional<RunRow> newest_like(const ResultsStore& store, const RunRow& row) {
  std::optional<RunRow> newest;
  for (RunRow& run : store.runs()) {
    const bool alike = run.kind == row.kind && run.label == row.label &&
                       without_inputs(run.config_toml) == without_inputs(row.config_toml);
    if (alike) newest = std::move(run);
  }
  return newest;
}

std::string changes_since(const RunRow& earlier, const RunRow& row) {
  const ReadInputs before = inputs_in(earlier.config_toml);
  if (before.empty()) return "an older robiq did not note which files it read";
  return "changed since an earlier evaluation with these options: " +
         join(changed_inputs(before, inputs_in(row.config_toml)), ", ");
}

}  // namespace

ReadInputs evaluation_inputs(const EvaluateRequest& request, const EvaluationSubject& subject,
                             const std::vector<NamedAttack>& attacks, const Dataset& dataset,
                             const ChosenPictures& chosen) {
  ReadInputs inputs = {
      {"the weights", subject.loaded().weights_sha256},
      {"the labels", labels_sha256(dataset)},
      {"the split", chosen.split.sha256},
      {"the pictures", pictures_sha256(dataset, chosen.records, chosen.identities)}};
  add_files_of(parse_spec(request.model, "--model"), "the model", inputs);
  if (!request.surrogate.empty()) {
    inputs.emplace_back("the surrogate's weights", subject.surrogate_sha256());
    for (const std::string& surrogate : surrogates_in(request.surrogate)) {
      add_files_of(parse_spec(surrogate, "--surrogate"), "the surrogate", inputs);
    }
  }
  for (const std::string& text : request.distance) {
    const Spec spec = parse_spec(text, "--distance");
    add_files_of(spec, "the distance " + spec.name, inputs);
  }
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    add_attack(request.attack[i], attacks[i], dataset, chosen, inputs);
  }
  return inputs;
}

std::int64_t begin_or_go_on(ResultsStore& store, const RunRow& row) {
  const std::optional<RunRow> same = store.find_run(row.config_sha256);
  // Where files were remade and then restored, the newest run must be that of the restored ones.
  const std::optional<RunRow> newest = newest_like(store, same ? *same : row);
  if (same && newest->id == same->id) return same->id;
  if (newest) log::warning("{}; everything is scored anew", changes_since(*newest, row));
  return store.begin_run(row);
}

std::size_t place_among_datasets(const ResultsStore& store, const std::string& spec) {
  std::vector<std::string> datasets;
  for (const ImageRow& image : store.images()) {
    if (std::find(datasets.begin(), datasets.end(), image.dataset) == datasets.end()) {
      datasets.push_back(image.dataset);
    }
  }
  const auto mine = std::find(datasets.begin(), datasets.end(), spec);
  return static_cast<std::size_t>(mine - datasets.begin());
}

}  // namespace robiq
