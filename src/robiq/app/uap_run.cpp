#include "robiq/app/uap_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "robiq/app/chosen_pictures.h"
#include "robiq/app/inputs.h"
#include "robiq/attack/universal.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {

OptionTable<UapRequest> UapRequest::options() {
  using R = UapRequest;
  return {
      {"model", &R::model, "the model whose score is raised, with options as NAME:key=value"},
      {"weights", &R::weights, "its checkpoint"},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      {"data", &R::data, "what to train on: builtin, csv:FILE, ..."},
      {"split", &R::split, "which pictures", {"train", "val", "test", "all"}},
      {"split_file", &R::split_file, "of `robiq data split`; \"\": split by the weights' seed"},
      {"out", &R::out, "FILE.safetensors to write; FILE.png is written beside it"},
      {"variant", &R::variant, "Adam, or plain steps on the gradient", {"optimized", "cumulative"}},
      {"bound", &R::bound, "largest absolute value of the perturbation", 0, 1, "of [0,1]"},
      {"learning_rate", &R::learning_rate, "of Adam", 0, 1},
      {"epochs", &R::epochs, "passes over the set", 1, 1e6},
      {"batch_size", &R::batch_size, "pictures a step", 1, 4096},
      {"limit", &R::limit, "use at most so many pictures; 0: all", 0, 1e9},
      {"max_steps", &R::max_steps, "stop after so many steps; 0: no limit", 0, 1e12},
      {"views", &R::views, "of the 256 x 256 training pictures: grid or how many"},
      {"seed", &R::seed, "of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

/// One step's pictures, drawn without repetition within the step.
at::Tensor draw_batch(const Dataset& dataset, std::vector<std::size_t> records, std::int64_t count,
                      const Rng& at, c10::Device device) {
  RandomStream stream(at);
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
  ViewPolicy policy = parse_views(views, model.card());
  const std::pair<std::int64_t, std::int64_t> resize{policy.resize_height, policy.resize_width};
  const std::int64_t height = resize.first > 0 ? resize.first : kUniversalSide;
  const std::int64_t width = resize.first > 0 ? resize.second : kUniversalSide;
  std::vector<View> cuts = make_views(policy, height, width, rng);
  const std::int64_t chunk = view_chunk(model.card(), cuts);
  return std::make_unique<CropEnsemble>(model, std::move(cuts), chunk, resize);
}

}  // namespace

nlohmann::ordered_json run_uap(const UapRequest& request) {
  const auto started = std::chrono::steady_clock::now();
  if (std::filesystem::path(request.out).extension() != ".safetensors") {
    throw Error(ErrorKind::kUsage, {"'" + request.out + "' is no name for a perturbation", "--out",
                                    "name FILE.safetensors"});
  }
  prepare_arithmetic(request.threads);
  LoadedModel loaded =
      load_model_flag(request.model, request.weights, request.scale, request.device);
  const std::unique_ptr<Dataset> dataset = make_dataset(request.data);
  const std::vector<std::size_t> records =
      choose_pictures(*dataset,
                      {request.split, request.split_file, -1, request.seed, request.limit},
                      loaded.card, 1)
          .records;
  const Rng rng(static_cast<std::uint64_t>(request.seed));
  const auto model = training_model(*loaded.model, request.views, rng.child("views"));
  UniversalTrainer trainer(*model,
                           {request.variant == "cumulative", request.bound, request.learning_rate});
  const std::int64_t per_epoch =
      (std::ssize(records) + request.batch_size - 1) / request.batch_size;
  std::int64_t steps = request.epochs * per_epoch;
  if (request.max_steps > 0) steps = std::min(steps, request.max_steps);
  Progress progress("uap", steps, "steps");
  double first = 0, last = 0;
  for (std::int64_t step = 0; step < steps; ++step) {
    if (stop_requested()) throw Interrupted("nothing was written");
    const Rng at = rng.child("batch").child(static_cast<std::uint64_t>(step));
    last =
        trainer.step(draw_batch(*dataset, records, request.batch_size, at, loaded.model->device()));
    if (step == 0) first = last;
    progress.update(step + 1);
  }
  write_universal(request.out, {trainer.perturbation(), request.bound},
                  loaded.card.model + " " + loaded.weights_sha256);
  nlohmann::ordered_json result;
  result["out"] = request.out;
  result["picture"] = std::filesystem::path(request.out).replace_extension(".png").string();
  result["steps"] = steps;
  result["loss_first"] = first;
  result["loss_last"] = last;
  result["linf"] = trainer.perturbation().abs().max().item<double>();
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  result["robiq_version"] = version();
  return result;
}

}  // namespace robiq
