#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq bench nt-step` is told.
struct NtStepBench {
  std::string model = "cnniqa", device = "auto";
  std::string nt_form = "square", nt_scheme = "auto", nt_batchnorm = "clean";
  std::int64_t batch = 16, micro_batch = 0, steps = 20, side = 0, threads = 0, seed = 0;
  bool official = true;

  static OptionTable<NtStepBench> options();
  static void settle(NtStepBench& request, const Params& given);
};

/// Times whole training steps (forward, backward, update) on random pictures: without the NT term,
/// with it, and with it in the authors' three forward passes. They take turns on one model, so that
/// all meet the same machine. Medians.
/// \return one row {model, batch, height, width, steps, threads, device, scheme, baseline_seconds,
///         nt_seconds, ratio, images_per_second (NT), baseline_peak_bytes, peak_bytes (NT),
///         official_seconds, official_over_nt, official_peak_bytes, robiq_version}; the official
///         three are missing for form=exact, which that code does not have. Peaks are of the whole
///         process, which holds the optimiser's state too.
[[nodiscard]] nlohmann::ordered_json bench_nt_step(const NtStepBench& request);

/// What `robiq bench score` is told.
struct PictureBench {
  std::string model = "cnniqa", weights, attack = "fgsm", level = "image", device = "auto",
              precision = "fp32", views = "grid";
  std::int64_t height = 384, width = 512, repeats = 5, threads = 0, seed = 0;

  static OptionTable<PictureBench> options();
};

/// What `robiq bench attack` is told.
struct AttackBench : PictureBench {
  static OptionTable<AttackBench> options();
};

/// Median seconds to score one random picture, views and all. With precision=bf16 each picture is
/// scored in fp32 too: then also {precision, fp32_seconds, speedup, max_difference, fp32_least,
/// fp32_largest}, the last three in native scores.
[[nodiscard]] nlohmann::ordered_json bench_score(const PictureBench& request);
/// Median seconds of one attack on it, and its passes.
[[nodiscard]] nlohmann::ordered_json bench_attack(const AttackBench& request);

}  // namespace robiq
