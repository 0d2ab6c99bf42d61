#include "robiq/app/tools/demo_run.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/app/attack/uap_run.h"
#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/tools/report_run.h"
#include "robiq/app/train/train_run.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/params.h"

namespace robiq {

OptionTable<DemoRequest> DemoRequest::options() {
  using R = DemoRequest;
  return {
      {"out", &R::out, "folder for everything the demo makes"},
      {"data", &R::data, "what to train and evaluate on"},
      {"model", &R::model, "what to train"},
      {"attack", &R::attack, "attacks, NAME or NAME:key=value,...; may be repeated"},
      {"level", &R::level, kLevelHelp},
      {"nt_weight", &R::nt_weight, "lambda of the +NT twin; -1 for the model's recipe", -1, 1e9},
      {"epochs", &R::epochs, "of each training; 0 for the model's recipe", 0, 1e6},
      {"limit", &R::limit, "evaluate at most so many test pictures; 0: all", 0, 1e9},
      {"quick", &R::quick, "train nothing: attack the two models that come with robiq, in seconds"},
      {"seed", &R::seed, "seed of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

void DemoRequest::settle(DemoRequest& request, const Params& given) {
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
  train.seed = request.seed;
  train.threads = request.threads;
  train.device = request.device;
  train.resume = true;
  return train;
}

TrainResult train_twin(const DemoRequest& request, bool nt) {
  TrainRequest train = training(request, nt ? "nt" : "base");
  train.nt = nt;
  train.nt_weight = request.nt_weight;
  return run_training(train);
}

/// What the black-box attacks need: a model that is neither of the twins, and a perturbation.
struct BlackBox {
  std::string weights;  ///< of the surrogate; "" when no attack needs it
  std::string uap;      ///< the perturbation's file; likewise
};

bool names_attack(const DemoRequest& request, const std::string& name) {
  return std::any_of(request.attack.begin(), request.attack.end(), [&](const std::string& spec) {
    return parse_spec(spec, "--attack").name == name;
  });
}

BlackBox prepare_black_box(const DemoRequest& request) {
  BlackBox box;
  if (!names_attack(request, "uap") && !names_attack(request, "korhonen")) return box;
  TrainRequest train = training(request, "surrogate");
  train.seed = request.seed + 1;
  if (train.epochs == 0) train.epochs = kSurrogateEpochs;
  box.weights = run_training(train).best.string();
  if (!names_attack(request, "uap")) return box;
  UapRequest uap;
  uap.model = request.model;
  uap.weights = box.weights;
  uap.data = request.data;
  uap.out = box.uap = folder_of(request, "uap.safetensors");
  uap.max_steps = kUapSteps;
  uap.seed = request.seed;
  uap.threads = request.threads;
  uap.device = request.device;
  static_cast<void>(run_uap(uap));
  return box;
}

std::vector<EvaluationRow> evaluate_twin(const DemoRequest& request, const std::string& weights,
                                         const BlackBox& box, bool nt) {
  EvaluateRequest evaluate;
  evaluate.model = request.model;
  evaluate.weights = weights;
  evaluate.data = request.data;
  evaluate.attack = request.attack;
  for (std::string& attack : evaluate.attack) {
    if (attack == "uap") attack = "uap:" + box.uap;
  }
  if (!box.weights.empty()) evaluate.surrogate = request.model;
  evaluate.surrogate_weights = box.weights;
  evaluate.level = request.level;
  evaluate.limit = request.limit;
  evaluate.save = 3;
  evaluate.out = folder_of(request, nt ? "nt" : "base");
  evaluate.seed = request.seed;
  evaluate.threads = request.threads;
  evaluate.device = request.device;
  return run_evaluation(evaluate);
}

const char* words_for(Block block) {
  switch (block) {
    case Block::kMosBefore:
      return "MOS and score";
    case Block::kMosAfter:
      return "MOS and score after";
    case Block::kBeforeAfter:
      break;
  }
  return "score before and after";
}

std::vector<DemoRow> side_by_side(const std::vector<EvaluationRow>& base,
                                  const std::vector<EvaluationRow>& nt) {
  std::vector<DemoRow> table;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const bool clean = base[i].block == Block::kMosBefore;
    for (const char* name : {"srocc", "krocc", "plcc", "rmse", "r"}) {
      const RowMeasure* const of_base = base[i].find(name);
      const RowMeasure* const of_nt = nt[i].find(name);
      if (of_base == nullptr || of_nt == nullptr) continue;
      table.push_back({clean ? "none (clean)" : base[i].attack, words_for(base[i].block), name,
                       of_base->value, of_nt->value});
    }
  }
  return table;
}

}  // namespace

ResultColumns<DemoRow> DemoRow::columns() {
  using R = DemoRow;
  ResultColumns<R> columns;
  columns.add("attack", &R::attack)
      .add("between", &R::between)
      .add("measure", &R::measure)
      .add("base", &R::base)
      .add("nt", &R::nt);
  return columns;
}

namespace {

std::vector<DemoRow> run_quick_demo(const DemoRequest& request) {
  log::info("1/2 attacking the baseline that comes with robiq");
  const std::vector<EvaluationRow> base_rows = evaluate_twin(request, "shipped:cnniqa", {}, false);
  log::info("2/2 attacking its twin, trained with gradient-norm regularisation (+NT)");
  const std::vector<EvaluationRow> nt_rows = evaluate_twin(request, "shipped:cnniqa-nt", {}, true);
  run_report({.runs = {folder_of(request, "base"), folder_of(request, "nt")},
              .out = folder_of(request, "report")});
  return side_by_side(base_rows, nt_rows);
}

}  // namespace

std::vector<DemoRow> run_demo(const DemoRequest& request) {
  if (request.quick) return run_quick_demo(request);
  log::info("1/5 training the baseline");
  const TrainResult base = train_twin(request, false);
  log::info("2/5 training its twin with gradient-norm regularisation (+NT)");
  const TrainResult nt = train_twin(request, true);
  log::info("3/5 making what the black-box attacks need");
  const BlackBox box = prepare_black_box(request);
  log::info("4/5 attacking the baseline");
  const std::vector<EvaluationRow> base_rows =
      evaluate_twin(request, base.best.string(), box, false);
  log::info("5/5 attacking the twin");
  const std::vector<EvaluationRow> nt_rows = evaluate_twin(request, nt.best.string(), box, true);
  run_report({.runs = {folder_of(request, "base"), folder_of(request, "nt")},
              .out = folder_of(request, "report")});
  return side_by_side(base_rows, nt_rows);
}

}  // namespace robiq
