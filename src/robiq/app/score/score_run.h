#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq score` is told.
struct ScoreRequest {
  std::vector<std::string> pictures;
  std::string model = "cnniqa", weights, scale, views = "grid", device = "auto", precision = "fp32";
  double sensitivity = 0;
  std::int64_t seed = 0, threads = 0;
  std::string purify;           ///< purifiers between picture and model; "": none
  std::int64_t draws = 8;       ///< of a randomised purifier
  double certify = 0;           ///< l2 radius in units of [0,1]; 0: no certificate
  double certify_sigma = 0.12;  ///< of the noise, likewise
  std::int64_t certify_samples = 1000;
  double certify_confidence = 0.999;  ///< of each bound
  std::string certify_denoiser;       ///< "": none
  bool fit = false;

  static OptionTable<ScoreRequest> options();
  static void settle(ScoreRequest& request, const Params& given);
};

/// Scores pictures one after the other and hands each row to `row`:
/// {image, score, model, scale:{worst,best}, robiq_version}; with a sensitivity EPS also
/// gradient_l1, the l1 norm of the score's gradient by the picture in [0,1], and score_bound = EPS
/// * gradient_l1, how far to first order an l_inf perturbation of EPS moves the score (native
/// scale); behind purifiers also purify, and score_standard_error where several draws were taken. A
/// picture that cannot be read or scored does not stop the others: `failed` is told, and
/// the first one's kind is thrown at the end.
/// \throws Interrupted between two pictures when the user stops it
void run_scoring(const ScoreRequest& request,
                 const std::function<void(const nlohmann::ordered_json&)>& row,
                 const std::function<void(const Error&)>& failed);

}  // namespace robiq
