#include "robiq/core/error.h"
#include "robiq/tensor/video/video.h"

#ifndef ROBIQ_WITH_FFMPEG

namespace robiq {

std::unique_ptr<VideoReader> open_with_ffmpeg(const std::filesystem::path& file,
                                              const VideoHints& /*hints*/) {
  throw Error(
      ErrorKind::kData,
      {"this robiq was built without FFmpeg's libraries, and the video is not .y4m", file.string(),
       "install libavformat-dev, libavcodec-dev and libswscale-dev and build again, or "
       "convert it: ffmpeg -i VIDEO video.y4m"});
}

}  // namespace robiq

#else

#include <ATen/ATen.h>
#include <fmt/format.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/video/ffmpeg_parts.h"

namespace robiq {
namespace {

/// Only files of this machine: a playlist in a video's clothes must not reach the network.
FfmpegOwned<AVFormatContext> opened_input(const std::filesystem::path& file) {
  av_log_set_level(AV_LOG_QUIET);
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  AVFormatContext* context = nullptr;
  // A bare name with a colon in it would be taken for a protocol.
  const std::string name = "file:" + file.string();
  const int code = avformat_open_input(&context, name.c_str(), nullptr, &options);
  av_dict_free(&options);
  if (code < 0) {
    throw Error(ErrorKind::kData,
                {"the video cannot be opened: " + ffmpeg_reason(code), file.string(),
                 "check that it is whole, and a format that FFmpeg reads"});
  }
  return FfmpegOwned<AVFormatContext>(context);
}

/// The first, or best, video stream of a file.
class FfmpegVideo final : public VideoReader {
 public:
  FfmpegVideo(const std::filesystem::path& file, const VideoHints& hints)
      : file_(file.string()),
        hints_(hints),
        input_(opened_input(file)),
        frame_(av_frame_alloc()),
        packet_(av_packet_alloc()) {
    if (!frame_ || !packet_) throw Error(ErrorKind::kDevice, {"out of memory", file_, ""});
    if (const int code = avformat_find_stream_info(input_.get(), nullptr); code < 0) {
      refuse("its streams cannot be read: " + ffmpeg_reason(code));
    }
    const AVCodec* codec = nullptr;
    stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream_ < 0 || codec == nullptr) refuse("it has no video stream that FFmpeg decodes");
    open_decoder(*codec);
    describe_stream();
  }

  [[nodiscard]] const VideoInfo& info() const noexcept override { return info_; }
  [[nodiscard]] std::string damage() const override { return damage_; }

  [[nodiscard]] bool advance() override {
    while (damage_.empty()) {
      const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (code == 0) return accept();
      if (code == AVERROR_EOF) return end();
      if (code != AVERROR(EAGAIN)) return stop_at(ffmpeg_reason(code));
      feed();
    }
    return false;
  }

