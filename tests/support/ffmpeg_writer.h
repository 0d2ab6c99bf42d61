#pragma once
// Writes small videos by FFmpeg's libraries, for tests of how robiq reads them.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "robiq/tensor/video/ffmpeg_parts.h"

namespace robiq::test {

/// A video of frames of 8 bits, whose Y is 16 + 10 i in frame i.
struct PlannedVideo {
  int frames = 10, width = 64, height = 48;
  AVCodecID codec = AV_CODEC_ID_FFV1;  ///< lossless
  int streams = 1;                     ///< equal ones
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  double degrees = 0;  ///< by which players turn it
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  int chroma_slope = 0;   ///< U and V are 128, and so much more every column, three times over
  int first_of_late = 0;  ///< from this frame on all come ten frames later; 0: none
};

/// Encodes and writes a planned video. What FFmpeg made is given back where a step fails, too.
class FfmpegWriter {
 public:
  /// \throws std::runtime_error where FFmpeg cannot write such a video
  FfmpegWriter(const std::filesystem::path& file, const PlannedVideo& plan) : plan_(plan) {
    AVFormatContext* output = nullptr;
    check(avformat_alloc_output_context2(&output, nullptr, nullptr, file.c_str()));
    output_.reset(output);
    for (int i = 0; i < plan.streams; ++i) add_stream();
    check(avio_open(&output_->pb, file.c_str(), AVIO_FLAG_WRITE));
    check(avformat_write_header(output_.get(), nullptr));
    for (int number = 0; number < plan.frames; ++number) {
      for (std::size_t i = 0; i < encoders_.size(); ++i) encode(i, painted(number).get());
    }
    for (std::size_t i = 0; i < encoders_.size(); ++i) encode(i, nullptr);
    check(av_write_trailer(output_.get()));
  }

 private:
  struct OutputCloser {
    void operator()(AVFormatContext* context) const {
      avio_closep(&context->pb);
      avformat_free_context(context);
    }
  };

  static void check(int code) {
    if (code < 0) throw std::runtime_error("FFmpeg cannot write the test's video");
  }

  void add_stream() {
    const AVCodec* const codec = avcodec_find_encoder(plan_.codec);
    AVStream* const stream = avformat_new_stream(output_.get(), nullptr);
    AVCodecContext* const encoder = avcodec_alloc_context3(codec);
    encoders_.emplace_back(encoder);
    encoder->width = plan_.width;
    encoder->height = plan_.height;
    encoder->pix_fmt = plan_.format;
    encoder->time_base = {1, 25};
    encoder->framerate = {25, 1};
    encoder->color_trc = plan_.transfer;
    encoder->colorspace = plan_.matrix;
    encoder->thread_count = 1;
    if ((output_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
      encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    check(avcodec_open2(encoder, codec, nullptr));
    check(avcodec_parameters_from_context(stream->codecpar, encoder));
    stream->time_base = encoder->time_base;
    stream->avg_frame_rate = encoder->framerate;
    if (plan_.degrees != 0) av_display_rotation_set(display_matrix(*stream), plan_.degrees);
  }

  static std::int32_t* display_matrix(AVStream& stream) {
    constexpr std::size_t kBytes = 9 * sizeof(std::int32_t);
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVPacketSideData* const side = av_packet_side_data_new(&stream.codecpar->coded_side_data,
                                                           &stream.codecpar->nb_coded_side_data,
                                                           AV_PKT_DATA_DISPLAYMATRIX, kBytes, 0);
    return reinterpret_cast<std::int32_t*>(side->data);
#else
    return reinterpret_cast<std::int32_t*>(
        av_stream_new_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, kBytes));
#endif
  }

  /// \param frame  null: no more are to come
  void encode(std::size_t index, const AVFrame* frame) {
    AVCodecContext* const encoder = encoders_[index].get();
    check(avcodec_send_frame(encoder, frame));
    const FfmpegOwned<AVPacket> packet(av_packet_alloc());
    int code = 0;
    while ((code = avcodec_receive_packet(encoder, packet.get())) >= 0) {
      packet->stream_index = static_cast<int>(index);
      packet->duration = 1;
      av_packet_rescale_ts(packet.get(), encoder->time_base, output_->streams[index]->time_base);
      check(av_interleaved_write_frame(output_.get(), packet.get()));
    }
    if (code != AVERROR(EAGAIN) && code != AVERROR_EOF) check(code);
  }

  [[nodiscard]] FfmpegOwned<AVFrame> painted(int number) const {
    FfmpegOwned<AVFrame> frame(av_frame_alloc());
    frame->format = plan_.format;
    frame->width = plan_.width;
    frame->height = plan_.height;
    const bool late = plan_.first_of_late > 0 && number >= plan_.first_of_late;
    frame->pts = number + (late ? 10 : 0);
    check(av_frame_get_buffer(frame.get(), 0));
    const AVPixFmtDescriptor& layout = *av_pix_fmt_desc_get(plan_.format);
    for (int i = 0; i < layout.nb_components; ++i) paint(*frame, layout, i, number);
    return frame;
  }

  void paint(const AVFrame& frame, const AVPixFmtDescriptor& layout, int component,
             int number) const {
    const AVComponentDescriptor& place = layout.comp[component];
    const bool chroma = component == 1 || component == 2;
    const int rows = chroma ? AV_CEIL_RSHIFT(plan_.height, layout.log2_chroma_h) : plan_.height;
    const int columns = chroma ? AV_CEIL_RSHIFT(plan_.width, layout.log2_chroma_w) : plan_.width;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const int value =
            chroma ? 128 + column % 3 * plan_.chroma_slope * component : 16 + 10 * number;
        frame.data[place.plane][row * frame.linesize[place.plane] + column * place.step +
                                place.offset] = static_cast<std::uint8_t>(value);
      }
    }
  }

  PlannedVideo plan_;
  std::unique_ptr<AVFormatContext, OutputCloser> output_;
  std::vector<FfmpegOwned<AVCodecContext>> encoders_;
};

/// Writes a planned video; the ending of the file names the container.
inline void write_video(const std::filesystem::path& file, const PlannedVideo& plan) {
  const FfmpegWriter writer(file, plan);
}

}  // namespace robiq::test
