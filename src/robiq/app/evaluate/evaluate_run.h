#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/score/score_certificate.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// --schema: whose tables are written beside robiq's own.
enum class ResultSchema : std::uint8_t { kRobiq, kMsu };
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(ResultSchema /*type*/) {
  return {"robiq", "msu"};
}

/// What `robiq evaluate` is told; the keys are its flags and those of a --config file.
struct EvaluateRequest : SubjectOptions {
  std::string label, data = "builtin", out;
  std::vector<std::string> attack = {"fgsm"};
  SplitPart split = SplitPart::kTest;
  std::string split_file;                  ///< "": drawn from the seed
  std::optional<std::int64_t> split_seed;  ///< absent: see PictureChoice
  std::int64_t limit = 0;                  ///< of the pictures; 0: all
  bool include_trained = false;
  std::string align;         ///< "linf=4/255": every attack is made equally strong; "": not
  std::int64_t queries = 0;  ///< bounds attacks that see scores alone; 0: their own bounds
  ResultSchema schema = ResultSchema::kRobiq;
  CertificateRequest certificate;
  std::int64_t save = 0;  ///< pictures; -1: all
  double triplet = 0;
  std::int64_t examples = 3, example_side = 160;
  std::int64_t bootstrap = 1000;
  MissingChoice missing;
  WaitChoice waiting;
  bool alone = false;  ///< no flag: see ProcessFlags::alone
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
