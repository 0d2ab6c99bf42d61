#include "robiq/app/video/video_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/score_run.h"
#include "robiq/core/error.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/video/video.h"

namespace robiq {
namespace {

VideoHints hints_of(const VideoRequest& request) {
  VideoHints hints;
  hints.raw = request.raw;
  if (!request.matrix.empty()) {
    hints.matrix =
        request.matrix == "bt709" ? YuvFormat::Matrix::kBt709 : YuvFormat::Matrix::kBt601;
  }
  if (!request.range.empty()) hints.full_range = request.range == "full";
  return hints;
}

/// How many frames will be scored, as far as the video says; 0: unknown.
std::int64_t expected_frames(const VideoRequest& request, const VideoInfo& info) {
  if (info.frames == 0) return request.frames;
  const std::int64_t there = std::max<std::int64_t>(0, info.frames - request.start);
  const std::int64_t taken = (there + request.every - 1) / request.every;
  return request.frames == 0 ? taken : std::min(taken, request.frames);
}

double frame_score(const VideoRequest& request, QualityModel& model, const ViewPolicy& policy,
                   const FrameScore& place, const at::Tensor& bytes) {
  const at::Tensor picture =
      picture_input(bytes, model.card(), policy, request.fit, model.device());
  const Rng rng = Rng(static_cast<std::uint64_t>(request.seed))
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

/// Reads and scores, frame by frame, into `scores`.
void score_frames(const VideoRequest& request, VideoReader& reader, QualityModel& model,
                  VideoScores& scores, const std::function<void(const FrameRow&)>& scored) {
  const ViewPolicy policy = parse_views(request.views, model.card());
  const std::int64_t total = expected_frames(request, reader.info());
  Progress progress("score " + request.video, total, "frames");
  for (std::int64_t number = 0; reader.advance(); ++number) {
    if (stop_requested()) {
      scores.interrupted = true;
      if (scores.frames.empty()) throw Interrupted("scoring was stopped before the first frame");
      return;
    }
    if (number < request.start || (number - request.start) % request.every != 0) continue;
    FrameScore frame{number, 0};
    within_error_boundary(
        [&] { frame.score = frame_score(request, model, policy, frame, reader.frame()); });
    scores.frames.push_back(frame);
    scored({scores.metric, frame});
    const auto done = static_cast<std::int64_t>(scores.frames.size());
    if (total > 0) progress.update(std::min(done, total));
    if (done == request.frames) return;
  }
  scores.damage = reader.damage();
}

}  // namespace

VideoRequest video_request(const ScoreRequest& request) {
  VideoRequest video;
  video.video = request.pictures.front();
  video.model = request.model;
  video.weights = request.weights;
  video.scale = request.scale;
  video.views = request.views;
  video.device = request.device;
  video.precision = request.precision;
  video.raw = request.raw;
  video.matrix = request.matrix;
  video.range = request.range;
  video.every = request.every;
  video.start = request.start;
  video.frames = request.frames;
  video.seed = request.seed;
  video.threads = request.threads;
  video.fit = request.fit;
  video.exact = request.exact;
  return video;
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
  prepare_arithmetic(request.threads);
  const std::unique_ptr<VideoReader> reader = open_video(request.video, hints_of(request));
  warn_of_remarks(request.video, reader->info());
  LoadedModel loaded =
      load_model_flag(request.model, request.weights, request.scale, request.device);
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
