// The program `robiq-compute`: all commands. Users start it as `robiq` (front/front.cpp).
#include <string>

#include "robiq/app/evaluate/threshold.h"
#include "robiq/app/run/error_boundary.h"
#include "robiq/app/tools/catalog.h"
#include "robiq/cli/answers.h"
#include "robiq/cli/program.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/progress.h"
#include "robiq/core/text/escape.h"

namespace robiq::cli {
namespace {

constexpr int kThresholdCrossed = 1;

void add_all_commands(CLI::App& app, Common& common) {
  add_demo(app, common);
  add_score(app, common);
  add_train(app, common);
  add_weights(app, common);
  add_check(app, common);
  add_attack(app, common);
  add_uap(app, common);
  add_evaluate(app, common);
  add_experiment(app, common);
  add_metrics(app, common);
  add_report(app, common);
  add_data(app, common);
  add_list(app, common);
  add_bench(app, common);
  add_check_model(app, common);
}

int guarded(const std::function<void()>& work) {
  try {
    within_error_boundary(work);
    return 0;
  } catch (const ThresholdCrossed& crossed) {
    Progress::clear_line();
    for (const std::string& line : crossed.lines()) print_err(visible_text(line) + "\n");
    return kThresholdCrossed;
  }
}

}  // namespace
}  // namespace robiq::cli

int main(int argc, char** argv) {
  using namespace robiq::cli;
  robiq::keep_freed_memory();
  const Program program{add_all_commands, guarded, robiq::load_plugin};
  if (argc == 3 && argv[1] == kWriteAnswers) return write_answers(argv[2], program);
  return run_program(argc, argv, program);
}
