#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq check-model` is told.
struct CheckModelRequest {
  std::string model, weights, scale, device = "auto";
  std::int64_t threads = 0;

  static OptionTable<CheckModelRequest> options();
};

/// Tries a model's promises (model_promises.h) and hands all rows to `show`:
/// {promise, state, needed_for, finding, hint, scale, robiq_version} each; state is kept, broken or
/// note, and the scores in a finding are on `scale`, the model's own.
/// Without weights a model that needs some is made with random ones.
/// \throws Error{kModel} after that when a promise is broken
void check_model(const CheckModelRequest& request,
                 const std::function<void(const nlohmann::ordered_json&)>& show);

}  // namespace robiq
