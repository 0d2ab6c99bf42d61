#include "robiq/tensor/pictures/image_io.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "support/picture_files.h"
#include "support/test_files.h"

namespace robiq {
namespace image_io_test {

namespace fs = std::filesystem;
using namespace test;

class PictureFile : public ::testing::Test {
 protected:
  fs::path store(const std::string& name, const std::string& bytes) {
    write_file(folder_.path() / name, bytes);
    return folder_.path() / name;
  }
  TemporaryFolder folder_;
};

TEST_F(PictureFile, IsReadExactlyFromEveryLosslessKind) {
  const cv::Mat picture = sample(23, 31);
  for (const char* ending : {".png", ".bmp", ".tif"}) {
    const at::Tensor read =
        read_picture(store("a" + std::string(ending), encoded(ending, picture)));
    EXPECT_TRUE(read.is_contiguous());
    EXPECT_TRUE(at::equal(read, expected(picture))) << ending;
  }
  const std::string webp = encoded(".webp", picture, {cv::IMWRITE_WEBP_QUALITY, 101});
  EXPECT_TRUE(at::equal(read_picture(store("a.webp", webp)), expected(picture)));
}

TEST_F(PictureFile, IsReadNearlyFromEveryLossyKind) {
  const cv::Mat picture(40, 56, CV_8UC3, cv::Scalar(40, 90, 200));
  for (const char* ending : {".jpg", ".webp"}) {
    const auto read = read_picture(store("a" + std::string(ending), encoded(ending, picture)));
    EXPECT_LE((read.to(at::kInt) - expected(picture).to(at::kInt)).abs().max().item<int>(), 4);
  }
  const std::vector<int> progressive = {cv::IMWRITE_JPEG_PROGRESSIVE,  1,
                                        cv::IMWRITE_JPEG_QUALITY,      95,
                                        cv::IMWRITE_JPEG_RST_INTERVAL, 2};
  const auto read = read_picture(store("b.jpg", encoded(".jpg", sample(37, 50), progressive)));
  EXPECT_EQ(read.sizes(), (std::vector<std::int64_t>{3, 37, 50}));
}

TEST_F(PictureFile, LosesItsAlphaAndItsLowByte) {
  for (const char* ending : {".png", ".tif"}) {
    for (const int type : {CV_8UC1, CV_16UC1, CV_16UC3, CV_8UC4, CV_16UC4}) {
      const cv::Mat picture = sample(9, 12, type);
      const at::Tensor read =
          read_picture(store("a" + std::string(ending), encoded(ending, picture)));
      EXPECT_TRUE(at::equal(read, expected(picture))) << ending << " type " << type;
    }
  }
}

TEST_F(PictureFile, WithPaletteAndTransparencyBecomesRgb) {
  const std::string palette = chunk("PLTE", std::string("\x0A\x14\x1E\xC8\x96\x64", 6));
  const std::string clear = chunk("tRNS", std::string("\x00\x80", 2));
  const std::string rows("\x00\x01\x00\x01\x00\x00\x01\x01", 8);
  const auto bytes =
      png({.width = 3, .height = 2, .colour = 3, .rows = rows, .chunks = palette + clear});
  const at::Tensor read = read_picture(store("palette.png", bytes));
  const std::vector<int> red = {200, 10, 200, 10, 200, 200}, blue = {100, 30, 100, 30, 100, 100};
  EXPECT_TRUE(at::equal(read[0].reshape(-1).to(at::kInt), at::tensor(red)));
  EXPECT_TRUE(at::equal(read[2].reshape(-1).to(at::kInt), at::tensor(blue)));
}

TEST_F(PictureFile, WithOneBitOfGreyBecomesBlackAndWhite) {
  const auto bytes = png({.width = 3, .height = 1, .depth = 1, .rows = std::string("\x00\xA0", 2)});
  const at::Tensor read = read_picture(store("bits.png", bytes));
  EXPECT_TRUE(
      at::equal(read[1].reshape(-1).to(at::kInt), at::tensor(std::vector<int>{255, 0, 255})));
}

TEST_F(PictureFile, IsNotTurnedByItsExifOrientation) {
  std::string jpeg = encoded(".jpg", sample(16, 32));
  const std::string exif(
      "\xFF\xE1\x00\x22"
      "Exif\0\0"
      "MM\0*\0\0\0\x08\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
      36);
  jpeg.insert(2, exif);
  EXPECT_EQ(read_picture(store("turned.jpg", jpeg)).size(2), 32);
}

TEST_F(PictureFile, SurvivesAPngRoundTrip) {
  const at::Tensor bytes = expected(sample(33, 47));
  const fs::path file = folder_.path() / "deep" / "folder" / "a.png";
  write_png(file, bytes);
  EXPECT_TRUE(at::equal(read_picture(file), bytes));
  EXPECT_EQ(read_file(file, 1 << 20), encode_png(bytes));
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator{}), 1);
  EXPECT_TRUE(at::equal(read_picture(store("t.png", encode_png(bytes.transpose(1, 2)))),
                        bytes.transpose(1, 2)));
}

TEST_F(PictureFile, AJpegIsCloseToWhatItWasMadeOf) {
  const at::Tensor flat = at::full({3, 24, 32}, 90, at::kByte);
  const at::Tensor read = read_picture(store("flat.jpg", encode_jpeg(flat)));
  EXPECT_LE((read.to(at::kInt) - flat.to(at::kInt)).abs().max().item<int>(), 2);
  EXPECT_THROW((void)encode_jpeg(at::zeros({1, 4, 4}, at::kByte)), Error);
}

TEST_F(PictureFile, OfAnotherShapeIsNoPng) {
  EXPECT_THROW((void)encode_png(at::zeros({3, 4, 4})), Error);
  EXPECT_THROW((void)encode_png(at::zeros({1, 4, 4}, at::kByte)), Error);
  EXPECT_THROW(write_png(folder_.path(), at::zeros({3, 4, 4}, at::kByte)), Error);
}

TEST(PictureEnding, IsKnownInAnyCase) {
  EXPECT_TRUE(has_picture_ending("a/b.PNG"));
  EXPECT_TRUE(has_picture_ending("b.Jpeg"));
  EXPECT_FALSE(has_picture_ending("b.csv"));
  EXPECT_FALSE(has_picture_ending("png"));
}

TEST(RealPhotographs, AreReadWithTheirSizes) {
  const fs::path photos = shared_path("data/photos");
  if (photos.empty()) GTEST_SKIP() << "no shared photographs here";
  testing::internal::CaptureStderr();
  int count = 0;
  for (const auto& entry : fs::directory_iterator(photos)) {
    if (!has_picture_ending(entry.path())) continue;
    const at::Tensor picture = read_picture(entry.path());
    EXPECT_GE(picture.size(1), 256) << entry.path();
    EXPECT_LE(picture.size(2), 2272) << entry.path();
    EXPECT_GT(picture.to(at::kFloat).std().item<float>(), 10.0F) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 20);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(read_picture(photos / "tid2013_I03.bmp").sizes(),
            (std::vector<std::int64_t>{3, 384, 512}));
}

}  // namespace image_io_test
}  // namespace robiq
