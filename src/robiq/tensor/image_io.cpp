#include "robiq/tensor/image_io.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>

#include "robiq/core/error.h"
#include "robiq/core/files.h"
#include "robiq/tensor/picture_header.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

/// Larger than any picture of kMaxPicturePixels with 16 bits and alpha.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

void silence_opencv() {
  static const bool done = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
  static_cast<void>(done);
}

/// Blue, green and red, or grey, perhaps alpha, in 8 or 16 bits; empty when it cannot be decoded.
cv::Mat decode(const std::string& bytes, PictureKind kind) {
  silence_opencv();
  const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  // Asked for 8-bit colour, libtiff would multiply by alpha and round 16 bits in its own way.
  const int how = kind == PictureKind::kTiff ? cv::IMREAD_UNCHANGED
                                             : cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
  try {
    return cv::imdecode(view, how);
  } catch (const cv::Exception&) {
    return {};
  }
}

/// \tparam shift  bits of a sample that are dropped
template <class Sample, int shift>
at::Tensor planes_of(const cv::Mat& picture) {
  const std::int64_t height = picture.rows, width = picture.cols, step = picture.channels();
  at::Tensor bytes = at::empty({3, height, width}, at::kByte);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (std::int64_t c = 0; c < 3; ++c) {
    const std::int64_t from = step >= 3 ? 2 - c : 0;
    for (int y = 0; y < picture.rows; ++y) {
      const Sample* row = picture.ptr<Sample>(y) + from;
      for (std::int64_t x = 0; x < width; ++x) {
        *out++ = static_cast<std::uint8_t>(row[step * x] >> shift);
      }
    }
  }
  return bytes;
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

at::Tensor read_picture(const fs::path& file) {
  const std::string bytes = read_file(file, kMaxFileBytes);
  const PictureHeader header = inspect_picture(bytes, file.string());
  const cv::Mat picture = decode(bytes, header.kind);
  if (picture.empty() || (picture.depth() != CV_8U && picture.depth() != CV_16U)) {
    throw Error(ErrorKind::kData,
                {"the picture cannot be decoded: its data is damaged or of a rare kind",
                 file.string(), "open it in another program and export it as PNG"});
  }
  if (picture.cols != header.width || picture.rows != header.height) {
    std::ostringstream what;
    what << "the picture claims " << header.width << "x" << header.height << " pixels and holds "
         << picture.cols << "x" << picture.rows;
    throw Error(ErrorKind::kData, {what.str(), file.string(), "copy or export the picture again"});
  }
  if (picture.depth() == CV_16U) return planes_of<std::uint16_t, 8>(picture);
  return planes_of<std::uint8_t, 0>(picture);
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
  silence_opencv();
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

void write_png(const fs::path& file, const at::Tensor& bytes) {
  write_file(file, encode_png(bytes));
}

}  // namespace robiq
