#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "robiq/io/byte_source.h"
#include "robiq/io/pickle/pickle.h"

namespace robiq {

/// What torch.save() wrote.
struct TorchFile {
  std::string container;  ///< "PyTorch zip", "PyTorch legacy pickle" or "pickle"
  ObjectPtr root;         ///< usually a dict of tensors, or a dict that has one
};

/// Reads a .pth, .pt or .pkl file as an enemy might have written it: the zip form (PyTorch 1.6 and
/// later), the legacy form, and plain pickles of plain data. Pickle is interpreted by an allow-list
/// and never executed: a name that is not on the list is refused by name. Every length, offset,
/// count and depth is checked before it is used, and memory is bounded by the file's size.
/// Tensors come out contiguous, on the CPU, each with memory of its own; tensors that share one
/// storage are copied apart, within a limit. Big-endian files and sparse or quantised tensors are
/// refused.
/// \throws Error{kModel} naming the file and what is wrong.
[[nodiscard]] TorchFile read_torch_file(const std::filesystem::path& file);
/// As above, of bytes that are open already.
[[nodiscard]] TorchFile read_torch_file(const std::shared_ptr<const ByteSource>& source);

/// Writes a zip .pth that holds one OrderedDict of tensors in the given order, which
/// torch.load(weights_only=True) opens (PyTorch 1.6 and later). Atomic; the same input gives the
/// same bytes.
/// \throws Error{kData} when it cannot be written, Error{kInternal} for a tensor type that the
/// format lacks.
void write_torch_file(const std::filesystem::path& file,
                      const std::vector<std::pair<std::string, at::Tensor>>& tensors);

}  // namespace robiq
