#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/score_scale.h"

namespace robiq {

/// One measure of a video, frame by frame and as a whole.
struct VideoMetric {
  std::vector<double> scores;            ///< of VideoLog::frames; NaN where a frame has none
  std::map<std::string, double> pooled;  ///< "mean", "min", ...; NaN: not defined
};

/// What is known of a scored video.
struct VideoLog {
  std::string video;           ///< the file's name, without its folder
  std::string path;            ///< as the log gives it; "" where it is silent
  std::string file;            ///< the log
  std::string weights;         ///< of the model, as they were named; "" where the log is silent
  std::vector<double> frames;  ///< numbers, from 0
  std::map<std::string, VideoMetric> metrics;
  std::optional<double> frames_per_second;
  std::optional<ScoreScale> scale;
  std::string note;     ///< what was wrong with the video; "" where nothing was
  std::string remarks;  ///< what bears on its scores; "" where nothing does
};

/// Reads what `robiq score VIDEO --format json` prints: the keys of libvmaf's JSON log (frames,
/// pooled_metrics), and where they are there video, frames_per_second, scale and note. A log of
/// libvmaf is read too; the video then has the log's name.
/// \throws Error{kData} for a file that is missing or no such log, or a log without a frame
[[nodiscard]] VideoLog read_video_log(const std::filesystem::path& file);

}  // namespace robiq
