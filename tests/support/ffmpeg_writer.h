#pragma once
// Writes small videos by FFmpeg's libraries, for tests of how robiq reads them.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace robiq::test {

/// A video of grey frames in 4:2:0, whose Y is 16 + 10 i in frame i.
struct PlannedVideo {
  int frames = 10, width = 64, height = 48;
  AVCodecID codec = AV_CODEC_ID_FFV1;  ///< lossless
  int streams = 1;                     ///< equal ones
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  double degrees = 0;  ///< by which players turn it
};

class FfmpegWriter {
 public:
  FfmpegWriter(const std::filesystem::path& file, const PlannedVideo& plan) : plan_(plan) {
    check(avformat_alloc_output_context2(&output_, nullptr, nullptr, file.c_str()));
    for (int i = 0; i < plan.streams; ++i) add_stream();
    check(avio_open(&output_->pb, file.c_str(), AVIO_FLAG_WRITE));
    check(avformat_write_header(output_, nullptr));
    for (int number = 0; number < plan.frames; ++number) {
      for (std::size_t i = 0; i < encoders_.size(); ++i) encode(i, number);
    }
    for (std::size_t i = 0; i < encoders_.size(); ++i) encode(i, -1);
    check(av_write_trailer(output_));
  }
  ~FfmpegWriter() {
    for (AVCodecContext* encoder : encoders_) avcodec_free_context(&encoder);
    if (output_ != nullptr) avio_closep(&output_->pb);
    avformat_free_context(output_);
  }
  FfmpegWriter(const FfmpegWriter&) = delete;
  FfmpegWriter& operator=(const FfmpegWriter&) = delete;

 private:
  static void check(int code) {
    if (code < 0) throw std::runtime_error("FFmpeg cannot write the test's video");
  }

  void add_stream() {
    const AVCodec* const codec = avcodec_find_encoder(plan_.codec);
    AVStream* const stream = avformat_new_stream(output_, nullptr);
    AVCodecContext* const encoder = avcodec_alloc_context3(codec);
    encoders_.push_back(encoder);
    encoder->width = plan_.width;
    encoder->height = plan_.height;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = {1, 25};
    encoder->framerate = {25, 1};
    encoder->color_trc = plan_.transfer;
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

  /// \param number  of the frame; below 0: no more are to come
  void encode(std::size_t index, int number) {
    AVFrame* frame = number < 0 ? nullptr : painted(number);
    check(avcodec_send_frame(encoders_[index], frame));
    av_frame_free(&frame);
    AVPacket* packet = av_packet_alloc();
    while (avcodec_receive_packet(encoders_[index], packet) >= 0) {
      AVStream* const stream = output_->streams[index];
      packet->stream_index = static_cast<int>(index);
      packet->duration = 1;
      av_packet_rescale_ts(packet, encoders_[index]->time_base, stream->time_base);
      check(av_interleaved_write_frame(output_, packet));
    }
    av_packet_free(&packet);
  }

  [[nodiscard]] AVFrame* painted(int number) const {
    AVFrame* const frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = plan_.width;
    frame->height = plan_.height;
    frame->pts = number;
    check(av_frame_get_buffer(frame, 0));
    for (int plane = 0; plane < 3; ++plane) {
      const int rows = plane == 0 ? plan_.height : plan_.height / 2;
      const int value = plane == 0 ? 16 + 10 * number : 128;
      std::fill_n(frame->data[plane], frame->linesize[plane] * rows,
                  static_cast<std::uint8_t>(value));
    }
    return frame;
  }

  PlannedVideo plan_;
  AVFormatContext* output_ = nullptr;
  std::vector<AVCodecContext*> encoders_;
};

inline void write_video(const std::filesystem::path& file, const PlannedVideo& plan) {
  const FfmpegWriter writer(file, plan);
}

}  // namespace robiq::test
