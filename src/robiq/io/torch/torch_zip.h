#pragma once
#include <memory>

#include "robiq/io/byte_source.h"
#include "robiq/io/pickle/object.h"

namespace robiq {

/// Reads the zip form of torch.save(): FOLDER/data.pkl, FOLDER/data/KEY for each storage,
/// FOLDER/version and, since PyTorch 2.1, FOLDER/byteorder. \throws Error{kModel}, for TorchScript
/// archives with the flag that takes them.
[[nodiscard]] ObjectPtr read_torch_zip(std::shared_ptr<const ByteSource> source);

}  // namespace robiq
