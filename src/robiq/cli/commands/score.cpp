#include <nlohmann/json.hpp>
#include <string>

#include "robiq/app/score/score_run.h"
#include "robiq/app/video/video_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"

namespace robiq::cli {
namespace {

using Json = nlohmann::ordered_json;

void score_pictures(const ScoreRequest& request, const Common& common) {
  RowPrinter printer(common.format);
  printer.during([&] {
    run_scoring(
        request, [&](const ScoredPicture& row) { printer.add_result(row); },
        [](const Error& error) { print_err(std::string(error.what()) + "\n"); });
  });
}

Json frame_row(const std::string& metric, const FrameScore& frame, const std::string& format) {
  if (format == "csv") return {{"Frame", frame.number}, {metric, frame.score}};
  return {{"frameNum", frame.number}, {"metrics", {{metric, frame.score}}}};
}

/// One row for people.
Json summary(const std::string& video, const VideoScores& scores, const Json& log) {
  Json row = {{"video", video}, {"frames", scores.frames.size()}};
  for (const auto& [name, value] : log.at("pooled_metrics").at(scores.metric).items()) {
    row[name] = value;
  }
  row["model"] = scores.metric;
  row["scale"] = log.at("scale");
  return row;
}

void score_the_video(const ScoreRequest& request, const Common& common) {
  const VideoRequest video = video_request(request);
  const std::string metric = parse_spec(request.model, "--model").name;
  RowPrinter printer(common.format);
  VideoScores scores;
  printer.during([&] {
    const bool each = common.format == "csv" || common.format == "jsonl";
    scores = score_video(video, [&](const FrameScore& frame) {
      if (each) printer.add(frame_row(metric, frame, common.format));
    });
    const Json log = video_log(scores);
    if (common.format == "json") printer.add(log);
    if (common.format == "table") printer.add(summary(video.video, scores, log));
    if (common.format == "jsonl") printer.add({{"pooled_metrics", log.at("pooled_metrics")}});
  });
  if (scores.damage.empty()) return;
  throw Error(ErrorKind::kData,
              {"the video ends early: " + scores.damage, video.video,
               "the " + std::to_string(scores.frames.size()) + " frames before it were scored"});
}

}  // namespace

void add_score(CLI::App& app, Common& common) {
  add_command<ScoreRequest>(app, common, "score", "quality scores of pictures, or of a video",
                            {"pictures"},
                            [&common](const ScoreRequest& request) {
                              if (names_video(request)) return score_the_video(request, common);
                              score_pictures(request, common);
                            })
      ->footer(
          "Examples: robiq score photo.jpg\n"
          "          robiq score photos/ --model cnniqa --weights "
          "RUN/checkpoints/best.safetensors\n"
          "          robiq score video.mp4 --every 10 --format json");
}

}  // namespace robiq::cli
