#include "robiq/tensor/video/video.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace video_test {

namespace fs = std::filesystem;

/// A YUV4MPEG2 file of 4 x 2 grey frames, whose Y is 16 + 10 i.
std::string y4m(int frames, const std::string& sampling = "420jpeg", int bytes = 1) {
  std::string text = "YUV4MPEG2 W4 H2 F30000:1001 Ip A1:1 C" + sampling + "\n";
  for (int i = 0; i < frames; ++i) {
    text += "FRAME\n";
    const int chroma = sampling.starts_with("444") ? 16 : sampling.starts_with("422") ? 8 : 4;
    for (int s = 0; s < 8 + chroma; ++s) {
      const int value = (s < 8 ? 16 + 10 * i : 128) << (bytes == 2 ? 2 : 0);
      text += static_cast<char>(value & 255);
      if (bytes == 2) text += static_cast<char>(value >> 8);
    }
  }
  return text;
}

class Videos : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& bytes) const {
    write_file(folder_.path() / name, bytes);
    return folder_.path() / name;
  }
  /// The red value of each frame's first pixel.
  static std::vector<int> reds(VideoReader& reader) {
    std::vector<int> values;
    while (reader.advance()) {
      const at::Tensor frame = reader.frame();
      EXPECT_EQ(frame.sizes(), (std::vector<std::int64_t>{3, 2, 4}));
      values.push_back(frame[0][0][0].item<int>());
    }
    return values;
  }

  TemporaryFolder folder_;
};

TEST_F(Videos, AreReadFrameByFrameInEverySampling) {
  for (const auto& [sampling, bytes] : {std::pair{"420jpeg", 1},
                                        {"422", 1},
                                        {"444", 1},
                                        {"420p10", 2},
                                        {"422p10", 2},
                                        {"444p10", 2}}) {
    const auto reader = open_video(write("v.y4m", y4m(3, sampling, bytes)), {});
    EXPECT_EQ(reader->info().frames, 3) << sampling;
    EXPECT_NEAR(reader->info().frames_per_second, 29.97, 0.001);
    EXPECT_EQ(reds(*reader), (std::vector<int>{0, 12, 23})) << sampling;
    EXPECT_EQ(reader->damage(), "");
  }
}

TEST_F(Videos, RawFilesAreToldTheirLayout) {
  std::string frames;
  for (const char luma : {char{16}, char{36}})
    frames += std::string(8, luma) + std::string(4, '\x80');
  const fs::path file = write("v.yuv", frames);
  VideoHints hints;
  hints.raw = "4x2:420";
  EXPECT_EQ(reds(*open_video(file, hints)), (std::vector<int>{0, 23}));
  hints.full_range = true;
  EXPECT_EQ(reds(*open_video(file, hints)), (std::vector<int>{16, 36}));
  for (const char* wrong : {"", "4x2", "4:420", "4x2:411", "4x2:420p99", "0x2:420", "4x-2:420"}) {
    expect_error(ErrorKind::kUsage, {"*", "--raw", "1920x1080:420p10"},
                 [&] { static_cast<void>(open_raw_yuv(file, {.raw = wrong})); });
  }
  expect_error(
      ErrorKind::kUsage, {"a .y4m file says its layout itself", "--raw", "leave --raw out"},
      [&] { static_cast<void>(open_raw_yuv(write("v.y4m", frames), {.raw = "4x2:420"})); });
}

TEST_F(Videos, AStreamThatBreaksOffGivesWhatItHasAndSaysSo) {
  const std::string whole = y4m(3);
  const auto reader = open_video(write("cut.y4m", whole.substr(0, whole.size() - 5)), {});
  EXPECT_EQ(reds(*reader).size(), 2U);
  EXPECT_NE(reader->damage().find("frame 2 is cut off after 7 of 12 bytes"), std::string::npos)
      << reader->damage();
  std::string garbled = whole;
  garbled.replace(garbled.rfind("FRAME"), 5, "EMARF");
  const auto other = open_video(write("garbled.y4m", garbled), {});
  EXPECT_EQ(reds(*other).size(), 2U);
  EXPECT_NE(other->damage().find("frame 2"), std::string::npos);
}

TEST_F(Videos, HostileHeadersAreRefused) {
  const auto refused = [&](const std::string& bytes) {
    const fs::path file = write("bad.y4m", bytes);
    expect_error(ErrorKind::kData, {"*", "bad.y4m", "*"},
                 [&] { static_cast<void>(open_video(file, {})); });
  };
  refused("YUV4MPEG2 W4 H2");
  refused("YUV4MPEG2 W4\nFRAME\n");
  refused("YUV4MPEG2 W-4 H2\nFRAME\n");
  refused("YUV4MPEG2 W999999999 H999999999\nFRAME\n");
  refused("YUV4MPEG2 W4 H2 C410\nFRAME\n");
  expect_error(ErrorKind::kData, {"'W1e3'", "bad.y4m", "W and H are whole numbers"}, [&] {
    static_cast<void>(open_video(write("bad.y4m", "YUV4MPEG2 W1e3 H2\nFRAME\n"), {}));
  });
  expect_error(ErrorKind::kData, {"the file is empty", "bad.y4m", "*"},
               [&] { static_cast<void>(open_video(write("bad.y4m", ""), {})); });
  for (const char* none : {"none.y4m", "none.mp4", "none.yuv"}) {
    expect_error(ErrorKind::kData, {"there is no file '", none, "*"},
                 [&] { static_cast<void>(open_video(none, {})); });
  }
  const fs::path folder = write("in/v.mp4", "").parent_path();
  expect_error(ErrorKind::kData, {"this is a folder", "in", "*"},
               [&] { static_cast<void>(open_video(folder, {})); });
  expect_error(ErrorKind::kData, {"*", "text.mp4", "*"},
               [&] { static_cast<void>(open_video(write("text.mp4", "no video"), {})); });
}

TEST_F(Videos, InterlacedOnesSaySo) {
  std::string fields = y4m(1);
  EXPECT_TRUE(open_video(write("v.y4m", fields), {})->info().remarks.empty());
  fields.insert(fields.find('\n'), " It");
  const auto reader = open_video(write("fields.y4m", fields), {});
  ASSERT_EQ(reader->info().remarks.size(), 1U);
  EXPECT_EQ(reader->info().remarks.front(), kInterlacedRemark);
}

TEST(VideoNames, AreKnownByTheirEnding) {
  EXPECT_TRUE(has_video_ending("a/b.Y4M"));
  EXPECT_TRUE(has_video_ending("b.mp4"));
  EXPECT_FALSE(has_video_ending("mp4"));
  EXPECT_FALSE(has_video_ending("b.png"));
}

}  // namespace video_test
}  // namespace robiq
