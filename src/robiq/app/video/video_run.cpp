#include "robiq/app/video/video_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/score_run.h"
#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/video/video.h"

namespace robiq {

OptionTable<VideoChoice> VideoChoice::options() {
  using V = VideoChoice;
  return {{"every", &V::every, "of a video: score every N-th frame", 1, 1e9},
          {"start", &V::start, "of a video: the first frame, counted from 0", 0, 1e12},
          {"frames", &V::frames, "of a video: score at most so many frames; 0: all", 0, 1e12},
          {"raw", &V::raw,
           "the layout of a raw YUV video, WIDTHxHEIGHT:CHROMA[pBITS], e.g. 1920x1080:420p10"},
          {"matrix",
           &V::matrix,
           "colour matrix of a video; \"\": as the video says, else bt709 above 576 rows",
           {"", "bt601", "bt709"}},
          {"range",
           &V::range,
           "range of a video's samples; \"\": as the video says, else limited",
           {"", "limited", "full"}}};
}
namespace {

VideoHints hints_of(const VideoRequest& request) {
  VideoHints hints;
  hints.raw = request.choice.raw;
  if (!request.choice.matrix.empty()) {
    hints.matrix =
        request.choice.matrix == "bt709" ? YuvFormat::Matrix::kBt709 : YuvFormat::Matrix::kBt601;
  }
  if (!request.choice.range.empty()) hints.full_range = request.choice.range == "full";
  return hints;
}

/// How many frames will be scored, as far as the video says; 0: unknown.
std::int64_t expected_frames(const VideoRequest& request, const VideoInfo& info) {
  if (info.frames == 0) return request.choice.frames;
  const std::int64_t there = std::max<std::int64_t>(0, info.frames - request.choice.start);
  const std::int64_t taken = (there + request.choice.every - 1) / request.choice.every;
  return request.choice.frames == 0 ? taken : std::min(taken, request.choice.frames);
}

double frame_score(const VideoRequest& request, QualityModel& model, const ViewPolicy& policy,
                   const FrameScore& place, const at::Tensor& bytes) {
  const at::Tensor picture =
      picture_input(bytes, model.card(), policy, request.views.fit, model.device());
  const Rng rng = Rng(static_cast<std::uint64_t>(request.compute.seed))
                      .child("views")
                      .child(static_cast<std::uint64_t>(place.number));
  return score_picture(model, picture, make_views(policy, picture.size(2), picture.size(3), rng));
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
}

bool has_size_of(const VideoScores& scores, const at::Tensor& bytes) {
  return bytes.size(2) == scores.width && bytes.size(1) == scores.height;
}

/// Remarks on a frame of another size than the first.
void remark_on_size(VideoScores& scores, const FrameScore& frame, const at::Tensor& bytes) {
  scores.remarks.push_back(
      fmt::format("frame {} is {}x{}, and those before it are {}x{}: their scores do not compare",
                  frame.number, bytes.size(2), bytes.size(1), scores.width, scores.height));
  log::warning("{}: {}", scores.video, scores.remarks.back());
}

/// Scores one frame. One that cannot be scored ends the video; \return false then. \throws what
/// the first frame fails with
bool score_frame(const VideoRequest& request, QualityModel& model, const ViewPolicy& policy,
                 const at::Tensor& bytes, FrameScore& frame, VideoScores& scores) {
  try {
    within_error_boundary([&] { frame.score = frame_score(request, model, policy, frame, bytes); });
    return true;
  } catch (const Error& error) {
    const std::string what =
        fmt::format("frame {} cannot be scored: {}", frame.number, error.text().what);
    if (scores.frames.empty()) throw Error(error.kind(), {what, scores.video, error.text().hint});
    scores.damage = what;
    scores.damage_kind = error.kind();
    return false;
  }
}

/// Reads and scores, frame by frame, into `scores`.
void score_frames(const VideoRequest& request, VideoReader& reader, QualityModel& model,
                  VideoScores& scores, const std::function<void(const FrameRow&)>& scored) {
  const ViewPolicy policy = parse_views(request.views.policy, model.card());
  const std::int64_t total = expected_frames(request, reader.info());
  Progress progress("score " + request.video, total, "frames");
  bool one_size = true;
  for (std::int64_t number = 0; reader.advance(); ++number) {
    if (stop_requested()) {
      scores.interrupted = true;
      if (scores.frames.empty()) throw Interrupted("scoring was stopped before the first frame");
      return;
    }
    if (number < request.choice.start ||
        (number - request.choice.start) % request.choice.every != 0)
      continue;
    FrameScore frame{number, 0};
    const at::Tensor bytes = reader.frame();
    if (scores.frames.empty()) {
      scores.width = bytes.size(2);
      scores.height = bytes.size(1);
    } else if (one_size && !has_size_of(scores, bytes)) {
      one_size = false;
      remark_on_size(scores, frame, bytes);
    }
    if (!score_frame(request, model, policy, bytes, frame, scores)) return;
    scores.frames.push_back(frame);
    scored({scores.metric, frame});
    const auto done = static_cast<std::int64_t>(scores.frames.size());
    if (total > 0) progress.update(std::min(done, total));
    if (done == request.choice.frames) return;
  }
  scores.damage = reader.damage();
}

}  // namespace

VideoRequest video_request(const ScoreRequest& request) {
  return {request.pictures.front(),
          request.model,
          request.weights,
          request.scale,
          request.video,
          request.views,
          request.precision,
          request.exact,
          request.compute};
}

PooledScores pool_scores(const std::vector<FrameScore>& frames) {
  PooledScores pooled;
  if (frames.empty()) return pooled;
  std::vector<double> values;
  double sum = 0, inverses = 0;
  for (const FrameScore& frame : frames) {
    values.push_back(frame.score);
    sum += frame.score;
    inverses += 1 / (frame.score + 1);
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  pooled.mean = sum / count;
  pooled.least = *least;
  pooled.most = *most;
  if (*least > -1) pooled.harmonic_mean = count / inverses - 1;
  pooled.percentile_5 = percentile(values, 0.05);
  return pooled;
}

VideoScores score_video(const VideoRequest& request,
                        const std::function<void(const FrameRow&)>& scored) {
  prepare_arithmetic(request.compute.threads);
  const std::unique_ptr<VideoReader> reader = open_video(request.video, hints_of(request));
  warn_of_remarks(request.video, reader->info());
  LoadedModel loaded =
      load_model_flag(request.model, request.weights, request.scale, request.compute.device);
  loaded.model = with_precision(std::move(loaded.model), request.precision);
  use_exact_networks(request.exact, {loaded.model.get()});
  VideoScores scores;
  scores.video = request.video;
  scores.metric = loaded.card.model;
  scores.weights = loaded.weights_name;
  scores.weights_sha256 = loaded.weights_sha256;
  scores.width = reader->info().width;
  scores.height = reader->info().height;
  scores.frames_per_second = reader->info().frames_per_second;
  scores.remarks = reader->info().remarks;
  scores.scale = loaded.model->card().scale;
  const auto started = std::chrono::steady_clock::now();
  score_frames(request, *reader, *loaded.model, scores, scored);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
  if (scores.frames.empty()) {
    throw Error(ErrorKind::kData,
                {scores.damage.empty() ? "the video has no frame to score" : scores.damage,
                 request.video, "check the video, --start and --every"});
  }
  scores.scored_per_second = static_cast<double>(scores.frames.size()) / passed.count();
  scores.pooled = pool_scores(scores.frames);
  return scores;
}

}  // namespace robiq
