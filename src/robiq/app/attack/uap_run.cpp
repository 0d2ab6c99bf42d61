#include "robiq/app/attack/uap_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "robiq/app/attack/uap_progress.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/run/read_inputs.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/params.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/data/picture_identity.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

OptionTable<UapRequest> UapRequest::options() {
  using R = UapRequest;
  using O = Option<R>;
  return {
      {"model", &R::model, "the model whose score is raised, with options as NAME:key=value"},
      O{"weights", &R::weights, kWeightsHelp}.where_only(),
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      O{"data", &R::data, "what to train on: builtin, csv:FILE, ..."}.where_only(),
      {"split", &R::split, "which pictures"},
      O{"split_file", &R::split_file,
        "a split that `robiq data split` wrote; \"\": drawn from the weights' seed"}
          .where_only(),
      O{"out", &R::out, "FILE.safetensors to write; FILE.png is written beside it"}.where_only(),
      {"variant", &R::variant, "Adam, or plain steps on the gradient"},
      {"bound", &R::bound, "largest absolute value of the perturbation", 1e-6, 1,
       "(pixel values: 0 to 1)"},
      {"learning_rate", &R::learning_rate, "learning rate of Adam", 0, 1},
      O{"epochs", &R::epochs, "passes over the set", 1, 1e6}.where_only(),
      {"batch_size", &R::batch_size, "pictures a step", 1, 4096},
      {"limit", &R::limit, "use at most so many pictures; 0: all", 0, 1e9},
      O{"max_steps", &R::max_steps, "stop after so many steps; 0: no limit", 0, 1e12}.where_only(),
      {"views", &R::views, "views of each 256 x 256 training picture: grid, or a number"},
      O{"force", &R::force, "replace files of that name that robiq did not write, and begin anew"}
          .where_only(),
      {"seed", &R::seed, "seed of everything random", 0, 9e18},
      O{"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024}
          .where_only(),
      O{"device", &R::device, "cpu, cuda, cuda:N or auto"}.where_only(),
  };
}

namespace {

/// One step's pictures, drawn without repetition within the step.
at::Tensor draw_batch(const Dataset& dataset, std::vector<std::size_t> records, std::int64_t count,
                      const Rng& rng, c10::Device device) {
  RandomStream stream(rng);
  std::vector<at::Tensor> pictures;
  for (std::size_t i = 0; i < records.size() && std::ssize(pictures) < count; ++i) {
    std::swap(records[i], records[i + stream.below(records.size() - i)]);
    const at::Tensor bytes = dataset.read(dataset.records()[records[i]]);
    pictures.push_back(universal_training_picture(to_float(bytes.to(device)).unsqueeze(0)));
  }
  return at::cat(pictures);
}

/// The model on 256 x 256 pictures: its views, unless it takes pictures whole.
std::unique_ptr<CropEnsemble> training_model(QualityModel& model, const std::string& views,
                                             const Rng& rng) {
  return PictureScorer(model, parse_views(views, model.card()))
      .ensemble(kUniversalSide, kUniversalSide, rng);
}

/// What a training must share with an unfinished one to go on with it: not how far it goes.
std::string identity_of(const UapRequest& request, const LoadedModel& loaded,
                        const Dataset& dataset, const ChosenPictures& chosen) {
  return sha256(toml_text(identity_values(request)) + loaded.weights_sha256 +
                pictures_sha256(dataset, chosen.records, chosen.identities));
}

void check_out(const UapRequest& request) {
  const std::filesystem::path out = request.out;
  if (out.empty()) {
    throw Error(ErrorKind::kUsage,
                {"no file for the perturbation", "--out", "name FILE.safetensors"});
  }
  if (out.extension() != ".safetensors") {
    throw Error(ErrorKind::kUsage, {"the name '" + request.out + "' does not end in .safetensors",
                                    "--out", "name FILE.safetensors"});
  }
  const std::filesystem::path picture = std::filesystem::path(out).replace_extension(".png");
  const bool ours = is_our_universal(out);
  refuse_to_replace(out, ours, request.force);
  refuse_to_replace(picture, ours || has_our_mark(picture), request.force);
}

/// A training under way.
struct Training {
  const UapRequest& request;
  const Dataset& dataset;
  const std::vector<std::size_t>& records;
  c10::Device device;
  UniversalTrainer& trainer;
  const UapProgress& progress;
  std::int64_t steps = 0, done = 0;
  UapLosses losses{};

  void save() const {
    if (done > 0) progress.save(trainer, done, losses);
  }
  void step(const Rng& rng) {
    const Rng position = rng.child("batch").child(static_cast<std::uint64_t>(done));
    losses.last = trainer.step(draw_batch(dataset, records, request.batch_size, position, device));
    if (done == 0) losses.first = losses.last;
    ++done;
  }
  void run(const Rng& rng);
};

void Training::run(const Rng& rng) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kBetweenSaves = std::chrono::minutes(1);
  Progress shown("uap", steps, "steps");
  auto saved = Clock::now();
  try {
    while (done < steps) {
      if (stop_requested()) {
        throw Interrupted(fmt::format(
            "the training was stopped after {} of {} steps; {}", done, steps,
            done == 0 ? "nothing was written" : "the same command goes on where it stopped"));
      }
      step(rng);
      shown.update(done);
      if (Clock::now() - saved < kBetweenSaves) continue;
      save();
      saved = Clock::now();
    }
  } catch (...) {
    save();
    throw;
  }
}

double mean_score(double loss) { return 100 * (1 - loss); }

}  // namespace

