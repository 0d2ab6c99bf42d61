#include "robiq/app/bench_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/inputs.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"
#include "robiq/train/train_step.h"

namespace robiq {

OptionTable<NtStepBench> NtStepBench::options() {
  using R = NtStepBench;
  return {
      {"model", &R::model, "what to train, with options as NAME:key=value; random weights"},
      {"batch", &R::batch, "pictures a step", 1, 4096},
      {"steps", &R::steps, "timed steps of each kind", 1, 100000},
      {"side", &R::side, "of the square pictures; 0: the model's training crop", 0, 4096, "pixels"},
      {"nt_form", &R::nt_form, "form of the NT term", {"square", "abs", "exact"}},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"seed", &R::seed, "of weights and pictures", 0, 9e18},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

OptionTable<PictureBench> PictureBench::options() {
  using R = PictureBench;
  return {
      {"model", &R::model, "what to run, with options as NAME:key=value; random weights"},
      {"attack", &R::attack, "which attack (bench attack)"},
      {"level", &R::level, "attack each view by itself, or the whole picture", {"view", "image"}},
      {"height", &R::height, "of the picture", 16, 16384, "pixels"},
      {"width", &R::width, "of the picture", 16, 16384, "pixels"},
      {"repeats", &R::repeats, "timed runs", 1, 100000},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"seed", &R::seed, "of weights and picture", 0, 9e18},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

using Json = nlohmann::ordered_json;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double seconds_of(const std::function<void()>& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

std::unique_ptr<QualityModel> random_model(const std::string& spec, const Rng& rng,
                                           c10::Device device) {
  seed_torch_globals(rng.child("init"));
  auto model = Registry<QualityModel>::instance().make(parse_spec(spec, "--model"), "--model");
  model->move_to(device);
  return model;
}

void throw_if_stopped() {
  if (stop_requested()) throw Interrupted("the bench was stopped");
}

/// A model with its optimiser and one kind of step.
struct Stepper {
  Stepper(const NtStepBench& request, const std::string& defense_spec, c10::Device device)
      : model(random_model(request.model, Rng(static_cast<std::uint64_t>(request.seed)), device)),
        loss(Registry<Loss>::instance().make(model->card().recipe.loss, {})),
        defense(Registry<Defense>::instance().make(parse_spec(defense_spec, "bench"), "bench")),
        optimizer({"adam", 1e-4, {}, 0}, model->parameter_groups()) {
    model->set_training(true);
  }

  void step(const at::Tensor& images, const at::Tensor& mos, std::int64_t number) {
    train_step({*model, *loss, *defense, optimizer}, {images.detach(), mos},
               Rng(0).child(static_cast<std::uint64_t>(number)));
  }

  std::unique_ptr<QualityModel> model;
  std::unique_ptr<Loss> loss;
  std::unique_ptr<Defense> defense;
  Optimizer optimizer;
};

/// Height and width of a training input: as asked, or the recipe's crop, or what the model resizes
/// to.
std::pair<std::int64_t, std::int64_t> training_size(const ModelCard& card, std::int64_t side) {
  if (side <= 0) side = card.recipe.crop_side;
  if (side > 0) return {side, side};
  if (card.views.resize_height > 0) return {card.views.resize_height, card.views.resize_width};
  const std::int64_t least = std::max<std::int64_t>(224, card.min_side);
  return {least, least};
}

}  // namespace

Json bench_nt_step(const NtStepBench& request) {
  const std::int64_t threads = prepare_arithmetic(request.threads);
  const c10::Device device = parse_device(request.device);
  Stepper baseline(request, "none", device);
  Stepper nt(request, "gradient-norm:weight=1e-6,form=" + request.nt_form, device);
  const auto [height, width] = training_size(nt.model->card(), request.side);
  const Rng rng(static_cast<std::uint64_t>(request.seed));
  const at::Tensor images =
      uniform_tensor(rng.child("images"), {request.batch, 3, height, width}, 0, 1, device);
  const at::Tensor mos = uniform_tensor(rng.child("mos"), {request.batch}, 0, 100, device);
  std::vector<double> baseline_seconds, nt_seconds;
  std::int64_t peak = 0;
  constexpr std::int64_t kWarmup = 2;
  for (std::int64_t i = 0; i < kWarmup + request.steps; ++i) {
    throw_if_stopped();
    const double plain = seconds_of([&] { baseline.step(images, mos, i); });
    reset_peak_memory(device);
    const double with_nt = seconds_of([&] { nt.step(images, mos, i); });
    if (i < kWarmup) continue;
    peak = std::max(peak, peak_memory_bytes(device));
    baseline_seconds.push_back(plain);
    nt_seconds.push_back(with_nt);
  }
  const double plain = median(baseline_seconds), with_nt = median(nt_seconds);
  return Json::array({{{"model", request.model},
                       {"batch", request.batch},
                       {"height", height},
                       {"width", width},
                       {"steps", request.steps},
                       {"threads", threads},
                       {"device", device_description(device)},
                       {"baseline_seconds", plain},
                       {"nt_seconds", with_nt},
                       {"ratio", with_nt / plain},
                       {"images_per_second", static_cast<double>(request.batch) / with_nt},
                       {"peak_bytes", peak},
                       {"robiq_version", version()}}});
}

namespace {

at::Tensor random_bytes(const PictureBench& request, const Rng& rng) {
  const std::vector<std::int64_t> shape = {3, request.height, request.width};
  return to_bytes(uniform_tensor(rng.child("images"), shape, 0, 1, c10::kCPU));
}

/// What a picture bench works on.
struct PictureSetup {
  explicit PictureSetup(const PictureBench& request)
      : threads(prepare_arithmetic(request.threads)),
        device(parse_device(request.device)),
        rng(static_cast<std::uint64_t>(request.seed)),
        model(random_model(request.model, rng, device)),
        picture(picture_input(random_bytes(request, rng), model->card(), model->card().views,
                              /*fit=*/false, device)),
        views(make_views(model->card().views, picture.size(2), picture.size(3), rng)) {
    model->set_training(false);
  }

  [[nodiscard]] Json row(const PictureBench& request, const std::vector<double>& seconds) const {
    return {{"model", request.model},     {"height", request.height},
            {"width", request.width},     {"views", views.size()},
            {"threads", threads},         {"device", device_description(device)},
            {"seconds", median(seconds)}, {"peak_bytes", peak_memory_bytes(device)},
            {"robiq_version", version()}};
  }

  std::int64_t threads;
  c10::Device device;
  Rng rng;
  std::unique_ptr<QualityModel> model;
  at::Tensor picture;
  std::vector<View> views;
};

}  // namespace

Json bench_score(const PictureBench& request) {
  PictureSetup setup(request);
  std::vector<double> seconds;
  static_cast<void>(score_picture(*setup.model, setup.picture, setup.views));
  for (std::int64_t i = 0; i < request.repeats; ++i) {
    throw_if_stopped();
    seconds.push_back(seconds_of(
        [&] { static_cast<void>(score_picture(*setup.model, setup.picture, setup.views)); }));
  }
  Json row = setup.row(request, seconds);
  row["pictures_per_second"] = 1 / median(seconds);
  return Json::array({row});
}

Json bench_attack(const PictureBench& request) {
  PictureSetup setup(request);
  const std::unique_ptr<Attack> attack = make_attack(request.attack);
  std::vector<double> seconds;
  AttackedPicture attacked;
  for (std::int64_t i = 0; i < request.repeats; ++i) {
    throw_if_stopped();
    const AttackContext context{setup.rng, stop_requested};
    if (level_of(*attack, parse_level(request.level)) == AttackLevel::kView) {
      attacked = attack_views(*setup.model, *attack, setup.picture, setup.views, "bench", context);
    } else {
      CropEnsemble whole(*setup.model, setup.views, view_chunk(setup.model->card(), setup.views));
      attacked = attack_whole(whole, whole, *attack, setup.picture, "bench", context);
    }
    seconds.push_back(attacked.seconds);
  }
  Json row = setup.row(request, seconds);
  row["attack"] = request.attack;
  row["level"] = request.level;
  row["forwards"] = attacked.forwards;
  row["backwards"] = attacked.backwards;
  return Json::array({row});
}

}  // namespace robiq
