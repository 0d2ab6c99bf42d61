#pragma once
#include "robiq/app/score/score_certificate.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/options.h"

namespace robiq {

/// Puts --certify and its sisters at the end of the option table of a command that has them.
template <class Request>
void add_certificate_options(OptionTable<Request>& table) {
  using R = Request;
  const OptionTable<R> options = {
      {"certify", &R::certify,
       "also give an interval that holds the smoothed score for every change of the picture up to "
       "this l2 norm; 0: off",
       0, 1e4, "of the range of a pixel"},
      {"certify_sigma", &R::certify_sigma, "standard deviation of the smoothing noise", 1e-6, 10,
       "of the range of a pixel"},
      {"certify_samples", &R::certify_samples, "noisy copies of a picture", 1, 1e7},
      {"certify_confidence", &R::certify_confidence, "confidence of each end of the interval", 0.5,
       0.9999999},
      {"certify_denoiser", &R::certify_denoiser,
       "cleans the noisy copies: dncnn:FILE, or a purifier without randomness; \"\": none"}};
  table.insert(table.end(), options.begin(), options.end());
}

/// Refuses what has no effect without --certify.
template <class Request>
void check_certificate_options(const Request& request, const OptionRules& rules) {
  rules.need(request.certify > 0,
             {"certify_sigma", "certify_samples", "certify_confidence", "certify_denoiser"},
             "--certify");
}

/// What they ask for.
template <class Request>
[[nodiscard]] CertificateRequest certificate_request(const Request& request) {
  return {request.certify, request.certify_sigma, request.certify_samples,
          request.certify_confidence, request.certify_denoiser};
}

}  // namespace robiq
