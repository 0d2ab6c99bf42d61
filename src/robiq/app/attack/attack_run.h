#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq attack` is told.
struct AttackRequest {
  std::string attack;
  std::vector<std::string> pictures;
  std::string model = "cnniqa", weights, out, level = "view", scale, views = "grid",
              device = "auto";
  std::string surrogate, surrogate_weights;
  std::vector<std::string> distance;
  double triplet = 0;
  std::int64_t seed = 0, threads = 0;
  std::int64_t queries = 0;  ///< bounds an attack that sees scores alone; 0: its own bound
  bool fit = false, force = false;
  std::string purify;      ///< purifiers between picture and model; "": none
  std::int64_t draws = 8;  ///< of a randomised purifier
  bool adaptive = false;   ///< attacks go through the purifier

  static OptionTable<AttackRequest> options();
  static void settle(AttackRequest& request, const Params& given);
};

/// Attacks pictures one after the other, saves 8-bit PNGs under `out`, reads them back and scores
/// what was read. Each row: {image, attack, attack_options (all of them), level, before, after,
/// after_8bit, scale, before_native, after_native, native_scale, linf, l2, ssim, psnr_db, those of
/// --distance, forwards, backwards, queries (of attacks that see scores alone), seconds, files (how
/// many), first_file, robiq_version}; before, after and after_8bit are on `scale`, 0..100, the
/// native ones on the model's own. \throws Error{kUsage} when a picture would be replaced that
/// robiq did not attack; Interrupted
///         when the user stops it: what was attacked before stays saved
void run_attack(const AttackRequest& request,
                const std::function<void(const nlohmann::ordered_json&)>& row);

}  // namespace robiq
