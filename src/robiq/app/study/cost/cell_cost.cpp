#include "robiq/app/study/cost/cell_cost.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/app/attack/aligned_attacks.h"
#include "robiq/app/data/split_run.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/app/train/train_setup.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/core/log.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {
namespace {

/// The text of all that a measurement depends on.
template <class Request>
std::string key_of(const Request& request) {
  return toml_text(option_values(request));
}

double number(std::int64_t value) { return static_cast<double>(value); }

/// "0.52 s".
std::string seconds_text(double seconds) { return fmt::format("{:.3g} s", seconds); }

}  // namespace

CostMeter::CostMeter(const std::vector<StudyCell>& cells, c10::Device device) : device_(device) {
  for (const StudyCell& cell : cells) {
    if (const auto* fit = std::get_if<UapRequest>(&cell.request)) fitted_.insert(fit->out);
  }
}

CellCost CostMeter::cost_of(const StudyCell& cell) {
  throw_if_bench_stopped();
  return std::visit([&](const auto& request) { return cost(cell, request); }, cell.request);
}

const CostMeter::Source& CostMeter::source(const std::string& data) {
  const auto [it, inserted] = sources_.try_emplace(data);
  Source& source = it->second;
  if (!inserted) return source;
  log::info("reading {}", data);
  source.open_seconds = seconds_of([&] {
    source.dataset = make_dataset(data);
    static_cast<void>(source.dataset->records().size());
  });
  const auto records = source.dataset->records();
  const std::size_t few = std::min<std::size_t>(3, records.size());
  const double seconds = seconds_of([&] {
    for (const ImageRecord& record : records.first(few)) {
      static_cast<void>(source.dataset->read(record));
    }
  });
  source.read_seconds = seconds / static_cast<double>(std::max<std::size_t>(1, few));
  return source;
}

Split CostMeter::split_for(const StudyCell& cell, const TrainRequest& request) {
  const Dataset& dataset = *source(request.data).dataset;
  const bool drawn = request.split_file.empty() || !cell.split_of.empty();
  const std::int64_t seed = request.split_file.empty() ? request.compute.seed : cell.seed;
  Split split = drawn ? make_split(dataset.records(), {},
                                   Rng(static_cast<std::uint64_t>(seed)).child("split"),
                                   SplitPurpose::kTraining)
                      : read_split_file(request.split_file, dataset);
  if (request.limit > 0 && request.limit < std::ssize(split.train)) {
    split.train.resize(static_cast<std::size_t>(request.limit));
  }
  return split;
}

const TrainingCost& CostMeter::training(const TrainRequest& request, const Split& split,
                                        const TrainingRecipe& recipe) {
  TrainRequest alike = request;
  alike.out.clear();
  alike.split_file.clear();
  alike.init.clear();
  alike.compute.seed = 0;
  alike.max_steps = 0;
  if (alike.nt) alike.nt_weight = 0;  // takes no time of its own
  const auto [it, inserted] = trainings_.try_emplace(key_of(alike));
  if (!inserted) return it->second;
  log::info("measuring a training step of {}{}", request.model,
            request.nt                ? " with NT"
            : request.defense.empty() ? ""
                                      : " with " + request.defense);
  it->second = measure_training(alike, *source(request.data).dataset, split.train,
                                split.*judged_part(recipe), device_);
  return it->second;
}

CellCost CostMeter::cost(const StudyCell& cell, const TrainRequest& request) {
  const Split split = split_for(cell, request);
  const Source& from = source(request.data);
  const auto model =
      Registry<QualityModel>::instance().make(parse_spec(request.model, "model"), "");
  const TrainingRecipe recipe = recipe_for(model->card(), request.compat);
  const TrainingCost& measured = training(request, split, recipe);
  const std::int64_t validated = std::ssize(split.*judged_part(recipe));
  CellCost cost;
  cost.pictures = std::ssize(split.train);
  std::string of_steps;
  const std::vector<std::int64_t> steps = measured.steps(request.max_steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    cost.steps += steps[i];
    cost.seconds += number(steps[i]) * measured.phases[i].step_seconds;
    of_steps += (of_steps.empty() ? "" : ", ") + seconds_text(measured.phases[i].step_seconds);
  }
  const std::int64_t per_epoch = std::max<std::int64_t>(1, measured.batches_per_epoch);
  cost.forwards = number(validated * ((cost.steps + per_epoch - 1) / per_epoch));
  cost.seconds += cost.forwards * measured.validation.forward_seconds + from.open_seconds;
  // Each is read once to be known by its content, and once for use.
  cost.seconds += 2 * number(cost.pictures + validated) * from.read_seconds;
  cost.memory_bytes = std::max(measured.peak_bytes, measured.validation.peak_bytes);
  cost.rests_on = fmt::format("{} a step of {}, {} to validate a picture", of_steps, measured.batch,
                              seconds_text(measured.validation.forward_seconds));
  return cost;
}

