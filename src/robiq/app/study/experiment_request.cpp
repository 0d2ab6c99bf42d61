#include "robiq/app/study/experiment_run.h"

namespace robiq {

OptionTable<ExperimentRequest> ExperimentRequest::options() {
  using R = ExperimentRequest;
  return joined_tables<R>(
      {{{"file", &R::file, "the study"},
        {"out", &R::out, "folder of the study; \"\": runs/NAME"},
        {"cell", &R::cell,
         "do only the cells of these names, '*' for any letters, and what they need; may be "
         "repeated"},
        {"data", &R::data, "data sets in place of the study's; may be repeated"}},
       options_of<R>(&R::waiting),
       {{"threads", &R::threads,
         "threads of arithmetic; 0: those that the study was begun with, or the cores the process "
         "may use",
         0, 1024},
        {"device", &R::device, "cpu, cuda, cuda:N or auto"}}});
}

void ExperimentRequest::settle(ExperimentRequest&, const Params& given) {
  WaitChoice::check(OptionRules(given));
}

}  // namespace robiq
