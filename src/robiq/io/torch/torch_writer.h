#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace robiq {

/// Writes a zip .pth that holds one OrderedDict of tensors in the given order, which
/// torch.load(weights_only=True) opens (PyTorch 1.6 and later). Atomic; the same input gives the
/// same bytes.
/// \throws Error{kData} when it cannot be written, Error{kInternal} for a tensor type that the
/// format lacks.
void write_torch_file(const std::filesystem::path& file,
                      const std::vector<std::pair<std::string, at::Tensor>>& tensors);

}  // namespace robiq
