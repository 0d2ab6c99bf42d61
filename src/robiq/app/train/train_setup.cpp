#include "robiq/app/train/train_setup.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "robiq/app/data/split_run.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/data/picture_identity.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/random.h"

namespace robiq {

StepOptions step_options(const TrainRequest& request) {
  return {request.micro_batch, request.nt ? request.nt_choice.scheme : StepScheme::kAuto};
}

std::vector<std::size_t> Split::*judged_part(const TrainingRecipe& recipe) {
  return recipe.select_on_test ? &Split::test : &Split::val;
}

bool always_frozen(const TrainSetup& setup) {
  return setup.recipe.first_phases.empty() && setup.defense->freezes_statistics();
}

std::int64_t least_last_batch(const TrainingRecipe& recipe, std::int64_t batch_size,
                              std::int64_t processes) {
  const std::int64_t least = recipe.least_batch;
  if (least == 0) return batch_size;
  return least == 1 ? 1 : least * processes;
}

PictureCacheOptions cache_options(const TrainRequest& request) {
  constexpr double kGib = 1 << 30;
  return {.memory_bytes = static_cast<std::int64_t>(request.cache.memory_gib * kGib),
          .folder = request.cache.folder,
          .folder_bytes = static_cast<std::int64_t>(request.cache.folder_gib * kGib)};
}

namespace {

void check_precision(const TrainRequest& request) {
  if (request.precision == NumberFormat::kFp32) return;
  if (!request.nt && request.defense != "none" && !request.defense.empty()) {
    throw Error(ErrorKind::kUsage, {"defenses are trained in fp32", "--precision",
                                    "leave it out, or train a baseline in bf16"});
  }
  if (!request.nt) return;
  throw Error(ErrorKind::kUsage, {"NT divides small differences of scores by " +
                                      number_text(request.nt_choice.shape.step) +
                                      "; in bf16 those differences are mostly rounding noise",
                                  "--precision", "train with NT in fp32, or a baseline in bf16"});
}

/// What a resumed run must have in common with its first part: all but where it runs.
std::string hash_of_config(const TrainRequest& request) {
  return sha256(toml_text(identity_values(request)));
}

/// Without what the recipe filled in and nothing uses: what is written can be given back.
std::vector<std::pair<std::string, OptionValue>> values_with_effect(const TrainRequest& request,
                                                                    const QualityModel& model,
                                                                    const TrainingRecipe& recipe) {
  auto values = option_values(request);
  std::erase_if(values, [&](const auto& value) {
    const std::string& name = value.first;
    if (name == "join_timeout" || name == "process_timeout") return true;  // of this start alone
    if (name == "first_epochs") return recipe.first_phases.empty();
    // Whether it names gradient-norm or not, --defense says it all.
    if (name == "nt" && !request.defense.empty()) return !request.nt;
    if (!name.starts_with("nt_")) return false;
    if (name == "nt_batchnorm" && running_statistics(model).empty()) return true;
    const bool difference = name == "nt_step" || name == "nt_scheme";
    return !request.nt || (difference && request.nt_choice.shape.form == NormForm::kExact) ||
           (name == "nt_first_phase" && recipe.first_phases.empty());
  });
  return values;
}

/// What is left out is part of what a resumed run must share with its first part.
void leave_out_missing(TrainSetup& s) {
  std::vector<std::size_t>& judged = s.split.*judged_part(s.recipe);
  std::vector<std::size_t> all = s.split.train;
  all.insert(all.end(), judged.begin(), judged.end());
  s.missing = find_missing(*s.dataset, all,
                           {s.request.missing.allowed, s.request.missing.workers,
                            cache_options(s.request), s.processes.group.get()});
  s.pictures_expected = std::ssize(all);
  if (s.missing.empty()) return;
  leave_out(s.missing, s.split.train);
  leave_out(s.missing, judged);
  std::string ids;
  for (const MissingPicture& picture : s.missing) {
    ids += s.dataset->records()[picture.record].id + "\n";
  }
  s.config_sha256 = sha256(s.config_sha256 + ids);
}

/// What is trained on must be the same when a run is resumed, and is named in the weights' card
/// together with what the initial weights were trained on.
void identify_pictures(TrainSetup& s, const TrainingPictures& initial) {
  const auto identities = [&](const std::vector<std::size_t>& records) {
    return picture_identities(*s.dataset, records, s.request.missing.workers,
                              s.processes.group.get());
  };
  s.pictures.training = identities(s.split.train);
  const std::vector<std::string> judged = identities(s.split.*judged_part(s.recipe));
  if (!s.recipe.select_on_test) s.pictures.validation = judged;  // a test part stays one
  s.config_sha256 =
      sha256(s.config_sha256 + join(s.pictures.training, "") + "/" + join(judged, ""));
  s.pictures.add(initial);
  s.records_sha256 = records_sha256(*s.dataset);
}

/// Options that speak of what this model or its recipe does not have would have no effect.
void check_options_of(const TrainRequest& given, const QualityModel& model,
                      const TrainingRecipe& recipe) {
  if (given.nt_choice.batchnorm && running_statistics(model).empty()) {
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
  refuse(given.first_epochs.has_value(), "--first-epochs");
  refuse(given.nt_choice.first_phase, "--nt-first-phase");
}

void check_micro_batch(const TrainRequest& filled) {
  if (filled.micro_batch <= filled.batch_size.value()) return;
  throw Error(
      ErrorKind::kUsage,
      {"micro-batches of " + std::to_string(filled.micro_batch) +
           " crops are larger than the batch of " + std::to_string(filled.batch_size.value()),
       "--micro-batch", "give at most as many crops as the batch has, or leave it out"});
}

/// Batch normalisation learns nothing of fewer rows than its recipe says, in any process. Frozen
/// statistics do with any number.
void check_least_rows(const TrainSetup& s) {
  const std::int64_t least = s.recipe.least_batch, world = s.processes.size();
  if (least < 2 || always_frozen(s)) return;
  const auto refuse = [&](const std::string& what, const char* flag) {
    throw Error(
        ErrorKind::kUsage,
        {s.model->card().name + " needs " + std::to_string(least) + " pictures at once, " + what,
         flag, world > 1 ? "give more pictures, or start fewer processes" : "give more pictures"});
  };
  if (s.request.batch_size.value() < least * world) {
    refuse("and the batch has fewer for each process", "--batch-size");
  }
  if (s.request.micro_batch > 0 && s.request.micro_batch < least) {
    refuse("and a micro-batch has fewer", "--micro-batch");
  }
}

void check_something_learns(const TrainSetup& s) {
  const std::vector<ParamGroup> groups = s.model->parameter_groups();
  if (std::ranges::all_of(groups, [](const ParamGroup& group) { return group.tensors.empty(); })) {
    throw Error(ErrorKind::kUsage,
                {"this model has no parameters, so that nothing can learn", s.model_spec.text,
                 "train a model with parameters; a TorchScript module keeps its own as such"});
  }
  if (s.loss->is_mean_over_pictures() || s.request.batch_size.value() > 1) return;
  throw Error(ErrorKind::kUsage,
              {"the loss '" + s.request.loss.value() +
                   "' compares the pictures of a batch, and a batch of one has nothing to compare",
               "--batch-size", "take at least 2 pictures a batch, or another --loss"});
}

/// The first option that differs, as " (epochs was 5)"; "" where none does.
std::string first_difference(const TrainRequest& earlier, const TrainRequest& now) {
  std::map<std::string, OptionValue> values;
  for (const auto& [name, value] : identity_values(earlier)) values.emplace(name, value);
  for (const auto& [name, value] : identity_values(now)) {
    const auto before = values.find(name);
    if (before == values.end() || before->second == value) continue;
    return " (" + name + " was " + toml_value(before->second) + ")";
  }
  return "";
}

}  // namespace

void check_train_folder(const TrainRequest& request, const TrainSetup& setup) {
  const RunFolder& folder = setup.folder;
  check_run_folder(folder.path());
  if (!std::filesystem::exists(folder.config())) return;
  if (!request.resume) {
    throw Error(ErrorKind::kUsage, {"'" + request.out + "' already holds a run", "--out",
                                    "go on with --resume, or choose another folder"});
  }
  auto earlier = assign_options<TrainRequest>(read_toml(folder.config()));
  fill_from_recipe(earlier, setup.recipe);
  if (hash_of_config(earlier) == setup.options_sha256) return;
  throw Error(ErrorKind::kUsage, {"the run to resume was started with another configuration" +
                                      first_difference(earlier, setup.request),
                                  folder.config().string(),
                                  "go on with --resume --config " + folder.config().string() +
                                      ", or choose another --out"});
}

TrainSetup set_up_training(const TrainRequest& given) {
  TrainSetup s{.request = given, .folder = RunFolder(given.out)};
  if (given.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the run", "--out", "name a folder to write to"});
  }
  check_precision(given);
  const Rng rng(static_cast<std::uint64_t>(given.compute.seed));
  s.processes = join_processes(process_flags(given.compute, given.waiting, given.alone));
  s.request.compute.threads = s.processes.threads;
  s.model_spec = Registry<QualityModel>::instance().parse(given.model, "--model");
  seed_torch_globals(rng.child("init"));
  s.model = Registry<QualityModel>::instance().make(s.model_spec, "--model");
  s.recipe = recipe_for(s.model->card(), given.compat);
  check_options_of(given, *s.model, s.recipe);
  fill_from_recipe(s.request, s.recipe);
  check_micro_batch(s.request);
  static_cast<void>(parse_views(s.request.views, s.model->card()));
  s.loss = Registry<Loss>::instance().make(parse_spec(s.request.loss.value(), "--loss"), "--loss");
  check_something_learns(s);
  s.defense_text = defense_text(s.request);
  s.defense = make_defense(s.defense_text, given.defense.empty() ? "--nt" : "--defense");
  s.baseline = Registry<Defense>::instance().make("none", {});
  check_least_rows(s);
  check_step_options(step_options(s.request), *s.model, *s.defense, s.request.batch_size.value());
  s.config = toml_text(values_with_effect(s.request, *s.model, s.recipe));
  s.options_sha256 = s.config_sha256 = hash_of_config(s.request);
  if (s.processes.first()) check_train_folder(given, s);
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
  check_agreement(s.processes.group.get(), s.config_sha256);  // before pictures are dealt out
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

}  // namespace robiq
