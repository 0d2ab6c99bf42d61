#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options.h"

namespace robiq {

/// What `robiq bench nt-step` is told.
struct NtStepBench {
  std::string model = "cnniqa", nt_form = "square", device = "auto";
  std::int64_t batch = 16, steps = 20, side = 0, threads = 0, seed = 0;

  static OptionTable<NtStepBench> options();
};

/// Times whole training steps (forward, backward, update) without and with the NT term on random
/// pictures, alternating, so that both meet the same machine. Medians.
/// \return one row {model, batch, height, width, steps, threads, device, baseline_seconds,
///         nt_seconds, ratio, images_per_second (NT), peak_bytes (NT), robiq_version}
[[nodiscard]] nlohmann::ordered_json bench_nt_step(const NtStepBench& request);

/// What `robiq bench score` and `robiq bench attack` are told.
struct PictureBench {
  std::string model = "cnniqa", attack = "fgsm", level = "image", device = "auto";
  std::int64_t height = 384, width = 512, repeats = 5, threads = 0, seed = 0;

  static OptionTable<PictureBench> options();
};

/// Median seconds to score one random picture, views and all.
[[nodiscard]] nlohmann::ordered_json bench_score(const PictureBench& request);
/// Median seconds of one attack on it, and its passes.
[[nodiscard]] nlohmann::ordered_json bench_attack(const PictureBench& request);

}  // namespace robiq
