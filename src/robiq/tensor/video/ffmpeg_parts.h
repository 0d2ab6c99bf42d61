#pragma once
// What the readers of FFmpeg's videos share. Only for builds with FFmpeg's libraries.
#include <ATen/core/Tensor.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>
#include <vector>

#include "robiq/tensor/video/video.h"

namespace robiq {

/// Gives back what FFmpeg made.
struct FfmpegCloser {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
template <class T>
using FfmpegOwned = std::unique_ptr<T, FfmpegCloser>;

/// FFmpeg's words for one of its error codes.
[[nodiscard]] std::string ffmpeg_reason(int code);

/// The frame as uint8 [3,H,W] RGB: planar YUV by yuv_to_rgb(), other layouts by swscale.
/// \param file  for messages   \throws Error{kData} for a layout that swscale does not know
[[nodiscard]] at::Tensor ffmpeg_frame(const AVFrame& frame, const VideoHints& hints,
                                      const std::string& file);

/// VideoInfo::remarks of one stream.
[[nodiscard]] std::vector<std::string> ffmpeg_remarks(const AVFormatContext& input, int stream);

}  // namespace robiq
