#pragma once
#include "robiq/io/byte_source.h"
#include "robiq/io/pickle/object.h"

namespace robiq {

/// Whether it begins with the number that torch.save() wrote before PyTorch 1.6.
[[nodiscard]] bool is_torch_legacy(const ByteSource& source);

/// Reads that form: pickles of the number, the protocol, what the writing machine was, the value
/// and the storages' keys, then for each storage its count of elements and their bytes. \throws
/// Error{kModel}
[[nodiscard]] ObjectPtr read_torch_legacy(const ByteSource& source);

}  // namespace robiq
