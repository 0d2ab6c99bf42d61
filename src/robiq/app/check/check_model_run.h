#pragma once
#include <functional>
#include <string>
#include <vector>

#include "robiq/app/check/model_promises.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// What `robiq check-model` is told.
struct CheckModelRequest {
  std::string model, weights, scale, device = "auto";
  std::int64_t threads = 0;

  static OptionTable<CheckModelRequest> options();
};

/// A row of what `robiq check-model` prints. The scores in a finding are on `scale`, the model's
/// own.
struct CheckedPromise : PromiseResult {
  ScoreScale scale;

  static ResultColumns<CheckedPromise> columns();
};

/// Tries a model's promises (model_promises.h) and hands all rows to `show`.
/// Without weights a model that needs some is made with random ones.
/// \throws Error{kModel} after that when a promise is broken
void check_model(const CheckModelRequest& request,
                 const std::function<void(const std::vector<CheckedPromise>&)>& show);

}  // namespace robiq
