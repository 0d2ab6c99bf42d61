#include "robiq/app/study/experiment_run.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/dist/process_place.h"

namespace robiq {

OptionTable<ExperimentRequest> ExperimentRequest::options() {
  using R = ExperimentRequest;
  return {
      {"file", &R::file, "the study"},
      {"out", &R::out, "folder of the study; \"\": runs/NAME"},
      {"cell", &R::cell,
       "do only the cells of these names, '*' for any letters, and what they need; may be "
       "repeated"},
      {"data", &R::data, "data sets in place of the study's; may be repeated"},
      {"join_timeout", &R::join_timeout, "how long to wait until all processes have come", 1, 1e9,
       "seconds"},
      {"process_timeout", &R::process_timeout, "how long to wait for another process", 1, 1e9,
       "seconds"},
      {"threads", &R::threads,
       "threads of arithmetic; 0: those that the study was begun with, or the cores the process "
       "may use",
       0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"}};
}

void ExperimentRequest::settle(ExperimentRequest&, const Params& given) {
  OptionRules(given).need(!process_place().launcher.empty(), {"join_timeout", "process_timeout"},
                          "a launcher of several processes, such as torchrun, srun or mpirun");
}

}  // namespace robiq
