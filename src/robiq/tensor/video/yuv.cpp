#include "robiq/tensor/video/yuv.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

std::int64_t YuvFormat::columns(int plane) const {
  if (plane == 0 || chroma == Chroma::k444) return width;
  return chroma == Chroma::kNone ? 0 : (width + 1) / 2;
}

std::int64_t YuvFormat::rows(int plane) const {
  if (plane == 0) return height;
  if (chroma == Chroma::kNone) return 0;
  return chroma == Chroma::k420 ? (height + 1) / 2 : height;
}

std::int64_t YuvFormat::frame_bytes() const {
  std::int64_t samples = 0;
  for (int plane = 0; plane < 3; ++plane) samples += columns(plane) * rows(plane);
  return samples * bytes_per_sample();
}

YuvPlanes packed_planes(const YuvFormat& format, const std::byte* frame) {
  YuvPlanes planes;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const int index = static_cast<int>(plane);
    planes.first[plane] = frame;
    planes.stride[plane] = format.columns(index) * format.bytes_per_sample();
    frame += planes.stride[plane] * format.rows(index);
  }
  return planes;
}

namespace {

/// R = y + red_v V, G = y - green_u U - green_v V, B = y + blue_u U, chroma in [-1/2, 1/2].
struct Matrix {
  float red_v, green_u, green_v, blue_u;

  explicit Matrix(YuvFormat::Matrix which) {
    const bool hd = which == YuvFormat::Matrix::kBt709;
    const double kr = hd ? 0.2126 : 0.299, kb = hd ? 0.0722 : 0.114, kg = 1 - kr - kb;
    red_v = static_cast<float>(2 * (1 - kr));
    blue_u = static_cast<float>(2 * (1 - kb));
    green_u = static_cast<float>(2 * kb * (1 - kb) / kg);
    green_v = static_cast<float>(2 * kr * (1 - kr) / kg);
  }
};

/// A sample as a number: luma in [0,1], chroma in [-1/2,1/2], before clamping.
struct Levels {
  float offset, factor;

  Levels(const YuvFormat& format, bool luma) {
    const double step = std::ldexp(1.0, format.bits - 8),
                 largest = std::ldexp(1.0, format.bits) - 1;
    const double zero = luma ? (format.full_range ? 0 : 16 * step) : 128 * step;
    const double range = format.full_range ? largest : (luma ? 219 : 224) * step;
    offset = static_cast<float>(zero);
    factor = static_cast<float>(1 / range);
  }
};

void read_row(const YuvFormat& format, const std::byte* row, const Levels& levels,
              std::vector<float>& into) {
  const float largest = static_cast<float>((1 << format.bits) - 1);
  for (std::size_t x = 0; x < into.size(); ++x) {
    float value = 0;
    if (format.bits > 8) {
      std::uint16_t sample = 0;
      std::memcpy(&sample, row + 2 * x, sizeof sample);
      value = std::min(static_cast<float>(sample), largest);
    } else {
      value = static_cast<float>(std::to_integer<std::uint8_t>(row[x]));
    }
    into[x] = (value - levels.offset) * levels.factor;
  }
}

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255.0F + 0.5F);
}

void check_format(const YuvFormat& format) {
  if (format.bits < 8 || format.bits > 16) {
    throw Error(ErrorKind::kData, {"samples of " + std::to_string(format.bits) + " bits", "YUV",
                                   "give samples of 8 to 16 bits"});
  }
  if (format.width < 1 || format.height < 1 || format.width > kMaxPicturePixels / format.height) {
    throw Error(ErrorKind::kData,
                {"a YUV picture of " + std::to_string(format.width) + " x " +
                     std::to_string(format.height) + " pixels",
                 "", "give a picture of 1 to " + std::to_string(kMaxPicturePixels) + " pixels"});
  }
}

}  // namespace

at::Tensor yuv_to_rgb(const YuvFormat& format, const YuvPlanes& planes) {
  check_format(format);
  at::Tensor picture = at::empty({3, format.height, format.width}, at::kByte);
  std::uint8_t* const red = picture.data_ptr<std::uint8_t>();
  const std::int64_t area = format.height * format.width;
  const Matrix matrix(format.matrix);
  const Levels luma(format, true), chroma(format, false);
  std::vector<float> y(static_cast<std::size_t>(format.width));
  std::vector<float> u(static_cast<std::size_t>(format.columns(1))), v(u.size());
  const bool half_columns = format.columns(1) != format.width;
  const std::int64_t rows_per_chroma = format.chroma == YuvFormat::Chroma::k420 ? 2 : 1;
  for (std::int64_t row = 0; row < format.height; ++row) {
    read_row(format, planes.first[0] + row * planes.stride[0], luma, y);
    if (!u.empty() && row % rows_per_chroma == 0) {
      const std::int64_t chroma_row = row / rows_per_chroma;
      read_row(format, planes.first[1] + chroma_row * planes.stride[1], chroma, u);
      read_row(format, planes.first[2] + chroma_row * planes.stride[2], chroma, v);
    }
    std::uint8_t* const line = red + row * format.width;
    for (std::size_t x = 0; x < y.size(); ++x) {
      const std::size_t c = half_columns ? x / 2 : x;
      const float cb = u.empty() ? 0.0F : u[c], cr = v.empty() ? 0.0F : v[c];
      line[x] = to_byte(y[x] + matrix.red_v * cr);
      line[static_cast<std::size_t>(area) + x] =
          to_byte(y[x] - matrix.green_u * cb - matrix.green_v * cr);
      line[static_cast<std::size_t>(2 * area) + x] = to_byte(y[x] + matrix.blue_u * cb);
    }
  }
  return picture;
}

}  // namespace robiq
