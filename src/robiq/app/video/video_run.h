#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/request_parts.h"
#include "robiq/app/video/video_rows.h"
#include "robiq/core/options/options.h"
#include "robiq/model/reduced_precision.h"

namespace robiq {

/// What `robiq score` is told of a video's frames.
struct VideoChoice {
  std::int64_t every = 1, start = 0, frames = 0;  ///< 0 frames: all
  std::string raw;            ///< layout of a raw YUV file, WIDTHxHEIGHT:CHROMA[pBITS]
  std::string matrix, range;  ///< bt601 | bt709, limited | full; "": as the file says

  static OptionTable<VideoChoice> options();
};

/// What score_video() is told.
struct VideoRequest {
  std::string video, model = "cnniqa", weights, scale;
  VideoChoice choice;
  ViewChoice views;
  NumberFormat precision = NumberFormat::kFp32;
  bool exact = false;  ///< networks are not folded
  Compute compute;
};

struct ScoreRequest;
/// Of the one video that the request names (names_video()).
[[nodiscard]] VideoRequest video_request(const ScoreRequest& request);

/// \throws nothing; of no frames all are none
[[nodiscard]] PooledScores pool_scores(const std::vector<FrameScore>& frames);

/// Scores every `every`-th frame from `start` on, `frames` of them at most; one frame is in memory
/// at a time. A stream that breaks off, or a frame that cannot be scored, gives the scores up to
/// there, and says so in `damage`.
/// \param scored  is told each frame at once
/// \throws Error{kData} where no frame could be read, what the first frame fails with, and
///         Interrupted when the user stops it before a frame is scored: later the frames that are
///         done are pooled, and `interrupted` is set
VideoScores score_video(const VideoRequest& request,
                        const std::function<void(const FrameRow&)>& scored);

}  // namespace robiq
