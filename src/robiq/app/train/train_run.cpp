#include "robiq/app/train/train_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/app/train/train_setup.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/app/train/validation.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/data/loader.h"
#include "robiq/data/missing_pictures.h"
#include "robiq/data/split.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/dist/join_processes.h"
#include "robiq/io/safetensors.h"
#include "robiq/model/running_statistics.h"
#include "robiq/model/weights/weights.h"
#include "robiq/store/training_label.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/random.h"
#include "robiq/train/group_step.h"
#include "robiq/train/trainer.h"

namespace robiq {

namespace {

WeightsCard weights_card(const TrainSetup& s, const RunState& state) {
  WeightsCard card;
  card.model = s.model_spec.name;
  for (const auto& [key, value] : s.model_spec.params) card.options[key] = option_text(value.value);
  if (!s.model_spec.argument.empty()) {
    card.options[Registry<QualityModel>::instance().find(card.model).argument] =
        s.model_spec.argument;
  }
  card.scale = s.model->card().scale;
  card.defense = s.defense_text;
  if (s.defense_text != "none") card.defense_title = defense_title(s.defense_text);
  card.defense_strength = defense_strength(s.defense_text);
  card.dataset = s.dataset->card().spec;
  card.records_sha256 = s.records_sha256;
  card.split_sha256 = s.split.sha256;
  card.pictures = s.pictures;
  card.seed = s.request.compute.seed;
  card.epoch = state.epoch;
  if (!state.history.empty()) card.validation = state.history.back().validation;
  return card;
}

RunRow run_row(const TrainSetup& s) {
  RunRow row =
      new_run_row(RunKind::kTrain, TrainingLabel{s.model_spec.text, s.defense_text}.text());
  row.config_toml = s.config;
  row.config_sha256 = s.config_sha256;
  row.device = device_description(s.model->device());
  row.threads = s.request.compute.threads;
  row.seed = s.request.compute.seed;
  return row;
}

TrainPlan make_plan(const TrainSetup& s) {
  TrainPlan plan;
  plan.max_steps = s.request.max_steps;
  plan.labels = s.labels;
  plan.select_by = s.recipe.select_by;
  plan.checkpoints = s.folder.checkpoints();
  plan.history_file = s.folder.history();
  plan.config_sha256 = s.config_sha256;
  return plan;
}

/// The views of validation pictures: as asked, of pictures of the size that is trained on.
ViewPolicy validation_views(const TrainSetup& s) {
  ViewPolicy views = parse_views(s.request.views, s.model->card());
  const PictureSize size = picture_size(s.recipe, *s.dataset);
  if (size.height > 0) views.resize_height = size.height, views.resize_width = size.width;
  return views;
}

std::map<std::string, double> validate(const TrainSetup& s, QualityModel& model) {
  const Rng rng(static_cast<std::uint64_t>(s.request.compute.seed));
  return validation_measures(
      model, {*s.dataset, s.split.*judged_part(s.recipe), validation_views(s), rng.child("views"),
              s.processes.group.get()});
}

/// Writing would make a new folder where somebody removed the run's.
void check_still_there(const RunFolder& folder) {
  if (std::filesystem::exists(folder.config())) return;
  throw Error(ErrorKind::kData,
              {"the folder of the run was removed or emptied while it ran", folder.path().string(),
               "start the run anew, and leave its folder alone until it has ended"});
}

/// Gives the last and the best weights their way from raw outputs to scores.
void fit_mappings(TrainSetup& s, const RunState& state) {
  const auto fit = [&](const std::filesystem::path& file, std::int64_t epoch) {
    fit_score_mapping(*s.model, *s.dataset, s.split.train);
    WeightsCard card = weights_card(s, state);
    card.epoch = epoch;
    card.validation = validate(s, *s.model);
    if (s.processes.first()) save_weights(*s.model, card, file);
  };
  fit(s.folder.last(), state.epoch);
  if (s.processes.group) s.processes.group->barrier();  // the first has written the best ones
  s.model->load_state(read_safetensors(s.folder.best()).tensors);
  fit(s.folder.best(), state.best_epoch);
}

RunState train_with(TrainSetup& s) {
  const Rng rng(static_cast<std::uint64_t>(s.request.compute.seed));
  const TrainingRecipe& recipe = s.recipe;
  Loader loader(*s.dataset, s.split.train, crop_policy(recipe, *s.dataset),
                {.batch_size = s.request.batch_size.value(),
                 .least_batch = least_last_batch(recipe, s.request.batch_size.value(),
                                                 always_frozen(s) ? 1 : s.processes.size()),
                 .workers = s.request.missing.workers,
                 .cache = cache_options(s.request),
                 .rank = s.processes.rank(),
                 .world = s.processes.size()},
                rng.child("loader"));
  const ProcessGroup* const group = s.processes.group.get();
  StepOptions how = step_options(s.request);
  // Batch normalisation of one row may have nothing to normalise by.
  const std::int64_t of_statistics = running_statistics(*s.model).empty() ? 1 : 2;
  how.least_rows = std::max(of_statistics, recipe.least_batch);
  const auto step_parts = [&](Optimizer& optimizer, bool defended) {
    return StepParts{*s.model, *s.loss, defended ? *s.defense : *s.baseline, optimizer, how, group};
  };
  const Phases phases = make_phases(s.request, recipe, *s.model, step_parts);
  const TrainParts parts{phases.phases, loader,
                         [&](QualityModel& model) { return validate(s, model); },
                         [&](const RunState& state, bool best) {
                           if (!is_first(group)) return;
                           check_still_there(s.folder);
                           const WeightsCard card = weights_card(s, state);
                           if (best) save_weights(*s.model, card, s.folder.best());
                           save_weights(*s.model, card, s.folder.last());
                         },
                         [&] { return group ? group->any(stop_requested()) : stop_requested(); }};
  if (group != nullptr) broadcast_state(*group, *s.model);
  const RunState state = train(make_plan(s), parts, rng.child("train"), s.request.resume);
  if (is_first(group)) check_still_there(s.folder);
  if (recipe.linear_mapping) fit_mappings(s, state);
  return state;
}

/// The training of a process that writes the run's folder: the only one, or the first.
TrainResult recorded_training(const TrainRequest& given, TrainSetup& s) {
  make_folder(s.folder.path());
  const FolderLock lock(s.folder.lock(),
                        {"another robiq trains into this folder", s.folder.path().string(),
                         "wait until it has ended, or choose another --out"});
  check_train_folder(given, s);  // what has come since set_up_training()
  const ScopedLogCopy log_copy(s.folder.log());
  if (!std::filesystem::exists(s.folder.config())) write_file(s.folder.config(), s.config);
  if (!std::filesystem::exists(s.folder.split())) {
    write_split(s.split, s.dataset->records(), s.folder.split());
  }
  RunRecord record(s.folder.results(), run_row(s), s.request.resume);
  log::info("training {} ({}) on {}: {} pictures, {} for validation; seed {}, {}",
            s.model_spec.text, s.defense_text, s.dataset->card().spec, s.split.train.size(),
            (s.split.*judged_part(s.recipe)).size(), s.request.compute.seed,
            device_description(s.model->device()));
  report_missing(*s.dataset, s.missing, s.pictures_expected, s.folder.missing());
  TrainResult result;
  record.during([&] {
    result.state = train_with(s);
    const ModelCard& card = s.model->card();
    record.add_history(trained_model(s.folder.best()), {card.name, card.title},
                       history_rows(result.state));
  });
  return result;
}

}  // namespace

TrainResult run_training(const TrainRequest& given) {
  const auto started = std::chrono::steady_clock::now();
  TrainSetup s = set_up_training(given);
  TrainResult result;
  if (s.processes.first()) {
    result = recorded_training(given, s);
  } else {
    result.state = train_with(s);
    result.first = false;
  }
  result.pictures_expected = s.pictures_expected;
  result.pictures = s.pictures_expected - std::ssize(s.missing);
  result.best = s.folder.best();
  result.last = s.folder.last();
  result.defense = s.defense_text;
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

ResultColumns<TrainResult> TrainResult::columns() {
  using R = TrainResult;
  const auto best_srocc = [](const R& row) -> std::optional<double> {
    const EpochReport* const best = best_report(row.state);
    if (best == nullptr || !best->validation.contains("srocc")) return std::nullopt;
    return best->validation.at("srocc");
  };
  ResultColumns<R> columns;
  columns.add("defense", &R::defense)
      .add("pictures", &R::pictures)
      .add("pictures_expected", &R::pictures_expected)
      .add("epochs", [](const R& row) { return row.state.epoch; })
      .add("steps", [](const R& row) { return row.state.step; })
      .add("best_epoch", [](const R& row) { return row.state.best_epoch; })
      .add_present("best_srocc", best_srocc)
      .add("best", &R::best)
      .add("last", &R::last)
      .add("seconds", &R::seconds)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

}  // namespace robiq
