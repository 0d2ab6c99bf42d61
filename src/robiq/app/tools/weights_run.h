#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq weights inspect` is told.
struct InspectRequest {
  std::string file;

  static OptionTable<InspectRequest> options();
};

/// What is in a weights file of any container, without a model.
/// \return {"file", "container", "wrapper", "bytes", "sha256", "tensors": count, "values": numbers
/// in
///   all, "card": robiq's model card or null, "beside": names of the numbers beside the state,
///   "state": [{"name", "dtype", "shape", "values"}, ...]}
/// \throws Error{kModel} for a file that is missing, corrupt or refused.
[[nodiscard]] nlohmann::ordered_json inspect_weights(const InspectRequest& request);

/// What `robiq weights convert` is told.
struct ConvertRequest {
  std::string in, out;
  std::string model, scale;
  bool force = false;

  static OptionTable<ConvertRequest> options();
  static void settle(ConvertRequest& request, const Params& given);
};

/// Rewrites a weights file as .safetensors or as a .pth that PyTorch opens with weights_only=True.
/// With a model, the tensors are checked against it, take its names, and a .safetensors gets its
/// card; without one they keep the names and types of the file.
/// \return {"in", "out", "container", "tensors", "sha256"}
/// \throws Error{kUsage} for an ending it does not write and for an `out` that holds anything else
///   already (unless `force`), Error{kModel} for a file that is missing,
///   corrupt, refused or does not fit, Error{kData} when `out` cannot be written.
[[nodiscard]] nlohmann::ordered_json convert_weights(const ConvertRequest& request);

}  // namespace robiq
