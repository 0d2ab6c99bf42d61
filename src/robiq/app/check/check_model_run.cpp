#include "robiq/app/check/check_model_run.h"

#include <utility>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/version.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/random.h"

namespace robiq {

OptionTable<CheckModelRequest> CheckModelRequest::options() {
  using R = CheckModelRequest;
  return {
      {"model", &R::model, "the model, e.g. torchscript:FILE,worst=0,best=10"},
      {"weights", &R::weights, "its checkpoint; \"\": the module's own, or random ones"},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the model's own"},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

std::unique_ptr<QualityModel> model_to_check(const CheckModelRequest& request) {
  if (!request.weights.empty()) {
    return load_model_flag(request.model, request.weights, request.scale, request.device).model;
  }
  seed_torch_globals(Rng(0).child("init"));
  auto model = Registry<QualityModel>::instance().make(parse_spec(request.model, "MODEL"), "MODEL");
  if (const auto scale = parse_scale(request.scale)) model->set_scale(*scale);
  model->move_to(parse_device(request.device));
  return model;
}

}  // namespace

ResultColumns<CheckedPromise> CheckedPromise::columns() {
  using R = CheckedPromise;
  ResultColumns<R> columns;
  columns.add("promise", &R::promise)
      .add("state", [](const R& row) { return promise_state_name(row.state); })
      .add("needed_for", &R::needed_for)
      .add("finding", &R::finding)
      .add("hint", &R::hint, Shown::kData)
      .add("scale", &R::scale, Shown::kData)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

void check_model(const CheckModelRequest& request,
                 const std::function<void(const std::vector<CheckedPromise>&)>& show) {
  prepare_arithmetic(request.threads);
  const auto model = model_to_check(request);
  std::vector<CheckedPromise> rows;
  std::size_t broken = 0;
  for (PromiseResult& result : check_promises(*model)) {
    if (result.state == PromiseResult::State::kBroken) ++broken;
    rows.push_back({std::move(result), model->card().scale});
  }
  show(rows);
  if (broken == 0) return;
  throw Error(ErrorKind::kModel,
              {std::to_string(broken) + " of " + std::to_string(rows.size()) +
                   (broken == 1 ? " promises is broken" : " promises are broken"),
               request.model, "the rows above say which, and how to fix each"});
}

}  // namespace robiq
