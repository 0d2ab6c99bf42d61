#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq uap` is told.
struct UapRequest {
  std::string model = "cnniqa", weights, scale, data = "builtin", split = "train", out;
  std::string split_file;  ///< "": drawn from the seed
  std::string variant = "optimized", views = "grid", device = "auto";
  double bound = 0.1, learning_rate = 1e-3;
  std::int64_t epochs = 5, batch_size = 8, limit = 0, max_steps = 0, seed = 0, threads = 0;
  bool force = false;

  static OptionTable<UapRequest> options();
  static void settle(UapRequest& request, const Params& given);
};

/// Trains a universal perturbation on a model and writes it as .safetensors and, beside it, as a
/// PNG. As in the published code every step takes an independent draw of pictures, and an epoch has
/// as many steps as the set has batches.
/// \return {"out", "picture", "steps", "loss_first", "loss_last", "score_first", "score_last",
///   "scale", "linf", "seconds", "robiq_version"}; scores are means on `scale`, 0..100, and losses
///   1 - score / 100
/// \throws Error{kUsage} when it would replace what it did not write; Interrupted when the user
///   stops it: its state is then saved (app/attack/uap_progress.h), and an equal request goes on.
[[nodiscard]] nlohmann::ordered_json run_uap(const UapRequest& request);

}  // namespace robiq
