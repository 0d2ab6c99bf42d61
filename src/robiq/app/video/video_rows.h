#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// The score of one frame; its number counts from 0 in the video.
struct FrameScore {
  std::int64_t number = 0;
  double score = 0;  ///< native scale
};

/// A frame as libvmaf's JSON log has it: frameNum and metrics.MODEL.
struct FrameRow {
  std::string metric;  ///< the model's name
  FrameScore frame;

  static ResultColumns<FrameRow> columns();
};

/// A frame as libvmaf's CSV log has it: Frame and MODEL.
struct FrameLine {
  FrameRow row;

  static ResultColumns<FrameLine> columns();
};

/// Several frames as one number each.
struct PooledScores {
  std::optional<double> mean, least, most;
  std::optional<double> harmonic_mean;  ///< 1 / mean(1 / (score + 1)) - 1; none where a score <= -1
  std::optional<double> percentile_5;   ///< between neighbours, linearly

  /// Under libvmaf's names: min, max, mean, harmonic_mean; and percentile_5.
  static ResultColumns<PooledScores> columns();
};

/// What was scored of a video.
struct VideoScores {
  std::string video;   ///< as it was named
  std::string metric;  ///< the model's name
  std::vector<FrameScore> frames;
  PooledScores pooled;
  std::int64_t width = 0, height = 0;
  double frames_per_second = 0;  ///< of the video; 0: not known
  double scored_per_second = 0;  ///< of the work
  ScoreScale scale;
  std::string damage;  ///< why no later frame was scored; "" where all were
  ErrorKind damage_kind = ErrorKind::kData;
  std::vector<std::string> remarks{};   ///< VideoInfo::remarks
  bool interrupted = false;             ///< whether the user stopped it after these frames
  std::string weights, weights_sha256;  ///< name and hash of the model's weights; "": none

  /// On a terminal one line of pooled scores; as data the whole, under the keys of libvmaf's log,
  /// pooled_metrics.MODEL.{min,max,...} among them. Without frames nothing is said of them.
  static ResultColumns<VideoScores> columns();
};

}  // namespace robiq
