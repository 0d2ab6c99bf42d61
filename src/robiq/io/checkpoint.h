#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "robiq/io/byte_source.h"

namespace robiq {

/// The tensors of a weights file, whatever its container.
struct CheckpointContents {
  std::string container;  ///< "safetensors", "PyTorch zip", "PyTorch legacy pickle", "pickle",
                          ///< "NumPy zip" or "MATLAB"
  std::string wrapper;    ///< keys that led to the state dict, "model" or "a.b"; "" for none
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< in the file's order
  std::map<std::string, at::Tensor> beside;     ///< numbers that stood beside the wrapped state
  std::map<std::string, std::string> metadata;  ///< of a .safetensors file
};

/// Reads .safetensors, .pth/.pt/.pkl, .npz and .mat files, told apart by their first bytes, not by
/// their names. Nothing in a file is executed. The dicts that training programs wrap around a state
/// dict ({"state_dict":...}, {"model":...,"optimizer":...}, {"params":...}) are opened.
/// \throws Error{kModel} for what is missing, corrupt, refused, or holds no named tensors.
[[nodiscard]] CheckpointContents read_checkpoint(const std::filesystem::path& file);

/// Knows what people have in place of weights by mistake: an empty file, a web page that a server
/// sent instead, a git-lfs pointer. \throws Error{kModel} saying which; else does nothing.
void refuse_impostor(const ByteSource& source);

}  // namespace robiq
