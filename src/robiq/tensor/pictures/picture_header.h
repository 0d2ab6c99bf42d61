#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "robiq/core/error.h"

namespace robiq {

enum class PictureKind { kJpeg, kPng, kBmp, kTiff, kWebp };

/// What a picture file says of itself.
struct PictureHeader {
  PictureKind kind = PictureKind::kPng;
  std::int64_t width = 0, height = 0;  ///< pixels
};

/// What a picture file that ends too early is refused with.
class CutOffPicture : public Error {
 public:
  explicit CutOffPicture(ErrorText text) : Error(ErrorKind::kData, std::move(text)) {}
};

/// Reads the header and checks, without decoding, that the file can hold what it claims: JPEG has
/// its end marker and codes for every block, PNG's chunks are whole with the right checksums, BMP,
/// TIFF and WebP hold the bytes their headers promise. Needs no memory in proportion to the claims.
/// \param name  of the file, for messages
/// \throws CutOffPicture for one that is empty or ends too early; Error{kData}: another kind of
///         file, lying, damaged, more pixels than kMaxPicturePixels
[[nodiscard]] PictureHeader inspect_picture(std::string_view bytes, const std::string& name);

/// The files of a folder that end as pictures do, sorted by path; folders in it are not entered.
/// Links that lead nowhere are among them: whoever reads one says that it is not there.
/// \throws Error{kData} for a folder that cannot be read
[[nodiscard]] std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder);

}  // namespace robiq