void UapRequest::settle(UapRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(request.variant == UapVariant::kOptimized, {"learning_rate"}, "--variant optimized");
  rules.clash(request.split == SplitPart::kAll, {"split_file"}, "--split all");
}

TrainedPerturbation run_uap(const UapRequest& request) {
  const auto started = std::chrono::steady_clock::now();
  check_out(request);
  prepare_arithmetic(request.threads);
  LoadedModel loaded =
      load_model_flag(request.model, request.weights, request.scale, request.device);
  const std::unique_ptr<Dataset> dataset = make_dataset(request.data);
  ChosenPictures chosen = choose_pictures(
      *dataset, {request.split, request.split_file, {}, request.seed, request.limit}, loaded.card,
      1);
  chosen.identities = picture_identities(*dataset, chosen.records, 1, nullptr);
  const Rng rng(static_cast<std::uint64_t>(request.seed));
  const auto model = training_model(*loaded.model, request.views, rng.child("views"));
  UniversalTrainer trainer(
      *model, {request.variant == UapVariant::kCumulative, request.bound, request.learning_rate});
  const UapProgress progress(request.out, identity_of(request, loaded, *dataset, chosen));
  if (request.force) progress.remove();
  Training training{request, *dataset, chosen.records, loaded.model->device(), trainer, progress};
  const std::int64_t per_epoch =
      (std::ssize(chosen.records) + request.batch_size - 1) / request.batch_size;
  training.steps = request.epochs * per_epoch;
  if (request.max_steps > 0) training.steps = std::min(training.steps, request.max_steps);
  training.done = progress.resume(trainer, training.losses);
  if (training.done > training.steps) {
    throw Error(ErrorKind::kUsage,
                {fmt::format("the unfinished training has done {} steps, {} are asked for",
                             training.done, training.steps),
                 progress.file().string(), "ask for at least as many, or begin anew with --force"});
  }
  if (training.done > 0) {
    log::info("going on after step {} of {}, from {}", training.done, training.steps,
              progress.file().string());
  }
  training.run(rng);
  std::sort(chosen.identities.begin(), chosen.identities.end());
  write_universal(request.out, {trainer.perturbation(), request.bound, chosen.identities},
                  loaded.card.model + " " + loaded.weights_sha256);
  progress.remove();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  return {.out = request.out,
          .picture = std::filesystem::path(request.out).replace_extension(".png").string(),
          .steps = training.done,
          .loss_first = training.losses.first,
          .loss_last = training.losses.last,
          .score_first = mean_score(training.losses.first),
          .score_last = mean_score(training.losses.last),
          .linf = trainer.perturbation().abs().max().item<double>(),
          .seconds = seconds.count()};
}

ResultColumns<TrainedPerturbation> TrainedPerturbation::columns() {
  using R = TrainedPerturbation;
  ResultColumns<R> columns;
  columns.add("out", &R::out)
      .add("picture", &R::picture)
      .add("steps", &R::steps)
      .add("loss_first", &R::loss_first)
      .add("loss_last", &R::loss_last)
      .add("score_first", &R::score_first)
      .add("score_last", &R::score_last)
      .add("scale", &R::scale)
      .add("linf", &R::linf)
      .add("seconds", &R::seconds)
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

}  // namespace robiq
