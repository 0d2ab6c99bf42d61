#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/tensor/video/yuv.h"

namespace robiq {

/// What a video says of itself before a frame is read.
struct VideoInfo {
  std::int64_t width = 0, height = 0;
  std::int64_t frames = 0;             ///< as announced, or by the file's size; 0: not known
  double frames_per_second = 0;        ///< 0: not known
  std::vector<std::string> remarks{};  ///< what bears on its scores, a clause each: HDR, turned
};

/// The remark on a video whose frames are two half pictures, a row of each in turn.
inline constexpr std::string_view kInterlacedRemark =
    "it is interlaced, and its frames are scored as they are stored, with a comb where something "
    "moves. Deinterlace it first";

/// A video's frames in order, one in memory at a time.
class VideoReader {
 public:
  VideoReader() = default;
  virtual ~VideoReader() = default;
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  [[nodiscard]] virtual const VideoInfo& info() const noexcept = 0;
  /// Goes to the next frame. \return false at the end, and where the rest cannot be read: damage()
  /// tells which
  [[nodiscard]] virtual bool advance() = 0;
  /// The frame that advance() went to. \return uint8 [3,H,W], RGB
  [[nodiscard]] virtual at::Tensor frame() const = 0;
  /// What is wrong with the stream, one clause; "" while nothing is.
  [[nodiscard]] virtual std::string damage() const = 0;
};

/// What a file does not say, or says wrongly.
struct VideoHints {
  /// The layout of a file that is nothing but samples; "" for all others:
  /// WIDTHxHEIGHT:CHROMA[pBITS], e.g. 1920x1080:420p10.
  std::string raw;
  double raw_rate = 0;                        ///< frames a second of such a file; 0: not known
  std::optional<YuvFormat::Matrix> matrix{};  ///< none: the file's; where it is silent BT.709
                                              ///< for more than 576 rows, else BT.601
  std::optional<bool> full_range{};           ///< none: the file's; where it is silent limited
};

/// Warns of VideoInfo::remarks.
void warn_of_remarks(const std::filesystem::path& file, const VideoInfo& info);

/// Whether a file name ends as videos do: .y4m, .yuv, .mp4, .mkv, .webm, ...
[[nodiscard]] bool has_video_ending(const std::filesystem::path& file);

/// Opens YUV4MPEG2 and raw YUV by itself, everything else through FFmpeg's libraries.
/// \throws Error{kData} for a file that is missing or no video, Error{kUsage} for hints that do not
/// fit it, or where this build has no FFmpeg and the file needs it
[[nodiscard]] std::unique_ptr<VideoReader> open_video(const std::filesystem::path& file,
                                                      const VideoHints& hints);

/// The same for one kind of file each; open_video() chooses.
[[nodiscard]] std::unique_ptr<VideoReader> open_y4m(const std::filesystem::path& file,
                                                    const VideoHints& hints);
[[nodiscard]] std::unique_ptr<VideoReader> open_raw_yuv(const std::filesystem::path& file,
                                                        const VideoHints& hints);
[[nodiscard]] std::unique_ptr<VideoReader> open_with_ffmpeg(const std::filesystem::path& file,
                                                            const VideoHints& hints);

/// The matrix that a picture of so many rows has where nothing says so.
[[nodiscard]] YuvFormat::Matrix usual_matrix(std::int64_t height) noexcept;

}  // namespace robiq
