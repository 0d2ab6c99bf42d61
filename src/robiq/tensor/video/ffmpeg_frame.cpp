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

/// Whether U and V alternate in one plane of bytes, as in NV12.
bool is_interleaved(const AVPixFmtDescriptor& layout) {
  return layout.nb_components == 3 && layout.comp[1].plane == 1 && layout.comp[2].plane == 1 &&
         layout.comp[0].depth == 8 && layout.comp[1].step == 2;
}

/// Whether each component has samples of its own in the low bits of a plane of its own. An alpha
/// plane is left unread.
bool has_planes(const AVPixFmtDescriptor& layout) {
  const bool alpha = (layout.flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  const int colours = layout.nb_components - (alpha ? 1 : 0);
  if (colours != 1 && colours != 3) return false;
  for (int i = 0; i < colours; ++i) {
    const AVComponentDescriptor& component = layout.comp[i];
    const int step = component.depth > 8 ? 2 : 1;
    if (component.plane != i || component.shift != 0 || component.offset != 0) return false;
    if (component.step != step) return false;
  }
  return true;
}

/// Luma and YUV that yuv_to_rgb() reads; false for the others, which swscale converts.
bool describe(const AVPixFmtDescriptor& layout, YuvFormat& format) {
  constexpr std::uint64_t kOther = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL |
                                   AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM |
                                   AV_PIX_FMT_FLAG_FLOAT;
  if ((layout.flags & kOther) != 0) return false;
  if (!has_planes(layout) && !is_interleaved(layout)) return false;
  format.bits = layout.comp[0].depth;
  if (layout.nb_components < 3) {
    format.chroma = YuvFormat::Chroma::kNone;
    return true;
  }
  const std::pair<int, int> halved{layout.log2_chroma_w, layout.log2_chroma_h};
  if (halved == std::pair{1, 1}) {
    format.chroma = YuvFormat::Chroma::k420;
  } else if (halved == std::pair{1, 0}) {
    format.chroma = YuvFormat::Chroma::k422;
  } else if (halved == std::pair{0, 0}) {
    format.chroma = YuvFormat::Chroma::k444;
  } else {
    return false;
  }
  return true;
}

/// U and V of an interleaved plane, each by itself. \return bytes [2, rows, columns]
at::Tensor separated(const AVFrame& frame, const AVPixFmtDescriptor& layout) {
  const std::int64_t width = AV_CEIL_RSHIFT(frame.width, layout.log2_chroma_w);
  const std::int64_t height = AV_CEIL_RSHIFT(frame.height, layout.log2_chroma_h);
  const at::Tensor pairs =
      at::from_blob(frame.data[1], {2, height, width}, {1, frame.linesize[1], 2}, at::kByte);
  const bool v_first = layout.comp[1].offset > layout.comp[2].offset;
  return (v_first ? pairs.flip(0) : pairs).contiguous();
}

YuvFormat::Matrix matrix_of(const AVFrame& frame) {
  // BT.2020 is read as if it were BT.709, and ffmpeg_remarks() says so.
  if (frame.colorspace == AVCOL_SPC_BT709 || frame.colorspace == AVCOL_SPC_BT2020_NCL ||
      frame.colorspace == AVCOL_SPC_BT2020_CL) {
    return YuvFormat::Matrix::kBt709;
  }
  const bool sd = frame.colorspace == AVCOL_SPC_SMPTE170M || frame.colorspace == AVCOL_SPC_BT470BG;
  return sd ? YuvFormat::Matrix::kBt601 : usual_matrix(frame.height);
}

bool is_full_range(const AVFrame& frame) {
  const auto kind = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor* const layout = av_pix_fmt_desc_get(kind);
  // FFmpeg itself reads grey so where nothing is said, and AVI has no place to say it.
  const bool grey = layout != nullptr && layout->nb_components < 3;
  if (grey && frame.color_range == AVCOL_RANGE_UNSPECIFIED) return true;
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
  const AVPixFmtDescriptor* const layout =
      av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (layout == nullptr || !describe(*layout, format)) return converted(frame, hints, file);
  format.width = frame.width;
  format.height = frame.height;
  format.matrix = hints.matrix.value_or(matrix_of(frame));
  format.full_range = hints.full_range.value_or(is_full_range(frame));
  YuvPlanes planes;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    planes.first[plane] = reinterpret_cast<const std::byte*>(frame.data[plane]);
    planes.stride[plane] = frame.linesize[plane];
  }
  at::Tensor chroma;
  if (is_interleaved(*layout)) {
    chroma = separated(frame, *layout);
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto plane = static_cast<std::size_t>(i + 1);
      planes.first[plane] = reinterpret_cast<const std::byte*>(chroma[i].data_ptr<std::uint8_t>());
      planes.stride[plane] = chroma.size(2);
    }
  }
  return yuv_to_rgb(format, planes);
}

}  // namespace robiq

#endif
