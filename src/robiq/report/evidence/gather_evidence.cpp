#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/report/evidence/attack_sets.h"
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/names/run_names.h"
#include "robiq/report/evidence/run_choice.h"
#include "robiq/store/run_inputs.h"

namespace robiq {
namespace {

bool same(const MeasureRow& a, const MeasureRow& b) { return same_value(a.value, b.value); }
bool same(const PictureScore& a, const PictureScore& b) {
  return same_value(a.before, b.before) && same_value(a.after, b.after);
}

template <class Key, class Row>
void put(std::map<Key, Found<Row>>& rows, const Key& key, const Found<Row>& found,
         const Subject& subject, const Situation& situation) {
  const auto& [row, folder, run] = found;
  const auto [place, is_new] = rows.try_emplace(key, found);
  if (is_new) return;
  if (place->second.folder == folder && place->second.run == run && !same(place->second.row, row)) {
    throw Error(ErrorKind::kData,
                {"one run has two results of " + subject.model + " (defense " + subject.defense +
                     ") under '" + situation.attack + "': its perturbations have one name",
                 folder, "give the files different names, and evaluate again"});
  }
  if (place->second.folder != folder && !same(place->second.row, row)) {
    throw Error(ErrorKind::kData,
                {"two runs disagree about " + subject.model + " (defense " + subject.defense +
                     ") under '" + situation.attack + "'",
                 place->second.folder + " and " + folder,
                 "report on one of them, or set them side by side with --compare"});
  }
  place->second = found;
}

template <class Row>
ScoreKey score_key(const Row& row, const RunNames& names) {
  const ImageRow& image = names.images.at(row.image);
  return {names.situation(image.dataset, row.attack, row.attack_options, row.level, row.surrogate),
          names.models.at(row.model).trained, image.split_sha256, image.name};
}

/// One folder's results on their way into the evidence.
class Gatherer {
 public:
  /// Adds to `sources` what its attacks were made of.
  Gatherer(Evidence& evidence, const std::filesystem::path& folder, const std::string& run,
           AttackSources& sources)
      : evidence_(evidence),
        store_(folder / "results.sqlite", ResultsStore::Access::kRead),
        folder_(folder.string()),
        names_(store_, run, folder_, sources),
        runs_(store_.runs()) {
    std::erase_if(runs_, [](const RunRow& of) {
      return of.kind == RunKind::kCell;  // a study's own notes: what they did has runs of its own
    });
    for (const RunRow& of : runs_) scores_[of.id] = store_.scores(of.id);
    const std::set<std::int64_t> outdated = outdated_runs(runs_);
    std::erase_if(runs_, [&](const RunRow& of) { return outdated.contains(of.id); });
    for (const RunRow& of : runs_) {
      sources.perturbations.add_contents(of.config_toml, folder_);
      for (const ScoreRow& row : scores_[of.id]) {
        names_.add_surrogate(row.surrogate, of.seed, row.model);
        sources.perturbations.add(AttackOptions::from_stored(row.attack_options));
        // An attack for surrogates that was given none asked the attacked model for gradients.
        const auto card = names_.attacks.find(row.attack);
        const bool by_gradients = row.surrogate.empty() && row.backwards > 0;
        if (by_gradients && card != names_.attacks.end()) card->second.white_box = 1;
      }
    }
  }

  /// Called when every folder's sources are known.
  void gather() {
    choose_runs(runs_);
    for (const RunRow& run : runs_) {
      if (choice_.is_shown(run.id) || scores_[run.id].empty()) gather_run(run);
    }
    for (const RunRow& run : runs_) {
      if (choice_.repeats_anything(run.id)) add_what_only_repeats_have(run.id);
    }
    for (const auto& [id, model] : names_.models) {
      if (model.defense_title.empty()) continue;
      evidence_.defense_titles[model.trained.subject.defense] = model.defense_title;
    }
    for (const ModelTitleRow& row : store_.model_titles()) {
      if (!row.title.empty()) evidence_.model_titles[row.name] = row.title;
    }
    for (const HistoryRow& row : store_.history()) {
      Curve& curve = evidence_.histories[names_.models.at(row.model).trained][row.quantity];
      // Rows come by epoch; those of a training that another folder told of already begin again.
      if (curve.empty() || row.epoch > curve.back().first) {
        curve.emplace_back(row.epoch, row.value);
      }
    }
    for (auto& [image, thumbnail] : store_.thumbnails()) {
      const ImageRow& row = names_.images.at(image);
      evidence_.thumbnails[{row.dataset, row.name}] = std::move(thumbnail);
    }
  }

