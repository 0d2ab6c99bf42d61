#include "robiq/report/video/video_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/report/write_report.h"
#include "support/errors.h"

namespace robiq {
namespace video_report_test {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLog = R"({"version": "0.1.0", "video": "cuts/low.mp4",
  "frames_per_second": 25, "scale": {"worst": 0, "best": 100}, "frames": [
  {"frameNum": 0, "metrics": {"cnniqa": 40}}, {"frameNum": 25, "metrics": {"cnniqa": null}},
  {"frameNum": 50, "metrics": {"cnniqa": 60.5}}],
  "pooled_metrics": {"cnniqa": {"min": 40, "mean": 50.25, "harmonic_mean": null}}})";

class VideoLogs : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path log(const std::string& name, const std::string& text) const {
    write_file(folder_.path() / name, text);
    return folder_.path() / name;
  }

  TemporaryFolder folder_;
};

const std::vector<double>& numbers(const DataTable& table, const std::string& name) {
  for (const DataColumn& column : table) {
    if (column.name == name) return std::get<std::vector<double>>(column.values);
  }
  throw std::out_of_range(name);
}

TEST_F(VideoLogs, AreReadWithWhatIsMissingMarked) {
  const VideoLog video = read_video_log(log("low.json", kLog));
  EXPECT_EQ(video.video, "low.mp4");
  EXPECT_EQ(video.frames_per_second, 25);
  EXPECT_EQ(video.scale, (ScoreScale{0, 100}));
  const VideoMetric& metric = video.metrics.at("cnniqa");
  EXPECT_THAT(metric.scores, ElementsAre(40, testing::IsNan(), 60.5));
  EXPECT_EQ(metric.pooled.at("mean"), 50.25);
  EXPECT_TRUE(std::isnan(metric.pooled.at("harmonic_mean")));
}

TEST_F(VideoLogs, OfLibvmafHaveTheLogsName) {
  const VideoLog video = read_video_log(log("v.json", R"({"version": "2.3.1", "fps": 12.5,
      "frames": [{"frameNum": 0, "metrics": {"vmaf": 90, "float_ssim": 0.9}}]})"));
  EXPECT_EQ(video.video, "v.json");
  EXPECT_FALSE(video.frames_per_second.has_value());
  EXPECT_EQ(video.metrics.size(), 2U);
}

TEST_F(VideoLogs, ThatAreNoneAreRefused) {
  for (const char* text : {"", "[1]", "{}", R"({"frames": []})", R"({"frames": [{"frameNum": 0}]})",
                           R"({"frames": [{"metrics": {"cnniqa": 1}}]})"}) {
    const std::filesystem::path file = log("none.json", text);
    expect_error(ErrorKind::kData, {"log", "none.json", "--format json"},
                 [&] { static_cast<void>(read_video_log(file)); });
  }
}

TEST_F(VideoLogs, BecomeALineEachOverSeconds) {
  VideoLog low = read_video_log(log("low.json", kLog)), high = low;
  high.video = "high.mp4";
  const Report report = compose_video_report({low, high}, "");
  const DataTable& data = report.data.at("video-0");
  EXPECT_THAT(numbers(data, "time"), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(numbers(data, "score"),
              ElementsAre(40, testing::IsNan(), 60.5, 40, testing::IsNan(), 60.5));
  const auto& figure = std::get<Figure>(report.sections.at(0).blocks.at(0));
  EXPECT_THAT(figure.vega_lite, HasSubstr("time in seconds"));
  EXPECT_THAT(figure.vega_lite, HasSubstr("cnniqa (0 worst, 100 best)"));
  EXPECT_EQ(std::get<Table>(report.sections.at(1).blocks.at(0)).rows.size(), 2U);
}

TEST_F(VideoLogs, WithoutARateCountFramesAndEqualNamesAreToldApart) {
  VideoLog one = read_video_log(log("low.json", kLog)), other = one;
  one.frames_per_second.reset();
  other.file = "other.json";
  const Report report = compose_video_report({one, other}, "Title");
  EXPECT_EQ(report.title, "Title");
  EXPECT_THAT(numbers(report.data.at("video-0"), "time"), ElementsAre(0, 25, 50, 0, 25, 50));
  const auto& figure = std::get<Figure>(report.sections.at(0).blocks.at(0));
  EXPECT_THAT(figure.vega_lite, HasSubstr("low.mp4 (other.json)"));
}

TEST_F(VideoLogs, OfOneVideoUnderTwoModelsAreNamedByTheirWeights) {
  VideoLog one = read_video_log(log("low.json", kLog)), other = one;
  one.weights = "shipped:cnniqa";
  other.weights = "shipped:cnniqa-nt";
  const Report report = compose_video_report({one, other}, "");
  const auto& figure = std::get<Figure>(report.sections.at(0).blocks.at(0));
  EXPECT_THAT(figure.vega_lite, HasSubstr("low.mp4 (shipped:cnniqa)"));
  EXPECT_THAT(figure.vega_lite, HasSubstr("low.mp4 (shipped:cnniqa-nt)"));
}

TEST(LongVideos, ArePointsOfSeveralFrames) {
  VideoLog log;
  log.video = "long.mp4";
  for (std::size_t i = 0; i < 2 * kMostVideoPoints; ++i) {
    log.frames.push_back(static_cast<double>(i));
    log.metrics["m"].scores.push_back(i % 2 == 0 ? 10 : 20);
  }
  const Report report = compose_video_report({log}, "");
  const DataTable& data = report.data.at("video-0");
  ASSERT_EQ(numbers(data, "score").size(), kMostVideoPoints);
  EXPECT_EQ(numbers(data, "score").back(), 15);
  EXPECT_EQ(numbers(data, "least").back(), 10);
  EXPECT_EQ(numbers(data, "most").back(), 20);
  EXPECT_EQ(numbers(data, "time").front(), 0.5);
  EXPECT_THAT(std::get<Figure>(report.sections.at(0).blocks.at(0)).caption,
              HasSubstr("2 neighbouring frames"));
}

TEST_F(VideoLogs, AreWrittenAsAReport) {
  const auto files = write_video_report({log("low.json", kLog)}, folder_.path() / "out", "");
  EXPECT_EQ(files.front(), folder_.path() / "out" / "index.html");
  EXPECT_THAT(read_file(files.front(), 1 << 24), HasSubstr("score-over-time"));
  EXPECT_THAT(read_file(folder_.path() / "out/tables/videos.csv", 1 << 20), HasSubstr("50.25"));
  EXPECT_THAT(read_file(folder_.path() / "out/figures/score-over-time.vl.json", 1 << 20),
              HasSubstr("60.5"));
}

}  // namespace video_report_test
}  // namespace robiq