  [[nodiscard]] at::Tensor frame() const override { return ffmpeg_frame(*frame_, hints_, file_); }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::kData,
                {"the video cannot be read: " + what, file_, "check that ffprobe reads it"});
  }

  void open_decoder(const AVCodec& codec) {
    decoder_.reset(avcodec_alloc_context3(&codec));
    const AVStream& stream = *input_->streams[stream_];
    int code =
        decoder_ ? avcodec_parameters_to_context(decoder_.get(), stream.codecpar) : AVERROR(ENOMEM);
    if (code >= 0) code = avcodec_open2(decoder_.get(), &codec, nullptr);
    if (code < 0) refuse(ffmpeg_reason(code));
  }

  void describe_stream() {
    const AVStream& stream = *input_->streams[stream_];
    info_.width = decoder_->width;
    info_.height = decoder_->height;
    announced_ = stream.nb_frames;
    if (stream.avg_frame_rate.den > 0) {
      info_.frames_per_second = static_cast<double>(stream.avg_frame_rate.num) /
                                static_cast<double>(stream.avg_frame_rate.den);
    }
    info_.frames = announced_;
    info_.remarks = ffmpeg_remarks(*input_, stream_);
    if (announced_ == 0 && input_->duration > 0) {
      info_.frames = static_cast<std::int64_t>(static_cast<double>(input_->duration) /
                                               AV_TIME_BASE * info_.frames_per_second);
    }
  }

  /// The next packet of the stream to the decoder, or the end.
  void feed() {
    int code = 0;
    while ((code = av_read_frame(input_.get(), packet_.get())) >= 0) {
      if (packet_->stream_index == stream_) {
        broken_ = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0;
        if (!broken_) note_end();
        break;
      }
      av_packet_unref(packet_.get());
    }
    if (broken_) code = AVERROR_EOF;  // the frames before it are still in the decoder
    if (code < 0 && code != AVERROR_EOF) {
      static_cast<void>(stop_at(ffmpeg_reason(code)));
      return;
    }
    code = avcodec_send_packet(decoder_.get(), code < 0 ? nullptr : packet_.get());
    av_packet_unref(packet_.get());
    if (code < 0 && code != AVERROR_EOF) static_cast<void>(stop_at(ffmpeg_reason(code)));
  }

  bool accept() {
    if (frame_->width < 1 || frame_->height < 1 ||
        frame_->width > kMaxPicturePixels / frame_->height) {
      return stop_at("its size is out of range");
    }
    if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
      return stop_at("its data are damaged");
    }
    ++read_;
    return true;
  }

  [[nodiscard]] double frame_seconds() const {
    return info_.frames_per_second > 0 ? 1 / info_.frames_per_second : 0;
  }

  /// Until when the packet's frame is shown.
  void note_end() {
    const std::int64_t begin = packet_->pts == AV_NOPTS_VALUE ? packet_->dts : packet_->pts;
    if (begin == AV_NOPTS_VALUE) return;
    const double unit = av_q2d(input_->streams[stream_]->time_base);
    const double shown = std::max(static_cast<double>(packet_->duration) * unit, frame_seconds());
    shown_until_ = std::max(shown_until_, static_cast<double>(begin) * unit + shown);
  }

  /// Until when the container says that the stream lasts; 0 where it does not say. FFmpeg sets a
  /// stream's own duration or its DURATION tag; the whole file's counts only where nothing but the
  /// video is in it, since sound may be longer.
  /// A count of frames says less: edit lists of MP4 hide some, and AVI counts empty places.
  [[nodiscard]] double announced_seconds() const {
    const AVStream& stream = *input_->streams[stream_];
    if (input_->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return 0;
    if (announced_ > 0 && stream.duration > 0) {
      return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    }
    const AVDictionaryEntry* const tag = av_dict_get(stream.metadata, "DURATION", nullptr, 0);
    int hours = 0, minutes = 0;
    double seconds = 0;
    if (tag != nullptr && std::sscanf(tag->value, "%d:%d:%lf", &hours, &minutes, &seconds) == 3) {
      return 3600.0 * hours + 60.0 * minutes + seconds;
    }
    const bool alone = input_->nb_streams == 1 && input_->duration > 0;
    return alone ? static_cast<double>(input_->duration) / AV_TIME_BASE : 0;
  }

  bool stop_at(const std::string& reason) {
    damage_ = "frame " + std::to_string(read_) + " cannot be decoded: " + reason;
    return false;
  }

  bool end() {
    const double seconds = shown_until_ > 0 || read_ == 0 ? announced_seconds() : 0;
    if (seconds - shown_until_ > std::max(0.2, 3 * frame_seconds())) {
      damage_ = fmt::format("the file announces {:.2f} seconds and ends after {:.2f}", seconds,
                            shown_until_);
    } else if (broken_) {
      return stop_at("its data are damaged");
    }
    return false;
  }

  std::string file_;
  VideoHints hints_;
  FfmpegOwned<AVFormatContext> input_;
  FfmpegOwned<AVCodecContext> decoder_;
  FfmpegOwned<AVFrame> frame_;
  FfmpegOwned<AVPacket> packet_;
  int stream_ = -1;
  VideoInfo info_;
  std::int64_t announced_ = 0, read_ = 0;
  bool broken_ = false;     ///< the last packet that was read
  double shown_until_ = 0;  ///< seconds, by the packets that were read
  std::string damage_;
};

}  // namespace

std::unique_ptr<VideoReader> open_with_ffmpeg(const std::filesystem::path& file,
                                              const VideoHints& hints) {
  return std::make_unique<FfmpegVideo>(file, hints);
}

}  // namespace robiq

#endif
