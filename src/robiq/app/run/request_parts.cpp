#include "robiq/app/run/request_parts.h"

#include "robiq/dist/process_place.h"

namespace robiq {

OptionTable<Compute> Compute::options() {
  using P = Compute;
  return {
      {"seed", &P::seed, "seed of everything random", 0, 9e18},
      {"threads", &P::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      Option<P>{"device", &P::device, "cpu, cuda, cuda:N or auto"}.where_only()};
}

OptionTable<ViewChoice> ViewChoice::options() {
  using P = ViewChoice;
  return {{"views", &P::policy,
           "how a picture becomes model inputs: grid (spread over it), paper (as the model's paper "
           "does), or a number of views"},
          {"fit", &P::fit, "enlarge pictures that are smaller than a crop"}};
}

OptionTable<PurifierChoice> PurifierChoice::options() {
  using P = PurifierChoice;
  return {
      {"purify", &P::spec,
       "purifiers between picture and model, SPEC or SPEC+SPEC; \"\": none (robiq list "
       "purifiers)"},
      {"draws", &P::draws, "draws of a randomised purifier; scores are means over them", 1, 1e6}};
}

OptionTable<SurrogateChoice> SurrogateChoice::options() {
  using P = SurrogateChoice;
  return {{"surrogate", &P::model,
           "the model that black-box attacks see, or several with + between; \"\": the one "
           "evaluated"},
          Option<P>{"surrogate_weights", &P::weights,
                    "its checkpoint or shipped:NAME, or as many with + between as there are models"}
              .where_only()};
}

OptionTable<MissingChoice> MissingChoice::options() {
  using P = MissingChoice;
  return {Option<P>{"allow_missing", &P::allowed, "how many unreadable pictures may be left out", 0,
                    1e9}
              .where_only(),
          Option<P>{"workers", &P::workers, "threads that read pictures", 1, 256}.where_only()};
}

OptionTable<WaitChoice> WaitChoice::options() {
  using P = WaitChoice;
  return {
      Option<P>{"join_timeout", &P::join_seconds,
                "how long to wait for all processes of the run to join", 1, 1e9, "seconds"}
          .where_only(),
      Option<P>{"process_timeout", &P::process_seconds,
                "how long a process waits for another one before it gives up", 1, 1e9, "seconds"}
          .where_only()};
}

void WaitChoice::check(const OptionRules& rules) {
  rules.need(!process_place().launcher.empty(), {"join_timeout", "process_timeout"},
             "a launcher of processes (torchrun, srun, mpirun; some commands have --parallel N)");
}

ProcessFlags process_flags(const Compute& compute, const WaitChoice& waiting, bool alone) {
  return {compute.device, compute.threads, waiting.process_seconds, waiting.join_seconds, alone};
}

}  // namespace robiq
