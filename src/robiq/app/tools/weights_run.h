#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/model/weights/weights.h"

namespace robiq {

/// What `robiq weights inspect` is told.
struct InspectRequest {
  std::string file;

  static OptionTable<InspectRequest> options();
};

/// One tensor of a weights file.
struct TensorRow {
  std::string name, dtype, shape;  ///< shape: "[64,3,7,7]"
  std::int64_t values = 0;

  static ResultColumns<TensorRow> columns();
};

/// What is in a weights file.
struct InspectedWeights {
  std::string file, container;
  std::string wrapper;  ///< the key that the state stands under; "": the file is the state
  std::uintmax_t bytes = 0;
  std::string sha256;
  std::int64_t values = 0;          ///< numbers in all tensors
  std::optional<WeightsCard> card;  ///< robiq's own
  std::vector<std::string> beside;  ///< names of the numbers beside the state
  std::vector<TensorRow> state;

  static ResultColumns<InspectedWeights> columns();
};

/// What is in a weights file of any container, without a model.
/// \throws Error{kModel} for a file that is missing, corrupt or refused.
[[nodiscard]] InspectedWeights inspect_weights(const InspectRequest& request);

/// What `robiq weights convert` is told.
struct ConvertRequest {
  std::string in, out;
  std::string model, scale;
  bool force = false;

  static OptionTable<ConvertRequest> options();
  static void settle(ConvertRequest& request, const Params& given);
};

/// What a conversion wrote.
struct ConvertedWeights {
  std::string in, out;
  std::string container;  ///< of `in`
  std::size_t tensors = 0;
  std::string sha256;  ///< of `out`

  static ResultColumns<ConvertedWeights> columns();
};

/// Rewrites a weights file as .safetensors or as a .pth that PyTorch opens with weights_only=True.
/// With a model, the tensors are checked against it, take its names, and a .safetensors gets its
/// card; without one they keep the names and types of the file. \throws Error{kUsage} for an ending
/// it does not write and for an `out` that holds anything else already (unless `force`),
/// Error{kModel} for a file that is missing, corrupt, refused or does not fit, Error{kData} when
/// `out` cannot be written.
[[nodiscard]] ConvertedWeights convert_weights(const ConvertRequest& request);

}  // namespace robiq