  /// Of every subject, the data sets that its models were trained on.
  void add_training_sets(std::map<Subject, std::set<std::string>>& sets) const {
    for (const auto& [id, model] : names_.models) {
      if (model.dataset.empty() || outdated_models_.contains(id)) continue;
      sets[model.trained.subject].insert(model.dataset);
    }
  }

 private:
  void gather_run(const RunRow& run) {
    evidence_.runs.push_back({run, folder_, run.id});
    gather_scores(run.id);
    gather_measures(run.id);
    gather_examples(run.id);
    for (FlagRow& row : store_.flags(run.id)) {
      const Trained trained = names_.models.at(row.model).trained;
      evidence_.flags.push_back({folder_, run.id, trained, std::move(row)});
    }
  }

  /// Runs that a newer one replaced: the same evaluation, of the same model, after something that
  /// it reads was remade under its name.
  std::set<std::int64_t> outdated_runs(const std::vector<RunRow>& runs) {
    std::map<std::tuple<std::string, std::string, std::set<Trained>>, std::int64_t> newest;
    std::set<std::int64_t> outdated;
    for (const RunRow& run : runs) {
      std::set<Trained> trained;
      for (const ScoreRow& row : scores_[run.id]) {
        trained.insert(names_.models.at(row.model).trained);
      }
      if (run.kind != RunKind::kEvaluate || trained.empty()) continue;
      const std::tuple key{run.label, sorted_options_in(run.config_toml), std::move(trained)};
      const auto [place, is_first] = newest.try_emplace(key, run.id);
      if (is_first || inputs_in(run.config_toml).empty()) continue;
      outdated.insert(std::exchange(place->second, run.id));
    }
    note_outdated_models(outdated);
    return outdated;
  }

  /// Models that only those runs scored with.
  void note_outdated_models(const std::set<std::int64_t>& outdated) {
    for (const std::int64_t run : outdated) {
      for (const ScoreRow& row : scores_[run]) outdated_models_.insert(row.model);
    }
    for (const auto& [run, rows] : scores_) {
      if (outdated.contains(run)) continue;
      for (const ScoreRow& row : rows) outdated_models_.erase(row.model);
    }
  }

  void choose_runs(const std::vector<RunRow>& runs) {
    for (const RunRow& run : runs) {
      for (const ScoreRow& row : scores_[run.id]) {
        if (!is_part(row)) choice_.add(run, score_key(row, names_), row.before, row.after);
      }
    }
    choice_.choose();
    for (const std::string& remark : choice_.remarks()) log::warning("{}: {}", folder_, remark);
  }

  /// Rows of the members of a set of attacks are not shown by themselves.
  static bool is_part(const ScoreRow& row) {
    return row.attack.find(kPartOfAttack) != std::string::npos;
  }

  /// Measures and pictures that the run which counts does not have.
  void add_what_only_repeats_have(std::int64_t run) {
    for (const MeasureRow& row : store_.measures(run)) {
      const Trained& trained = names_.models.at(row.model).trained;
      const MeasureKey key = measure_key(row);
      if (!choice_.repeats(run, trained, key.situation)) continue;
      evidence_.measures[key].try_emplace(trained.seed, Found<MeasureRow>{row, folder_, run});
    }
    for (ExampleRow& row : store_.examples(run)) {
      ScoreKey key = score_key(row, names_);
      if (!choice_.repeats(run, key.trained, key.situation)) continue;
      const auto same_key = [&](const FoundExample& other) { return other.key == key; };
      if (std::ranges::none_of(evidence_.examples, same_key)) add_example(std::move(key), row);
    }
  }

  void add_example(ScoreKey key, ExampleRow& row) {
    evidence_.examples.push_back({std::move(key), row.change, row.draw, std::move(row.clean.bytes),
                                  std::move(row.attacked.bytes)});
  }