const CostMeter::Seen& CostMeter::seen(const EvaluateRequest& request, const std::string& model,
                                       std::size_t record) {
  const Dataset& dataset = *source(request.data).dataset;
  const at::Tensor bytes = dataset.read(dataset.records()[record]);
  const NumberFormat precision = model == request.model ? request.precision : NumberFormat::kFp32;
  const std::string key =
      fmt::format("{} {} {} {} {}x{}", model, request.views.policy, request.views.fit,
                  word_of(precision), bytes.size(1), bytes.size(2));
  const auto [it, inserted] = seen_.try_emplace(key);
  if (!inserted) return it->second;
  log::info("measuring a pass of {} over a picture of {} x {}", model, bytes.size(2),
            bytes.size(1));
  const auto network = with_precision(random_model(model, Rng(0), device_), precision);
  network->set_training(false);
  const PictureScorer scorer(*network, parse_views(request.views.policy, network->card()),
                             request.views.fit);
  const ModelInput input = scorer.input(bytes);
  it->second = {measure_pass(scorer, bytes), scorer.whole(bytes).picture,
                cut_views(input.picture, {input.views.front()})};
  return it->second;
}

CellCost CostMeter::cost(const StudyCell& /*cell*/, const EvaluateRequest& request) {
  const Source& from = source(request.data);
  const ChosenPictures chosen = choose_pictures(
      *from.dataset,
      {request.split, std::filesystem::exists(request.split_file) ? request.split_file : "",
       request.split_seed, request.compute.seed, request.limit},
      {}, 2);
  const std::size_t record = chosen.records.front();
  const Seen& victim = seen(request, request.model, record);
  CellCost picture;
  picture.forwards = picture.backwards = 1;  // the clean score and its gradient
  picture.seconds =
      victim.pass.forward_seconds + victim.pass.backward_seconds + 2 * from.read_seconds;
  if (request.certificate.any()) {
    picture.forwards += number(request.certificate.passes());
    picture.seconds += number(request.certificate.passes()) * victim.pass.forward_seconds;
  }
  CellCost attacks;
  for (const std::string& attack : request.attack) {
    add_attack(request, attack, record, std::ssize(chosen.records), attacks);
  }
  CellCost cost;
  cost.pictures = std::ssize(chosen.records);
  double attacked = number(cost.pictures);
  if (!request.align.empty()) {
    constexpr double kTrials = 12;  // of a search for a strength, about
    attacked += kTrials * number(std::min(kAlignedPictures, cost.pictures));
  }
  cost.forwards = number(cost.pictures) * picture.forwards + attacked * attacks.forwards;
  cost.backwards = number(cost.pictures) * picture.backwards + attacked * attacks.backwards;
  cost.seconds =
      number(cost.pictures) * picture.seconds + attacked * attacks.seconds + from.open_seconds;
  cost.memory_bytes = victim.pass.peak_bytes;
  cost.rests_on = fmt::format("{} forward and {} backward over the {} views of a picture",
                              seconds_text(victim.pass.forward_seconds),
                              seconds_text(victim.pass.backward_seconds), victim.pass.views);
  return cost;
}

CellCost CostMeter::cost(const StudyCell& cell, const UapRequest& request) {
  const Source& from = source(request.data);
  TrainRequest like;
  like.data = request.data;
  like.compute.seed = request.seed;
  like.split_file = request.split_file;
  const Split split = split_for(cell, like);
  CellCost cost;
  cost.pictures = std::ssize(records_of(request.split, split, from.dataset->records().size()));
  if (request.limit > 0) cost.pictures = std::min(cost.pictures, request.limit);
  cost.steps = request.epochs * ((cost.pictures + request.batch_size - 1) / request.batch_size);
  if (request.max_steps > 0) cost.steps = std::min(cost.steps, request.max_steps);
  const auto network = random_model(request.model, Rng(0), device_);
  network->set_training(false);
  const PictureScorer scorer(*network, parse_views(request.views, network->card()));
  const at::Tensor bytes = from.dataset->read(from.dataset->records().front());
  const at::Tensor trained = universal_training_picture(to_float(bytes).unsqueeze(0));
  const PassCost pass = measure_pass(scorer, to_bytes(trained.squeeze(0)));
  const double rows = number(cost.steps * std::min(request.batch_size, cost.pictures));
  cost.forwards = cost.backwards = rows;
  cost.seconds =
      from.open_seconds + rows * (pass.forward_seconds + pass.backward_seconds + from.read_seconds);
  cost.memory_bytes = pass.peak_bytes;
  cost.rests_on =
      fmt::format("{} forward and {} backward over a picture", seconds_text(pass.forward_seconds),
                  seconds_text(pass.backward_seconds));
  return cost;
}

}  // namespace robiq
