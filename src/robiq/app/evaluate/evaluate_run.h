#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/run/shared_choices.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq evaluate` is told; the keys are its flags and those of a --config file.
struct EvaluateRequest {
  std::string model = "cnniqa", weights, label, data = "builtin", out;
  std::vector<std::string> attack = {"fgsm"};
  SplitPart split = SplitPart::kTest;
  AttackLevel level = AttackLevel::kView;
  std::string views = "grid", scale, device = "auto";
  std::string precision = "fp32";            ///< of the evaluated model, under attack too
  std::string surrogate, surrogate_weights;  ///< the model that black-box attacks see, or several:
                                             ///< A+B, and their weights FILE+FILE
  std::string align;         ///< "linf=4/255": every attack is made equally strong; "": not
  std::int64_t queries = 0;  ///< bounds attacks that see scores alone; 0: their own bounds
  std::string schema = "robiq";
  std::vector<std::string> distance;
  std::int64_t split_seed = -1;
  std::int64_t limit = 0, save = 0, seed = 0, threads = 0, bootstrap = 1000;
  double triplet = 0;
  std::int64_t examples = 3, example_side = 160;
  std::int64_t allow_missing = 0, workers = 1;
  double process_timeout = 1800, join_timeout = 60;
  bool exact = false;  ///< networks are not folded
  bool fit = false, transfer = false, include_trained = false;
  std::string purify;           ///< purifiers between picture and model; "": none
  std::int64_t draws = 8;       ///< of a randomised purifier
  bool adaptive = false;        ///< attacks go through the purifier
  double certify = 0;           ///< l2 radius in units of [0,1]; 0: no certificates
  double certify_sigma = 0.12;  ///< of the noise, likewise
  std::int64_t certify_samples = 1000;
  double certify_confidence = 0.999;  ///< of each end
  std::string certify_denoiser;       ///< "": none
  std::string split_file;             ///< "": drawn from the seed
  bool alone = false;                 ///< no flag: see ProcessFlags::alone
  /// No flag: called with the run's number in the database, once that is known.
  std::function<void(std::int64_t run)> began;

  static OptionTable<EvaluateRequest> options();
  static void settle(EvaluateRequest& request, const Params& given);
};

/// Scores a split clean and under every attack into RUN/results.sqlite, picture by picture; what is
/// there already from an equal, unfinished evaluation is not computed again. Then stores and
/// returns the measures of both blocks, one row an attack and block; before_after has the MSU
/// benchmark's measures too, and the means of distances and costs; of a purified model also those
/// of its defense benchmark. With certificates the clean row has what they say together.
/// In a group the pictures are dealt to the processes; all but the first return no rows.
/// \throws Interrupted when the user stops it; what was done is kept
[[nodiscard]] std::vector<EvaluationRow> run_evaluation(const EvaluateRequest& request);

}  // namespace robiq
