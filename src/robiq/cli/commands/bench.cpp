#include "robiq/app/tools/bench_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_bench(CLI::App& app, Common& common) {
  CLI::App* const bench = app.add_subcommand("bench", "speed and memory on this machine");
  bench->require_subcommand(1);
  add_command<NtStepBench>(*bench, common, "nt-step", "a training step without and with NT", {},
                           [&common](const NtStepBench& request) {
                             print_result(bench_nt_step(request), common.format);
                           });
  add_command<PictureBench>(*bench, common, "score", "scoring one picture", {},
                            [&common](const PictureBench& request) {
                              print_result(bench_score(request), common.format);
                            });
  add_command<AttackBench>(*bench, common, "attack", "attacking one picture", {},
                           [&common](const AttackBench& request) {
                             print_result(bench_attack(request), common.format);
                           });
  add_command<SideBySideBench>(*bench, common, "side-by-side",
                               "attacking several pictures, one at a time and side by side", {},
                               [&common](const SideBySideBench& request) {
                                 in_parallel(processes_of(request), [&] {
                                   const auto times = bench_side_by_side(request);
                                   if (times) print_result(*times, common.format);
                                 });
                               });
}

}  // namespace robiq::cli
