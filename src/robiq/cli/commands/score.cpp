#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

#include "robiq/app/score/score_run.h"
#include "robiq/app/video/video_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"

namespace robiq::cli {
namespace {

/// Whether one file was named, and no folder, list of files or several.
bool names_one_file(const ScoreRequest& request) {
  std::error_code code;
  return request.pictures.size() == 1 && request.pictures.front() != "-" &&
         !std::filesystem::is_directory(request.pictures.front(), code);
}

void score_pictures(const ScoreRequest& request, const Common& common) {
  RowPrinter printer(common.format);
  const bool several = !names_one_file(request);
  printer.during([&] {
    run_scoring(
        request,
        [&](const ScoredPicture& row) {
          if (several) printer.expect_several();
          printer.add_result(row);
        },
        [&](const Error& error) {
          if (several) printer.expect_several();
          print_err(std::string(error.what()) + "\n");
        });
  });
}

void score_the_video(const ScoreRequest& request, const Common& common) {
  const VideoRequest video = video_request(request);
  RowPrinter printer(common.format);
  VideoScores scores;
  std::size_t done = 0;
  printer.during([&] {
    scores = score_video(video, [&](const FrameRow& row) {
      if (common.format == "csv") printer.add_result(FrameLine{row});
      if (common.format == "jsonl") printer.add_result(row);
    });
    done = scores.frames.size();
    if (common.format == "jsonl") scores.frames.clear();  // each has its line
    if (common.format != "csv") printer.add_result(scores);
  });
  const std::string frames = done == 1 ? "frame" : "frames";
  if (scores.interrupted) {
    throw Interrupted("scoring was stopped after " + std::to_string(done) + " " + frames);
  }
  if (scores.damage.empty()) return;
  throw Error(scores.damage_kind,
              {"not all of the video was scored: " + scores.damage, video.video,
               done == 1 ? "the one frame before it was scored"
                         : "the " + std::to_string(done) + " frames before it were scored"});
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
