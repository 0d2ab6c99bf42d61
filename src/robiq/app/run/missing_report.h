#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/data/missing_pictures.h"

namespace robiq {

/// Says how many of the expected pictures a run uses, and writes those left out, with the reason,
/// to `file` (columns image and reason), so that a number is never read without what it leaves
/// out. Where none is left out, an earlier file is removed.
/// \return "298 of 300 pictures are used; left out: a.jpg, b.jpg"
std::string report_missing(const Dataset& dataset, const std::vector<MissingPicture>& missing,
                           std::int64_t expected, const std::filesystem::path& file);

}  // namespace robiq
