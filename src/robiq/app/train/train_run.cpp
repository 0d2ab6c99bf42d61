#include "robiq/app/train/train_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "robiq/app/data/split_run.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/inputs.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/app/train/validation.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/data/loader.h"
#include "robiq/data/missing_pictures.h"
#include "robiq/data/picture_identity.h"
#include "robiq/data/split.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/dist/join_processes.h"
#include "robiq/io/safetensors.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/random.h"
#include "robiq/train/group_step.h"
#include "robiq/train/trainer.h"

namespace robiq {

namespace {

/// The request with the recipe filled in, and all that training needs.
struct Setup {
  TrainRequest request;
  JoinedProcesses processes;
  RunFolder folder;
  std::unique_ptr<Dataset> dataset;
  Split split;
  std::unique_ptr<QualityModel> model;
  TrainingRecipe recipe;
  Spec model_spec;
  std::unique_ptr<Loss> loss;
  std::unique_ptr<Defense> defense, baseline;  ///< of the phases with NT, and of those without
  std::string defense_text;
  std::string config, options_sha256, config_sha256;
  LabelMap labels;
  std::vector<MissingPicture> missing;
  std::int64_t pictures_expected = 0;
  TrainingPictures pictures;  ///< by their identities
  std::string records_sha256;
};

StepOptions step_options(const TrainRequest& request) {
  return {request.micro_batch, request.nt ? request.nt_scheme : "auto"};
}

void check_precision(const TrainRequest& request) {
  if (request.precision == "fp32") return;
  if (!request.nt && request.defense != "none" && !request.defense.empty()) {
    throw Error(ErrorKind::kUsage, {"defenses are trained in fp32", "--precision",
                                    "leave it out, or train a baseline in bf16"});
  }
  if (!request.nt) return;
  throw Error(ErrorKind::kUsage,
              {"NT divides differences of scores by " + option_text(request.nt_step) +
                   ", and bf16 would leave noise of them",
               "--precision", "train with NT in fp32, or a baseline in bf16"});
}

/// What a resumed run must have in common with its first part: all but where it runs.
std::string hash_of_config(const TrainRequest& request) {
  return sha256(toml_text(identity_values(request)));
}

/// Without what the recipe filled in and nothing uses: what is written can be given back.
std::vector<std::pair<std::string, OptionValue>> values_with_effect(const TrainRequest& request,
                                                                    const TrainingRecipe& recipe) {
  auto values = option_values(request);
  std::erase_if(values, [&](const auto& value) {
    const std::string& name = value.first;
    if (name == "join_timeout" || name == "process_timeout") return true;  // of this start alone
    if (name == "first_epochs") return recipe.first_phases.empty();
    if (!name.starts_with("nt_")) return false;
    const bool difference = name == "nt_step" || name == "nt_scheme";
    return !request.nt || (difference && request.nt_form == "exact") ||
           (name == "nt_first_phase" && recipe.first_phases.empty());
  });
  return values;
}

/// A folder holds one run: a new one needs an empty folder, a resumed one its own configuration.
void check_folder(const TrainRequest& request, const RunFolder& folder,
                  const TrainingRecipe& recipe, const std::string& config_sha256) {
  check_run_folder(folder.path());
  if (!std::filesystem::exists(folder.config())) return;
  if (!request.resume) {
    throw Error(ErrorKind::kUsage, {"'" + request.out + "' already holds a run", "--out",
                                    "go on with --resume, or choose another folder"});
  }
  auto earlier = assign_options<TrainRequest>(read_toml(folder.config()));
  fill_from_recipe(earlier, recipe);
  if (hash_of_config(earlier) == config_sha256) return;
  throw Error(ErrorKind::kUsage,
              {"the run to resume was started with another configuration", folder.config().string(),
               "repeat its options, or choose another --out"});
}

PictureCacheOptions cache_options(const TrainRequest& request) {
  constexpr double kGib = 1 << 30;
  return {.memory_bytes = static_cast<std::int64_t>(request.cache_ram_gib * kGib),
          .folder = request.cache_dir,
          .folder_bytes = static_cast<std::int64_t>(request.cache_gib * kGib)};
}

/// What is left out is part of what a resumed run must share with its first part.
void leave_out_missing(Setup& s) {
  std::vector<std::size_t> all = s.split.train;
  all.insert(all.end(), s.split.val.begin(), s.split.val.end());
  s.missing = find_missing(*s.dataset, all,
                           {s.request.allow_missing, s.request.workers, cache_options(s.request),
                            s.processes.group.get()});
  s.pictures_expected = std::ssize(all);
  if (s.missing.empty()) return;
  leave_out(s.missing, s.split.train);
  leave_out(s.missing, s.split.val);
  std::string ids;
  for (const MissingPicture& one : s.missing) ids += s.dataset->records()[one.record].id + "\n";
  s.config_sha256 = sha256(s.config_sha256 + ids);
}

/// What is trained on must be the same when a run is resumed, and is named in the weights' card
/// together with what the initial weights were trained on.
void identify_pictures(Setup& s, const TrainingPictures& initial) {
  const auto identities = [&](const std::vector<std::size_t>& records) {
    return picture_identities(*s.dataset, records, s.request.workers, s.processes.group.get());
  };
  s.pictures = {identities(s.split.train), identities(s.split.val)};
  s.config_sha256 = sha256(s.config_sha256 + join(s.pictures.training, "") + "/" +
                           join(s.pictures.validation, ""));
  s.pictures.add(initial);
  s.records_sha256 = records_sha256(*s.dataset);
}

/// Options that speak of what this model or its recipe does not have would have no effect.
void check_options_of(const TrainRequest& given, const QualityModel& model,
                      const TrainingRecipe& recipe) {
  const TensorMap state = model.state();
  const bool has_statistics = std::any_of(state.begin(), state.end(), [](const auto& entry) {
    return entry.first.ends_with("running_mean");
  });
  if (!given.nt_batchnorm.empty() && !has_statistics) {
    throw Error(ErrorKind::kUsage,
                {model.card().name + " has no batch normalisation, so the option has no effect",
                 "--nt-batchnorm", "leave it out"});
  }
  if (!recipe.first_phases.empty()) return;
  const auto refuse = [&](bool used, const char* flag) {
    if (!used) return;
    throw Error(ErrorKind::kUsage,
                {"the recipe of " + model.card().name +
                     " has no phase before the main one, so the option has no effect",
                 flag, "leave it out"});
  };
  refuse(given.first_epochs != TrainRequest{}.first_epochs, "--first-epochs");
  refuse(given.nt_first_phase, "--nt-first-phase");
}

void check_micro_batch(const TrainRequest& filled) {
  if (filled.micro_batch <= filled.batch_size) return;
  throw Error(ErrorKind::kUsage,
              {"micro-batches of " + std::to_string(filled.micro_batch) +
                   " crops have no effect on batches of " + std::to_string(filled.batch_size),
               "--micro-batch", "give fewer crops than a batch has, or leave it out"});
}

Setup set_up(const TrainRequest& given) {
  Setup s{.request = given, .folder = RunFolder(given.out)};
  if (given.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the run", "--out", "name a folder to write to"});
  }
  check_precision(given);
  const Rng rng(static_cast<std::uint64_t>(given.seed));
  s.processes = join_processes(
      {given.device, given.threads, given.process_timeout, given.join_timeout, given.alone});
  s.request.threads = s.processes.threads;
  s.model_spec = Registry<QualityModel>::instance().parse(given.model, "--model");
  seed_torch_globals(rng.child("init"));
  s.model = Registry<QualityModel>::instance().make(s.model_spec, "--model");
  s.recipe = recipe_for(s.model->card(), given.compat);
  check_options_of(given, *s.model, s.recipe);
  fill_from_recipe(s.request, s.recipe);
  check_micro_batch(s.request);
  s.loss = Registry<Loss>::instance().make(parse_spec(s.request.loss, "--loss"), "--loss");
  s.defense_text = defense_text(s.request);
  s.defense = make_defense(s.defense_text, given.defense.empty() ? "--nt" : "--defense");
  s.baseline = Registry<Defense>::instance().make("none", {});
  check_step_options(step_options(s.request), *s.model, *s.defense, s.request.batch_size);
  s.config = toml_text(values_with_effect(s.request, s.recipe));
  s.options_sha256 = s.config_sha256 = hash_of_config(s.request);
  if (s.processes.first()) check_folder(given, s.folder, s.recipe, s.options_sha256);
  TrainingPictures initial;
  for (const std::string& init : given.init) initial.add(load_initial_weights(*s.model, init));
  s.dataset = make_dataset(given.data);
  s.split = given.split_file.empty()
                ? make_split(s.dataset->records(), {}, rng.child("split"), SplitPurpose::kTraining)
                : read_split_file(given.split_file, *s.dataset);
  if (given.limit > 0 && given.limit < std::ssize(s.split.train)) {
    s.split.train.resize(static_cast<std::size_t>(given.limit));
  }
  s.config_sha256 = sha256(s.config_sha256 + s.split.sha256 + labels_sha256(*s.dataset));
  leave_out_missing(s);
  identify_pictures(s, initial);
  s.labels = label_map(s.recipe, *s.dataset, s.split.train);
  const ScoreScale& scale = s.dataset->card().scale;
  s.model->set_scale({s.labels(scale.worst), s.labels(scale.best)});
  s.model->move_to(s.processes.device);
  s.model = with_precision(std::move(s.model), s.request.precision);
  check_agreement(s.processes.group.get(), s.config_sha256);
  return s;
}

WeightsCard weights_card(const Setup& s, const RunState& state) {
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
  card.seed = s.request.seed;
  card.epoch = state.epoch;
  if (!state.history.empty()) card.validation = state.history.back().validation;
  return card;
}

RunRow run_row(const Setup& s) {
  RunRow row = new_run_row("train", s.model_spec.text + " " + s.defense_text);
  row.config_toml = s.config;
  row.config_sha256 = s.config_sha256;
  row.device = device_description(s.model->device());
  row.threads = s.request.threads;
  row.seed = s.request.seed;
  return row;
}

TrainPlan make_plan(const Setup& s) {
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
ViewPolicy validation_views(const Setup& s) {
  ViewPolicy views = parse_views(s.request.views, s.model->card());
  const PictureSize size = picture_size(s.recipe, *s.dataset);
  if (size.height > 0) views.resize_height = size.height, views.resize_width = size.width;
  return views;
}

std::map<std::string, double> validate(const Setup& s, QualityModel& model) {
  const Rng rng(static_cast<std::uint64_t>(s.request.seed));
  return validation_measures(
      model, {*s.dataset, s.recipe.select_on_test ? s.split.test : s.split.val, validation_views(s),
              rng.child("views"), s.processes.group.get()});
}

/// Writing would make a new folder where somebody removed the run's.
void check_still_there(const RunFolder& folder) {
  if (std::filesystem::exists(folder.config())) return;
  throw Error(ErrorKind::kData,
              {"the folder of the run was removed or emptied while it ran", folder.path().string(),
               "start the run anew, and leave its folder alone until it has ended"});
}

/// Gives the last and the best weights their way from raw outputs to scores.
void fit_mappings(Setup& s, const RunState& state) {
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

RunState train_with(Setup& s) {
  const Rng rng(static_cast<std::uint64_t>(s.request.seed));
  const TrainingRecipe& recipe = s.recipe;
  Loader loader(*s.dataset, s.split.train, crop_policy(recipe, *s.dataset),
                {.batch_size = s.request.batch_size,
                 .least_batch = recipe.least_batch > 0 ? recipe.least_batch : s.request.batch_size,
                 .workers = s.request.workers,
                 .cache = cache_options(s.request),
                 .rank = s.processes.rank(),
                 .world = s.processes.size()},
                rng.child("loader"));
  const ProcessGroup* const group = s.processes.group.get();
  const StepOptions how = step_options(s.request);
  const auto step_parts = [&](Optimizer& optimizer, bool nt) {
    return StepParts{*s.model, *s.loss, nt ? *s.defense : *s.baseline, optimizer, how, group};
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
TrainResult recorded_training(const TrainRequest& given, Setup& s) {
  make_folder(s.folder.path());
  const FolderLock lock(s.folder.lock(),
                        {"another robiq trains into this folder", s.folder.path().string(),
                         "wait until it has ended, or choose another --out"});
  check_folder(given, s.folder, s.recipe, s.options_sha256);  // what has come since set_up()
  const ScopedLogCopy log_copy(s.folder.log());
  if (!std::filesystem::exists(s.folder.config())) write_file(s.folder.config(), s.config);
  if (!std::filesystem::exists(s.folder.split())) {
    write_split(s.split, s.dataset->records(), s.folder.split());
  }
  RunRecord record(s.folder.results(), run_row(s), s.request.resume);
  log::info("training {} ({}) on {}: {} pictures, {} for validation; seed {}, {}",
            s.model_spec.text, s.defense_text, s.dataset->card().spec, s.split.train.size(),
            s.split.val.size(), s.request.seed, device_description(s.model->device()));
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
  Setup s = set_up(given);
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
