#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// What a .safetensors file holds: tensors, and texts by key (robiq keeps its model card there).
struct SafetensorsFile {
  TensorMap tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a file as an enemy might have written it: the header's size and JSON, every shape, type
/// and offset are checked before a byte is used; overlaps, holes, unknown types, repeated names and
/// bytes left over are refused. Format: https://github.com/huggingface/safetensors (F64, F32, F16,
/// BF16, I64, I32, I16, I8, U8, BOOL). \return contiguous CPU tensors  \throws Error{kModel} naming
/// the file and the tensor.
[[nodiscard]] SafetensorsFile read_safetensors(const std::filesystem::path& file);

/// Writes beside the file, then renames; the same input gives the same bytes.
/// \throws Error{kData} when it cannot be written, Error{kInternal} for a type the format lacks.
void write_safetensors(const std::filesystem::path& file, const SafetensorsFile& contents);

}  // namespace robiq
