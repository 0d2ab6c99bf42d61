#include "robiq/app/tools/demo_run.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/app/attack/uap_run.h"
#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/tools/report_run.h"
#include "robiq/app/train/train_run.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/params.h"
#include "robiq/dist/join_processes.h"
#include "robiq/model/quality_model.h"
#include "robiq/tensor/device.h"

namespace robiq {

OptionTable<DemoRequest> DemoRequest::options() {
  using R = DemoRequest;
  return {
      {"out", &R::out, "folder for everything the demo makes"},
      {"data", &R::data, "what to train and evaluate on"},
      {"model", &R::model, "what to train"},
      {"attack", &R::attack, "attacks, NAME or NAME:key=value,...; may be repeated"},
      {"level", &R::level, kLevelHelp},
      {"nt_weight", &R::nt_weight, "lambda of the +NT twin; -1: the recipe's", -1, 1e9},
      {"epochs", &R::epochs, "epochs of each training, at most 3 for a surrogate; 0: the recipe's",
       0, 1e6},
      {"limit", &R::limit, "evaluate at most so many test pictures; 0: all", 0, 1e9},
      {"quick", &R::quick, "train nothing: attack the two models that come with robiq, in seconds"},
      {"seed", &R::seed, "seed of everything random", 0, 9e18},
      {"threads", &R::threads,
       "threads of arithmetic, in one process; 0: all cores, and two processes share the training",
       0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

void DemoRequest::settle(DemoRequest& request, const Params& given) {
  if (request.nt_weight < 0.0) request.nt_weight.reset();
  if (!request.quick) return;
  const OptionRules rules(given);
  rules.clash(true, {"model", "nt_weight", "epochs"}, "--quick, which trains nothing");
  // Scenes that the shipped models have not seen, and attacks that need no further model.
  if (!rules.was_given("data")) request.data = "builtin:scenes=10,size=192,seed=1000";
  if (!rules.was_given("limit")) request.limit = 10;
  if (!rules.was_given("attack")) {
    request.attack = {"fgsm:epsilon=0.005", "ifgsm:steps=10,epsilon=0.01"};
  }
}

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kSurrogateEpochs = 3, kUapSteps = 60;

std::string folder_of(const DemoRequest& request, const char* name) {
  return (std::filesystem::path(request.out) / name).string();
}

TrainRequest training(const DemoRequest& request, const char* name) {
  TrainRequest train;
  train.model = request.model;
  train.data = request.data;
  train.out = folder_of(request, name);
  train.epochs = request.epochs;
  train.compute.seed = request.seed;
  train.compute.threads = request.threads;
  train.compute.device = request.device;
  train.resume = train.alone = true;
  return train;
}

void train_twin(const DemoRequest& request, bool nt) {
  TrainRequest train = training(request, nt ? "nt" : "base");
  train.nt = nt;
  train.nt_weight = request.nt_weight;
  static_cast<void>(run_training(train));
}

std::string weights_of(const DemoRequest& request, const char* name) {
  return RunFolder(folder_of(request, name)).best().string();
}

/// What the black-box attacks need: a model that is neither of the twins, and a perturbation.
struct BlackBox {
  std::string weights;  ///< of the surrogate; "" when no attack needs it
  std::string uap;      ///< the perturbation's file; likewise
};

/// Where they lie, made or not.
BlackBox black_box_of(const DemoRequest& request) {
  BlackBox box;
  const auto any = [&](const auto& asks) {
    return std::any_of(request.attack.begin(), request.attack.end(), asks);
  };
  const bool needs_uap = any(needs_fitting);
  if (needs_uap || any([](const auto& spec) { return asks_surrogate(spec, /*transfer=*/false); })) {
    box.weights = weights_of(request, "surrogate");
  }
  if (needs_uap) box.uap = folder_of(request, "uap.safetensors");
  return box;
}

void make_black_box(const DemoRequest& request) {
  const BlackBox box = black_box_of(request);
  if (box.weights.empty()) return;
  TrainRequest train = training(request, "surrogate");
  train.compute.seed = request.seed + 1;
  train.epochs = std::min(request.epochs.value_or(kSurrogateEpochs), kSurrogateEpochs);
  static_cast<void>(run_training(train));
  if (box.uap.empty()) return;
  UapRequest uap;
  uap.model = request.model;
  uap.weights = box.weights;
  uap.data = request.data;
  uap.out = box.uap;
  uap.max_steps = kUapSteps;
  uap.seed = request.seed;
  uap.threads = request.threads;
  uap.device = request.device;
  static_cast<void>(run_uap(uap));
}

std::vector<EvaluationRow> evaluate_twin(const DemoRequest& request, const std::string& weights,
                                         const BlackBox& box, bool nt) {
  EvaluateRequest evaluate;
  evaluate.model = request.model;
  evaluate.weights = weights;
  evaluate.data = request.data;
  evaluate.attack = request.attack;
  for (std::string& attack : evaluate.attack) {
    if (!needs_fitting(attack)) continue;
    const Spec spec = parse_spec(attack, "--attack");
    attack = spec_text(spec.name, box.uap, spec.params);
  }
  if (!box.weights.empty()) evaluate.surrogate.model = request.model;
  evaluate.surrogate.weights = box.weights;
  evaluate.level = request.level;
  evaluate.limit = request.limit;
  evaluate.save = 3;
  evaluate.out = folder_of(request, nt ? "nt" : "base");
  evaluate.compute.seed = request.seed;
  evaluate.compute.threads = request.threads;
  evaluate.compute.device = request.device;
  evaluate.alone = true;
  return run_evaluation(evaluate);
}

void report_on_twins(const DemoRequest& request) {
  run_report({.runs = {folder_of(request, "base"), folder_of(request, "nt")},
              .out = folder_of(request, "report")});
}

std::vector<DemoRow> run_quick_demo(const DemoRequest& request) {
  log::info("1/2 attacking the baseline that comes with robiq");
  const Json base = measures_of(evaluate_twin(request, "shipped:cnniqa", {}, false));
  log::info("2/2 attacking its twin, trained with gradient-norm regularisation (+NT)");
  const Json nt = measures_of(evaluate_twin(request, "shipped:cnniqa-nt", {}, true));
  report_on_twins(request);
  return side_by_side(base, nt);
}

/// The demo that trains, as one process of two or alone. The first of two has the +NT twin, whose
/// training takes longest, the last has all else.
class TrainingDemo {
 public:
  explicit TrainingDemo(const DemoRequest& request)
      : request_(request),
        processes_(join_processes({request.device, request.threads, kPatience, 60})) {
    request_.threads = processes_.threads;
  }

  [[nodiscard]] std::vector<DemoRow> run() {
    if (processes_.group) {
      log::info("one process makes the +NT twin, the other all else ({} says how far it is)",
                (RunFolder(folder_of(request_, "base")).log()).string());
    }
    Json nt, base;
    together([&] { train(); });
    together([&] {
      if (processes_.first()) nt = attacked(true);
      if (last()) base = attacked(false);
    });
    base = Json::parse(all_told(base).back());
    if (!processes_.first()) return {};
    report_on_twins(request_);
    return side_by_side(base, nt);
  }

 private:
  static constexpr double kPatience = 604800;  ///< seconds

  [[nodiscard]] bool last() const { return processes_.rank() + 1 == processes_.size(); }
  [[nodiscard]] std::vector<std::string> all_told(const Json& answer) const {
    // File names in messages may be of any bytes.
    const std::string text = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
    return processes_.group ? processes_.group->gather(text) : std::vector<std::string>{text};
  }

  /// Does a part of the work, then waits for the other process; what ended that one is thrown here
  /// too. What ends the first ends both at once.
  void together(const std::function<void()>& part) const {
    Json end;  // stays null where the part was done
    try {
      within_error_boundary(part);
    } catch (const Interrupted&) {
      if (processes_.first()) throw;
      end = "stopped";
    } catch (const Error& error) {
      if (processes_.first()) throw;
      end = {error.exit_code(), error.text().what, error.text().where, error.text().hint};
    }
    if (processes_.group) log::info("waiting for the other process");
    for (const std::string& answer : all_told(end)) {
      const Json other = Json::parse(answer);
      if (other.is_string()) throw Interrupted("");
      if (!other.is_array()) continue;
      throw Error(
          static_cast<ErrorKind>(other[0].get<int>()),
          {other[1].get<std::string>(), other[2].get<std::string>(), other[3].get<std::string>()});
    }
  }

  void train() const {
    if (last()) {
      log::info("training the baseline");
      train_twin(request_, false);
    }
    if (processes_.first()) {
      log::info("training the twin with gradient-norm regularisation (+NT)");
      train_twin(request_, true);
    }
    if (last()) {
      log::info("making what the black-box attacks need");
      make_black_box(request_);
    }
  }

  [[nodiscard]] Json attacked(bool nt) const {
    log::info("attacking the {}", nt ? "twin" : "baseline");
    return measures_of(evaluate_twin(request_, weights_of(request_, nt ? "nt" : "base"),
                                     black_box_of(request_), nt));
  }

  DemoRequest request_;
  JoinedProcesses processes_;
};

}  // namespace

std::int64_t demo_processes(const DemoRequest& request) {
  const bool alone = request.quick || request.threads > 0 || usable_cores() < 2 ||
                     parse_device(request.device).is_cuda() || !ProcessGroup::available();
  return alone ? 1 : 2;
}

std::vector<DemoRow> run_demo(const DemoRequest& request) {
  if (request.quick) return run_quick_demo(request);
  try {
    return TrainingDemo(request).run();
  } catch (const Interrupted&) {
    throw Interrupted("the same command goes on where the demo was stopped");
  }
}

void check_demo(const DemoRequest& request) {
  const ProcessPlace place = process_place();
  if (!place.alone() && place.launcher != "--parallel") {
    throw Error(ErrorKind::kUsage, {place.launcher + " has started several demos", "demo",
                                    "start one: it divides its work by itself"});
  }
  check_spec<QualityModel>(Registry<QualityModel>::instance().parse(request.model, "--model"),
                           "--model");
  for (const std::string& attack : request.attack) check_attack(attack, "--attack");
  check_no_attack_twice(request.attack, "--attack");
}

}  // namespace robiq
