#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/tensor/video/video.h"

#ifdef ROBIQ_WITH_FFMPEG

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/errors.h"
#include "support/ffmpeg_writer.h"

namespace robiq {
namespace ffmpeg_video_test {

using testing::ElementsAre;
using testing::HasSubstr;

class FfmpegVideos : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const test::PlannedVideo& plan) const {
    test::write_video(folder_.path() / name, plan);
    return folder_.path() / name;
  }
  static std::vector<std::string> remarks(const std::filesystem::path& file) {
    return open_video(file, {})->info().remarks;
  }

  TemporaryFolder folder_;
};

TEST_F(FfmpegVideos, AreReadFrameByFrameAsOurOwnReaderWould) {
  const auto reader = open_video(write("v.mkv", {.frames = 4}), {});
  EXPECT_EQ(reader->info().width, 64);
  EXPECT_EQ(reader->info().height, 48);
  EXPECT_NEAR(reader->info().frames_per_second, 25, 1e-9);
  EXPECT_TRUE(reader->info().remarks.empty());
  std::vector<int> reds;
  while (reader->advance()) reds.push_back(reader->frame()[0][20][20].item<int>());
  EXPECT_THAT(reds, ElementsAre(0, 12, 23, 35));  // (Y - 16) 255 / 219
  EXPECT_EQ(reader->damage(), "");
}

/// How many frames are read, and what is wrong then.
std::pair<int, std::string> read_to_the_end(const std::filesystem::path& file) {
  const auto reader = open_video(file, {});
  int frames = 0;
  while (reader->advance()) ++frames;
  return {frames, reader->damage()};
}

TEST_F(FfmpegVideos, ThatBreakOffGiveTheFramesThatAreThereAndSaySo) {
  for (const char* name : {"v.mkv", "v.mov"}) {
    const test::PlannedVideo plan = {.frames = 20, .codec = AV_CODEC_ID_MPEG4};
    const std::filesystem::path file = write(name, plan);
    EXPECT_EQ(read_to_the_end(file), (std::pair<int, std::string>{20, ""})) << name;
  }
  const std::filesystem::path whole = write("whole.mkv", {.frames = 20});
  const std::string bytes = read_file(whole, 1 << 24);
  write_file(folder_.path() / "cut.mkv", bytes.substr(0, bytes.size() / 2));
  const auto [frames, damage] = read_to_the_end(folder_.path() / "cut.mkv");
  EXPECT_GT(frames, 3);
  EXPECT_LT(frames, 17);
  EXPECT_NE(damage, "");
}

/// All frames, [N,3,H,W].
at::Tensor all_frames(const std::filesystem::path& file, const VideoHints& hints = {}) {
  const auto reader = open_video(file, hints);
  std::vector<at::Tensor> frames;
  while (reader->advance()) frames.push_back(reader->frame());
  return at::stack(frames);
}

TEST_F(FfmpegVideos, AreWholeThoughTheirContainerCountsMoreFrames) {
  // AVI counts the places between the fifth frame and the sixth, too.
  const auto avi = write("gap.avi", {.frames = 10, .codec = AV_CODEC_ID_MPEG4, .first_of_late = 5});
  EXPECT_EQ(read_to_the_end(avi), (std::pair<int, std::string>{10, ""}));
}

TEST_F(FfmpegVideos, OfEqualSamplesHaveEqualColours) {
  const test::PlannedVideo planar = {.frames = 3, .chroma_slope = 15};
  const at::Tensor expected = all_frames(write("planar.mkv", planar));
  test::PlannedVideo other = planar;
  other.format = AV_PIX_FMT_YUVA420P;
  EXPECT_TRUE(at::equal(all_frames(write("alpha.mkv", other)), expected)) << "alpha";
  other.codec = AV_CODEC_ID_RAWVIDEO;
  for (const AVPixelFormat format : {AV_PIX_FMT_NV12, AV_PIX_FMT_NV21}) {
    other.format = format;
    EXPECT_TRUE(at::equal(all_frames(write("interleaved.nut", other)), expected)) << format;
  }
}

TEST_F(FfmpegVideos, OfGreyAloneObeyTheRangeThatIsGiven) {
  const auto file = write("grey.mkv", {.frames = 3, .format = AV_PIX_FMT_GRAY8});
  const at::Tensor limited = all_frames(file, {.full_range = false});
  const at::Tensor full = all_frames(file, {.full_range = true});
  EXPECT_EQ(limited[1][0][0][0].item<int>(), 12) << "10 levels of 219";
  EXPECT_EQ(full[1][0][0][0].item<int>(), 26);
  EXPECT_TRUE(at::equal(all_frames(file), full)) << "the file says nothing";
}

TEST_F(FfmpegVideos, MayHaveAColonInTheirName) {
  write("2024-01-01T10:30:00.mkv", {.frames = 2});
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const auto read = read_to_the_end("2024-01-01T10:30:00.mkv");
  std::filesystem::current_path(before);
  EXPECT_EQ(read, (std::pair<int, std::string>{2, ""}));
}

TEST_F(FfmpegVideos, SayWhatBearsOnTheirScores) {
  EXPECT_THAT(remarks(write("hdr.mkv", {.frames = 2, .transfer = AVCOL_TRC_SMPTE2084})),
              ElementsAre(HasSubstr("HDR (PQ)")));
  EXPECT_THAT(remarks(write("240.mkv", {.frames = 2, .matrix = AVCOL_SPC_SMPTE240M})),
              ElementsAre(HasSubstr("its colour matrix is smpte240m")));
  EXPECT_THAT(remarks(write("two.mkv", {.frames = 2, .streams = 2})),
              ElementsAre(HasSubstr("2 video streams; only stream 0 is scored")));
  const test::PlannedVideo turned = {.frames = 2, .codec = AV_CODEC_ID_MPEG4, .degrees = 90};
  EXPECT_THAT(remarks(write("turned.mov", turned)),
              ElementsAre(HasSubstr("turn or mirror it (90 degrees)")));
}

TEST_F(FfmpegVideos, ThatAreNoneAreRefused) {
  write_file(folder_.path() / "no.mp4", "this is no video");
  expect_error(ErrorKind::kData, {"the video cannot be opened", "no.mp4", "FFmpeg"},
               [&] { static_cast<void>(open_video(folder_.path() / "no.mp4", {})); });
}

}  // namespace ffmpeg_video_test
}  // namespace robiq

#else

namespace robiq {
namespace ffmpeg_video_test {

TEST(FfmpegVideos, NeedABuildWithFfmpeg) {
  const TemporaryFolder folder;
  write_file(folder.path() / "v.mp4", "x");
  EXPECT_THROW(static_cast<void>(open_video(folder.path() / "v.mp4", {})), Error);
}

}  // namespace ffmpeg_video_test
}  // namespace robiq

#endif
