#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// A file that a distance cannot work without and that its user must give.
struct WantedFile {
  std::string distance;  ///< "lpips"
  std::string option;    ///< "trunk"
  std::string holds;     ///< "the weights of torchvision's VGG-16"
  std::string source;    ///< file name and place, for people
};

/// Tensors of such a file, looked up by name.
class DistanceFile {
 public:
  /// Reads any weights container (io/checkpoint.h).
  /// \throws Error{kUsage} when `file` is empty, Error{kModel} when it cannot be read
  DistanceFile(const std::string& file, const WantedFile& wanted);

  /// \return float32, on the CPU  \throws Error{kModel} unless the file has it, in this shape, as
  ///         floating-point numbers that are all finite
  [[nodiscard]] at::Tensor tensor(const std::string& name, at::IntArrayRef shape) const;

 private:
  [[noreturn]] void refuse(const std::string& what) const;

  std::string file_;
  WantedFile wanted_;
  TensorMap tensors_;
};

}  // namespace robiq
