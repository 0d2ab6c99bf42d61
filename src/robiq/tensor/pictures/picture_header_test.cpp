#include "robiq/tensor/pictures/picture_header.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/picture_files.h"

namespace robiq {
namespace picture_header_test {

namespace fs = std::filesystem;
using namespace test;

class DamagedPicture : public ::testing::Test {
 protected:
  fs::path store(const std::string& name, const std::string& bytes) {
    write_file(folder_.path() / name, bytes);
    return folder_.path() / name;
  }
  /// Reads a file that must be refused, without a word on stderr.
  ErrorText refusal(const fs::path& file) {
    testing::internal::CaptureStderr();
    ErrorText text;
    try {
      (void)read_picture(file);
      ADD_FAILURE() << file << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      text = error.text();
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << file;
    EXPECT_FALSE(text.what.empty());
    return text;
  }
  ErrorText refusal(const std::string& name, const std::string& bytes) {
    const ErrorText text = refusal(store(name, bytes));
    EXPECT_EQ(text.where, (folder_.path() / name).string());
    EXPECT_FALSE(text.hint.empty());
    return text;
  }
  TemporaryFolder folder_;
};

TEST_F(DamagedPicture, ThatIsNoneIsRefused) {
  EXPECT_EQ(refusal("a.png", "hello, this is a text and no picture at all").what,
            "robiq cannot read this as a picture: its first bytes are not those of JPEG, PNG, BMP, "
            "TIFF or WebP");
  EXPECT_EQ(refusal("empty.jpg", "").what, "the file is empty");
  EXPECT_NE(refusal(folder_.path()).what.find("is a folder"), std::string::npos);
  EXPECT_NE(refusal(folder_.path() / "none.png").what.find("there is no file"), std::string::npos);
}

TEST_F(DamagedPicture, CutAnywhereIsRefused) {
  const std::vector<int> strips = {cv::IMWRITE_TIFF_COMPRESSION, 5};
  const std::vector<int> progressive = {cv::IMWRITE_JPEG_PROGRESSIVE, 1};
  const std::vector<std::pair<std::string, std::string>> whole = {
      {"a.jpg", encoded(".jpg", sample(64, 80))},
      {"p.jpg", encoded(".jpg", sample(64, 80), progressive)},
      {"a.png", encoded(".png", sample(64, 80))},
      {"a.bmp", encoded(".bmp", sample(64, 80))},
      {"a.tif", encoded(".tif", sample(64, 80), strips)},
      {"a.webp", encoded(".webp", sample(64, 80))},
  };
  for (const auto& [name, bytes] : whole) {
    EXPECT_NO_THROW((void)read_picture(store(name, bytes))) << name;
    for (std::size_t left = 2; left + 2 < bytes.size(); left += 1 + bytes.size() / 23) {
      SCOPED_TRACE(name + " cut to " + std::to_string(left));
      (void)refusal(name, bytes.substr(0, left));
    }
    (void)refusal(name, bytes.substr(0, bytes.size() - 2));
  }
  EXPECT_EQ(refusal("cut.jpg", whole[0].second.substr(0, whole[0].second.size() / 2)).what,
            "the JPEG is cut off, or its header claims more pixels than it has data for");
  const ErrorText png = refusal("cut.png", whole[2].second.substr(0, 99));
  EXPECT_NE(png.what.find("the picture is cut off: the file ends after 99 bytes"),
            std::string::npos);
  EXPECT_EQ(png.hint, "copy or export the picture again");
}

TEST_F(DamagedPicture, ClosedAfterACutIsStillRefused) {
  const std::string jpeg = encoded(".jpg", sample(64, 80));
  EXPECT_NE(
      refusal("closed.jpg", jpeg.substr(0, jpeg.size() / 2) + "\xFF\xD9").what.find("cut off"),
      std::string::npos);
}

TEST_F(DamagedPicture, LyingAboutItsSizeIsRefused) {
  const auto patched = [](std::string bytes, std::size_t at, const std::string& with) {
    return bytes.replace(at, with.size(), with);
  };
  for (const bool progressive : {false, true}) {
    const std::string jpeg =
        encoded(".jpg", sample(64, 80), {cv::IMWRITE_JPEG_PROGRESSIVE, progressive ? 1 : 0});
    const std::size_t frame = jpeg.find(progressive ? "\xFF\xC2" : "\xFF\xC0");
    ASSERT_NE(frame, std::string::npos);
    const std::string taller("\x00\x80", 2), wider("\x01\x50", 2);
    (void)refusal("tall.jpg", patched(jpeg, frame + 5, taller));
    (void)refusal("wide.jpg", patched(jpeg, frame + 7, wider));
  }
  const std::string small("\x00\x10", 2);
  const std::string jpeg = encoded(".jpg", sample(256, 256), {cv::IMWRITE_JPEG_QUALITY, 98});
  EXPECT_EQ(refusal("small.jpg", patched(jpeg, jpeg.find("\xFF\xC0") + 5, small)).what,
            "the JPEG has data for more pixels than its header claims");
  const std::string png = encoded(".png", sample(20, 20));
  EXPECT_NE(refusal("size.png", patched(png, 20, "\x01")).what.find("chunk IHDR at byte 8"),
            std::string::npos);
  EXPECT_NE(
      refusal("data.png", patched(png, 60, "\x55\x44")).what.find("does not match its checksum"),
      std::string::npos);
  const std::string tall("\x40\x00\x00\x00", 4);
  (void)refusal("tall.bmp", patched(encoded(".bmp", sample(20, 20)), 22, tall));
}

TEST_F(DamagedPicture, OfGoodChunksWithTooLittleDataIsRefused) {
  const auto bytes = png({.width = 9000, .height = 9000, .rows = std::string(99, '\0')});
  EXPECT_EQ(refusal("far.png", bytes).what, "the PNG claims more pixels than it has data for");
  const auto nearly = png({.width = 40, .height = 30, .rows = std::string(99, '\0')});
  EXPECT_NE(refusal("near.png", nearly).what.find("libpng says"), std::string::npos);
}

TEST_F(DamagedPicture, TooLargeIsRefusedBeforeItIsDecoded) {
  const auto bytes = png({.width = 20000, .height = 20000, .rows = std::string(8, '\0')});
  const ErrorText text = refusal("huge.png", bytes);
  EXPECT_EQ(text.what,
            "the picture claims 20000x20000 pixels, more than the 100 megapixels that are read");
  EXPECT_EQ(text.hint, "shrink or crop it first");
  std::string bmp = encoded(".bmp", sample(4, 4));
  bmp.replace(18, 8, std::string("\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x7F", 8));
  (void)refusal("huge.bmp", bmp);
}

TEST_F(DamagedPicture, OfFloatingPointIsRefused) {
  cv::Mat picture;
  sample(8, 8).convertTo(picture, CV_32F);
  const ErrorText text = refusal("float.tif", encoded(".tif", picture));
  EXPECT_EQ(text.what,
            "the TIFF holds a kind of colour that is not read: logarithmic light (LogLuv)");
  EXPECT_EQ(text.hint, "export it as RGB with 8 or 16 bits a channel");
}

}  // namespace picture_header_test
}  // namespace robiq
