#include <ATen/ATen.h>

#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/picture_decoders.h"

namespace robiq {
namespace {

/// Blue, green, red; empty when libwebp refuses it. libwebp has no warnings that could be lost.
cv::Mat decoded(std::string_view bytes) {
  static const auto before = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  static_cast<void>(before);
  const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  try {
    return cv::imdecode(view, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception&) {
    return {};
  }
}

}  // namespace

at::Tensor decode_webp(std::string_view bytes, const PictureHeader& header) {
  const cv::Mat picture = decoded(bytes);
  if (picture.empty() || picture.type() != CV_8UC3) {
    throw PictureFault{"the WebP is damaged: its data cannot be decoded"};
  }
  need_same_size(header, picture.cols, picture.rows);
  at::Tensor pixels = at::empty({header.height, header.width, 3}, at::kByte);
  auto* out = pixels.data_ptr<std::uint8_t>();
  for (int y = 0; y < picture.rows; ++y) {
    const auto* row = picture.ptr<std::uint8_t>(y);
    for (int x = 0; x < picture.cols; ++x, out += 3, row += 3) {
      out[0] = row[2];
      out[1] = row[1];
      out[2] = row[0];
    }
  }
  return pixels;
}

}  // namespace robiq
