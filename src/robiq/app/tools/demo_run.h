#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/shared_choices.h"
#include "robiq/app/tools/demo_rows.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq demo` is told.
struct DemoRequest {
  std::string out = "robiq-demo", data = "builtin", model = "cnniqa", device = "auto";
  AttackLevel level = AttackLevel::kImage;
  std::vector<std::string> attack = {"fgsm:epsilon=0.005", "ifgsm:steps=10,epsilon=0.01",
                                     "perceptual:steps=10,weight=100000", "uap",
                                     "korhonen:most_steps=19"};
  std::optional<double> nt_weight;         ///< absent: the recipe's
  std::optional<std::int64_t> epochs = 5;  ///< likewise
  std::int64_t limit = 25, seed = 0, threads = 0;
  bool quick = false;

  static OptionTable<DemoRequest> options();
  static void settle(DemoRequest& request, const Params& given);
};

/// The main job: trains a baseline and its +NT twin, attacks both, writes the report. Where an
/// attack needs one, a surrogate of another seed is trained too, and for "uap" a perturbation on
/// it. What an earlier, interrupted demo left in `out` is used. OUT/base and OUT/nt are the two
/// runs, training and evaluation; OUT/report holds the page, tables and figures.
/// With `quick` nothing is trained: the twins are those that come with robiq.
/// In a group the first and the last process share the work, and only the first returns rows.
/// \throws Interrupted when the user stops it; the same demo goes on
[[nodiscard]] std::vector<DemoRow> run_demo(const DemoRequest& request);

/// How many processes of this machine share the demo: two, each with half of the cores, where there
/// are cores and nothing else was asked for.
[[nodiscard]] std::int64_t demo_processes(const DemoRequest& request);

/// What can be told to be wrong before anything is trained.
/// \throws Error{kUsage} where a launcher has started several demos, which would share a folder,
/// and for a model or an attack that is not there; Error{kData} for an attack's file
void check_demo(const DemoRequest& request);

}  // namespace robiq