  void gather_examples(std::int64_t run) {
    for (ExampleRow& row : store_.examples(run)) {
      ScoreKey key = score_key(row, names_);
      if (!choice_.counts(run, key.trained, key.situation)) continue;
      const auto same_key = [&](const FoundExample& other) { return other.key == key; };
      std::erase_if(evidence_.examples, same_key);
      add_example(std::move(key), row);
    }
  }
  void gather_scores(std::int64_t run) {
    RunHashes& hashes = evidence_.hashes[{folder_, run}];
    for (const ScoreRow& row : scores_[run]) {
      if (is_part(row)) continue;
      const ScoreKey key = score_key(row, names_);
      if (!choice_.counts(run, key.trained, key.situation)) continue;
      hashes.weights.insert(names_.models.at(row.model).weights_sha256);
      hashes.splits.insert(key.split_sha256);
      PictureScore score{names_.images.at(row.image).mos_normalised, row.before, row.after,
                         row.after_8bit};
      score.gradient_l1 = row.gradient_l1 * names_.models.at(row.model).factor;
      score.linf = row.linf;
      score.ssim = row.ssim;
      score.psnr_db = row.psnr_db;
      score.seconds = row.seconds;
      score.forwards = static_cast<double>(row.forwards);
      score.backwards = static_cast<double>(row.backwards);
      put(evidence_.scores, key, {score, folder_, run}, key.trained.subject, key.situation);
    }
  }
  [[nodiscard]] MeasureKey measure_key(const MeasureRow& row) const {
    return {names_.situation(row.dataset, row.attack, row.attack_options, row.level, row.surrogate),
            names_.models.at(row.model).trained.subject, row.block, row.measure};
  }
  void gather_measures(std::int64_t run) {
    for (const MeasureRow& row : store_.measures(run)) {
      const Trained& trained = names_.models.at(row.model).trained;
      const MeasureKey key = measure_key(row);
      if (!choice_.counts(run, trained, key.situation)) continue;
      put(evidence_.measures[key], trained.seed, {row, folder_, run}, key.subject, key.situation);
    }
  }

  Evidence& evidence_;
  ResultsStore store_;
  std::string folder_;
  RunNames names_;
  std::vector<RunRow> runs_;
  std::map<std::int64_t, std::vector<ScoreRow>> scores_;  ///< by run
  std::set<std::int64_t> outdated_models_;
  RunChoice choice_;
};

void check_training_sets(const std::map<Subject, std::set<std::string>>& sets) {
  for (const auto& [subject, datasets] : sets) {
    if (datasets.size() < 2) continue;
    throw Error(ErrorKind::kData,
                {"models called " + subject.model + " (defense " + subject.defense +
                     ") were trained on different data",
                 *datasets.begin() + " and " + *datasets.rbegin(),
                 "report on each by itself, or set them side by side with --compare"});
  }
}

/// Short names for folders: the last part where that tells them apart.
std::vector<std::string> run_labels(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> labels;
  std::set<std::string> distinct;
  for (const auto& folder : folders) {
    const auto normal = (folder / "").lexically_normal().parent_path();
    labels.push_back(normal.filename().string());
    distinct.insert(labels.back());
  }
  if (distinct.size() == folders.size()) return labels;
  labels.clear();
  for (const auto& folder : folders) labels.push_back(folder.string());
  return labels;
}

}  // namespace

Evidence gather_evidence(const std::vector<std::filesystem::path>& run_folders, bool compare) {
  Evidence evidence;
  std::map<Subject, std::set<std::string>> training_sets;
  const std::vector<std::string> labels = run_labels(run_folders);
  if (compare) evidence.compared = labels;
  std::vector<AttackSources> sources(compare ? run_folders.size() : 1);
  std::vector<std::unique_ptr<Gatherer>> gatherers;
  for (std::size_t i = 0; i < run_folders.size(); ++i) {
    gatherers.push_back(std::make_unique<Gatherer>(
        evidence, run_folders[i], compare ? labels[i] : "", sources[compare ? i : 0]));
  }
  for (const auto& gatherer : gatherers) {
    gatherer->gather();
    gatherer->add_training_sets(training_sets);
  }
  check_training_sets(training_sets);
  evidence.refused = refused_numbers(evidence);
  return evidence;
}

}  // namespace robiq
