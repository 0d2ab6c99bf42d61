#ifdef ROBIQ_WITH_FFMPEG

#include <ATen/ATen.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/tensor/video/ffmpeg_parts.h"

namespace robiq {
namespace {

/// Planar YUV that yuv_to_rgb() reads; false for the others, which swscale converts.
bool describe(const AVFrame& frame, YuvFormat& format) {
  const AVPixFmtDescriptor* const layout =
      av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (layout == nullptr) return false;
  constexpr std::uint64_t kOther = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_ALPHA |
                                   AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL |
                                   AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM;
  const bool planar = (layout->flags & AV_PIX_FMT_FLAG_PLANAR) != 0;
  if ((layout->flags & kOther) != 0 || !planar || layout->nb_components != 3) return false;
  for (int i = 0; i < 3; ++i) {  // of its own plane each, in the low bits
    const AVComponentDescriptor& component = layout->comp[i];
    if (component.plane != i || component.shift != 0 || component.offset != 0) return false;
  }
  const std::pair<int, int> halved{layout->log2_chroma_w, layout->log2_chroma_h};
  if (halved == std::pair{1, 1}) {
    format.chroma = YuvFormat::Chroma::k420;
  } else if (halved == std::pair{1, 0}) {
    format.chroma = YuvFormat::Chroma::k422;
  } else if (halved == std::pair{0, 0}) {
    format.chroma = YuvFormat::Chroma::k444;
  } else {
    return false;
  }
  format.bits = layout->comp[0].depth;
  return true;
}

YuvFormat::Matrix matrix_of(const AVFrame& frame) {
  if (frame.colorspace == AVCOL_SPC_BT709) return YuvFormat::Matrix::kBt709;
  const bool sd = frame.colorspace == AVCOL_SPC_SMPTE170M || frame.colorspace == AVCOL_SPC_BT470BG;
  return sd ? YuvFormat::Matrix::kBt601 : usual_matrix(frame.height);
}

bool is_full_range(const AVFrame& frame) {
  const auto kind = static_cast<AVPixelFormat>(frame.format);
  return frame.color_range == AVCOL_RANGE_JPEG || kind == AV_PIX_FMT_YUVJ420P ||
         kind == AV_PIX_FMT_YUVJ422P || kind == AV_PIX_FMT_YUVJ444P;
}

/// By swscale, with the frame's own matrix and range.
at::Tensor converted(const AVFrame& frame, const VideoHints& hints, const std::string& file) {
  const int width = frame.width, height = frame.height;
  const FfmpegOwned<SwsContext> scaler(sws_getContext(
      width, height, static_cast<AVPixelFormat>(frame.format), width, height, AV_PIX_FMT_RGB24,
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
  if (!scaler) {
    throw Error(ErrorKind::kData, {"the video cannot be read: its pixel format cannot be converted",
                                   file, "check that ffprobe reads it"});
  }
  const bool hd = hints.matrix.value_or(matrix_of(frame)) == YuvFormat::Matrix::kBt709;
  const int* const coefficients = sws_getCoefficients(hd ? SWS_CS_ITU709 : SWS_CS_ITU601);
  const bool full = hints.full_range.value_or(is_full_range(frame));
  static_cast<void>(sws_setColorspaceDetails(scaler.get(), coefficients, full ? 1 : 0, coefficients,
                                             1, 0, 1 << 16, 1 << 16));
  at::Tensor rows = at::empty({height, width, 3}, at::kByte);
  std::uint8_t* const first[4] = {rows.data_ptr<std::uint8_t>(), nullptr, nullptr, nullptr};
  const int stride[4] = {3 * width, 0, 0, 0};
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, height, first, stride);
  return rows.permute({2, 0, 1}).contiguous();
}

}  // namespace

std::string ffmpeg_reason(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

at::Tensor ffmpeg_frame(const AVFrame& frame, const VideoHints& hints, const std::string& file) {
  YuvFormat format;
  if (!describe(frame, format)) return converted(frame, hints, file);
  format.width = frame.width;
  format.height = frame.height;
  format.matrix = hints.matrix.value_or(matrix_of(frame));
  format.full_range = hints.full_range.value_or(is_full_range(frame));
  YuvPlanes planes;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    planes.first[plane] = reinterpret_cast<const std::byte*>(frame.data[plane]);
    planes.stride[plane] = frame.linesize[plane];
  }
  return yuv_to_rgb(format, planes);
}

}  // namespace robiq

#endif
