#include "robiq/tensor/pictures/image_io.h"

#include <ATen/ATen.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

/// Larger than any picture of kMaxPicturePixels with 16 bits and alpha.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

at::Tensor decode(const std::string& bytes, const PictureHeader& header) {
  switch (header.kind) {
    case PictureKind::kJpeg:
      return decode_jpeg(bytes, header);
    case PictureKind::kPng:
      return decode_png(bytes, header);
    case PictureKind::kBmp:
      return decode_bmp(bytes, header);
    case PictureKind::kTiff:
      return decode_tiff(bytes, header);
    case PictureKind::kWebp:
      return decode_webp(bytes, header);
  }
  throw PictureFault{"the picture is of an unknown kind"};
}

cv::Mat interleaved(const at::Tensor& bytes) {
  const at::Tensor planes = bytes.contiguous();
  const std::int64_t area = planes.size(1) * planes.size(2);
  const auto* from = planes.data_ptr<std::uint8_t>();
  cv::Mat picture(static_cast<int>(planes.size(1)), static_cast<int>(planes.size(2)), CV_8UC3);
  for (std::int64_t i = 0; i < area; ++i) {
    for (std::int64_t c = 0; c < 3; ++c) picture.data[3 * i + 2 - c] = from[c * area + i];
  }
  return picture;
}

}  // namespace

void need_same_size(const PictureHeader& header, std::int64_t width, std::int64_t height) {
  if (width == header.width && height == header.height) return;
  std::ostringstream what;
  what << "the picture claims " << header.width << "x" << header.height << " pixels and holds "
       << width << "x" << height;
  throw PictureFault{what.str()};
}

at::Tensor read_picture(const fs::path& file) {
  const std::string bytes = read_file(file, kMaxFileBytes);
  const PictureHeader header = inspect_picture(bytes, file.string());
  try {
    return decode(bytes, header).permute({2, 0, 1}).contiguous();
  } catch (const PictureFault& fault) {
    if (fault.cut_off) throw CutOffPicture({fault.what, file.string(), fault.hint});
    throw Error(ErrorKind::kData, {fault.what, file.string(), fault.hint});
  }
}

namespace {

/// \param ending  ".png": what OpenCV is to make of them
std::string encoded(const at::Tensor& bytes, const char* ending,
                    const std::vector<int>& settings = {}) {
  const bool good = bytes.defined() && bytes.scalar_type() == at::kByte && bytes.dim() == 3 &&
                    bytes.size(0) == 3 && bytes.numel() > 0;
  if (!good) {
    std::ostringstream got;
    if (bytes.defined()) got << bytes.scalar_type() << " " << bytes.sizes();
    throw Error(ErrorKind::kInternal,
                {"a picture file is made of uint8 [3,H,W], not of " + got.str(), ending,
                 "convert the picture with to_bytes()"});
  }
  std::vector<std::uint8_t> out;
  if (!cv::imencode(ending, interleaved(bytes.cpu()), out, settings)) {
    throw Error(ErrorKind::kInternal, {"a picture could not be encoded", ending, ""});
  }
  return {out.begin(), out.end()};
}

}  // namespace

std::string encode_png(const at::Tensor& bytes) { return encoded(bytes, ".png"); }

std::string encode_jpeg(const at::Tensor& bytes) {
  constexpr int kQuality = 80;
  return encoded(bytes, ".jpg", {cv::IMWRITE_JPEG_QUALITY, kQuality});
}

at::Tensor jpeg_round_trip(const at::Tensor& bytes, int quality) {
  const std::string file = encode_jpeg_420(bytes.cpu(), quality);
  const PictureHeader header = inspect_picture(file, "a picture in memory");
  return decode_jpeg(file, header).permute({2, 0, 1}).contiguous().to(bytes.device());
}

void write_png(const fs::path& file, const at::Tensor& bytes) {
  write_file(file, encode_png(bytes));
}

}  // namespace robiq
