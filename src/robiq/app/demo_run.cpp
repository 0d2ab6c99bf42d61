#include "robiq/app/demo_run.h"

#include <nlohmann/json.hpp>

#include "robiq/app/evaluate_run.h"
#include "robiq/app/report_run.h"
#include "robiq/app/train_run.h"
#include "robiq/core/log.h"

namespace robiq {

OptionTable<DemoRequest> DemoRequest::options() {
  using R = DemoRequest;
  return {
      {"out", &R::out, "folder for everything the demo makes"},
      {"data", &R::data, "what to train and evaluate on"},
      {"model", &R::model, "what to train"},
      {"attack", &R::attack, "attacks, NAME or NAME:key=value,...; may be repeated"},
      {"level", &R::level, "attack each view by itself, or the whole picture", {"view", "image"}},
      {"nt_weight", &R::nt_weight, "lambda of the +NT twin; -1 for the model's recipe", -1, 1e9},
      {"epochs", &R::epochs, "of each training; 0 for the model's recipe", 0, 1e6},
      {"limit", &R::limit, "evaluate at most so many test pictures; 0: all", 0, 1e9},
      {"seed", &R::seed, "of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

using Json = nlohmann::ordered_json;

/// The run folder of one of the two.
std::string twin_folder(const DemoRequest& request, bool nt) {
  return (std::filesystem::path(request.out) / (nt ? "nt" : "base")).string();
}

TrainResult train_twin(const DemoRequest& request, bool nt) {
  TrainRequest train;
  train.model = request.model;
  train.data = request.data;
  train.out = twin_folder(request, nt);
  train.nt = nt;
  train.nt_weight = request.nt_weight;
  train.epochs = request.epochs;
  train.seed = request.seed;
  train.threads = request.threads;
  train.device = request.device;
  train.resume = true;
  return run_training(train);
}

Json evaluate_twin(const DemoRequest& request, const TrainResult& trained, bool nt) {
  EvaluateRequest evaluate;
  evaluate.model = request.model;
  evaluate.weights = trained.best.string();
  evaluate.data = request.data;
  evaluate.attack = request.attack;
  evaluate.level = request.level;
  evaluate.limit = request.limit;
  evaluate.save = 3;
  evaluate.out = twin_folder(request, nt);
  evaluate.seed = request.seed;
  evaluate.threads = request.threads;
  evaluate.device = request.device;
  return run_evaluation(evaluate);
}

Json side_by_side(const Json& base, const Json& nt) {
  Json table = Json::array();
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::string block = base[i].at("block").get<std::string>();
    const bool clean = block == "mos_before";
    for (const char* measure : {"srocc", "krocc", "plcc", "rmse", "r"}) {
      if (!base[i].contains(measure)) continue;
      table.push_back({{"attack", clean ? Json("none (clean)") : base[i].at("attack")},
                       {"between", clean                  ? "MOS and score"
                                   : block == "mos_after" ? "MOS and score after"
                                                          : "score before and after"},
                       {"measure", measure},
                       {"base", base[i].at(measure)},
                       {"nt", nt[i].at(measure)}});
    }
  }
  return table;
}

}  // namespace

Json run_demo(const DemoRequest& request) {
  log::info("1/4 training the baseline");
  const TrainResult base = train_twin(request, false);
  log::info("2/4 training its twin with gradient-norm regularisation (+NT)");
  const TrainResult nt = train_twin(request, true);
  log::info("3/4 attacking the baseline");
  const Json base_rows = evaluate_twin(request, base, false);
  log::info("4/4 attacking the twin");
  const Json nt_rows = evaluate_twin(request, nt, true);
  run_report({.runs = {twin_folder(request, false), twin_folder(request, true)},
              .out = (std::filesystem::path(request.out) / "report").string()});
  return side_by_side(base_rows, nt_rows);
}

}  // namespace robiq
