#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "robiq/app/run/shared_choices.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// --variant: how a universal perturbation is trained.
enum class UapVariant : std::uint8_t { kOptimized, kCumulative };
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(UapVariant /*type*/) {
  return {"optimized", "cumulative"};
}

/// What `robiq uap` is told.
struct UapRequest {
  std::string model = "cnniqa", weights, scale, data = "builtin", out;
  SplitPart split = SplitPart::kTrain;
  std::string split_file;  ///< "": drawn from the seed
  UapVariant variant = UapVariant::kOptimized;
  std::string views = "grid", device = "auto";
  double bound = 0.1, learning_rate = 1e-3;
  std::int64_t epochs = 5, batch_size = 8, limit = 0, max_steps = 0, seed = 0, threads = 0;
  bool force = false;

  static OptionTable<UapRequest> options();
  static void settle(UapRequest& request, const Params& given);
};

/// What a training of a universal perturbation came to: of its first and last step.
struct TrainedPerturbation {
  std::string out, picture;  ///< files that were written
  std::int64_t steps = 0;
  double loss_first = 0, loss_last = 0;    ///< 1 - score / 100
  double score_first = 0, score_last = 0;  ///< means on `scale`
  ScoreScale scale;
  double linf = 0;  ///< of the perturbation
  double seconds = 0;

  static ResultColumns<TrainedPerturbation> columns();
};

/// Trains a universal perturbation on a model and writes it as .safetensors and, beside it, as a
/// PNG. As in the published code every step takes an independent draw of pictures, and an epoch has
/// as many steps as the set has batches. \throws Error{kUsage} when it would replace what it did
/// not write; Interrupted when the user stops it: its state is then saved
/// (app/attack/uap_progress.h), and an equal request goes on.
[[nodiscard]] TrainedPerturbation run_uap(const UapRequest& request);

}  // namespace robiq
