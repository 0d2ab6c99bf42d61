#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/data/dataset.h"
#include "robiq/dist/process_group.h"

namespace robiq {

/// What a picture is, whatever its file is called: the first 16 hexadecimal digits of SHA-256 over
/// its size and its decoded pixels. A copy that was renamed, moved, linked, or saved again without
/// loss has the same identity; one that was resized or compressed again has another.
/// \param bytes  uint8 [3,H,W], as Dataset::read() gives it
[[nodiscard]] std::string picture_identity(const at::Tensor& bytes);

/// The identities of `records`, in their order; every picture is decoded once.
/// \param workers  threads that decode, at least 1
/// \param group    of several processes each then decodes its share; may be null
/// \throws Error{kData} naming the first picture that cannot be read
[[nodiscard]] std::vector<std::string> picture_identities(const Dataset& dataset,
                                                          const std::vector<std::size_t>& records,
                                                          std::int64_t workers,
                                                          const ProcessGroup* group);

/// SHA-256 over the ids of a data set's records and which of them share a content, whatever their
/// order and labels: equal for equal lists of pictures, and equal splits are then drawn of them.
[[nodiscard]] std::string records_sha256(const Dataset& dataset);

}  // namespace robiq
