#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options.h"

namespace robiq {

/// What `robiq uap` is told.
struct UapRequest {
  std::string model = "cnniqa", weights, scale, data = "builtin", split = "train", out;
  std::string split_file;  ///< "": drawn from the seed
  std::string variant = "optimized", views = "grid", device = "auto";
  double bound = 0.1, learning_rate = 1e-3;
  std::int64_t epochs = 5, batch_size = 8, limit = 0, max_steps = 0, seed = 0, threads = 0;

  static OptionTable<UapRequest> options();
};

/// Trains a universal perturbation on a model and writes it as .safetensors and, beside it, as a
/// PNG. As in the published code every step takes an independent draw of pictures, and an epoch has
/// as many steps as the set has batches.
/// \return {"out", "picture", "steps", "loss_first", "loss_last", "linf", "seconds",
///   "robiq_version"}; losses are 1 - mean normalised score / 100
/// \throws Interrupted when the user stops it; nothing is then written.
[[nodiscard]] nlohmann::ordered_json run_uap(const UapRequest& request);

}  // namespace robiq
