#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq score` is told of videos.
struct VideoRequest {
  std::string video, model = "cnniqa", weights, scale, views = "grid", device = "auto",
                     precision = "fp32";
  std::string raw;            ///< layout of a raw YUV file, WIDTHxHEIGHT:CHROMA[pBITS]
  std::string matrix, range;  ///< bt601 | bt709, limited | full; "": as the file says
  std::int64_t every = 1, start = 0, frames = 0;  ///< 0 frames: all
  std::int64_t seed = 0, threads = 0;
  bool fit = false;
};

struct ScoreRequest;
/// Of the one video that the request names (names_video()).
[[nodiscard]] VideoRequest video_request(const ScoreRequest& request);

/// The score of one frame; its number counts from 0 in the video.
struct FrameScore {
  std::int64_t number = 0;
  double score = 0;  ///< native scale
};

/// Several frames as one number each. \throws nothing; of no frames all are none
struct PooledScores {
  std::optional<double> mean, least, most;
  std::optional<double> harmonic_mean;  ///< 1 / mean(1 / (score + 1)) - 1; none where a score <= -1
  std::optional<double> percentile_5;   ///< between neighbours, linearly
};

[[nodiscard]] PooledScores pool_scores(const std::vector<FrameScore>& frames);

/// What was scored of a video.
struct VideoScores {
  std::string metric;  ///< the model's name
  std::vector<FrameScore> frames;
  PooledScores pooled;
  std::int64_t width = 0, height = 0;
  double frames_per_second = 0;  ///< of the video; 0: not known
  double scored_per_second = 0;  ///< of the work
  double worst = 0, best = 0;    ///< ends of the scale
  std::string damage;            ///< why the video ends early; "" where it does not
};

/// Scores every `every`-th frame from `start` on, `frames` of them at most; one frame is in memory
/// at a time. A stream that breaks off gives the scores up to there, and says so in `damage`.
/// \param scored  is told each frame at once
/// \throws Error{kData} where no frame could be read; Interrupted when the user stops it
VideoScores score_video(const VideoRequest& request,
                        const std::function<void(const FrameScore&)>& scored);

/// The scores under the keys of libvmaf's log: frames[].frameNum, frames[].metrics.MODEL,
/// pooled_metrics.MODEL.{min,max,mean,harmonic_mean}, and percentile_5 beside them; null where a
/// number is undefined.
[[nodiscard]] nlohmann::ordered_json video_log(const VideoScores& scores);

}  // namespace robiq
