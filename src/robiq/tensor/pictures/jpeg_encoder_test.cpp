#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_decoders.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace jpeg_encoder_test {

TEST(EncodeJpeg420, WritesABaselinePictureWithHalvedChroma) {
  const at::Tensor bytes = det::image({"j", 19, 37, 128, 64});
  const std::string file = encode_jpeg_420(bytes, 75);
  const PictureHeader header = inspect_picture(file, "test");
  EXPECT_EQ(header.kind, PictureKind::kJpeg);
  EXPECT_EQ(header.width, 37);
  EXPECT_EQ(header.height, 19);
  // SOF0: length 17, 8 bits, the size, three components: 2x2 samples of luma, 1x1 of chroma.
  const std::string frame(
      "\xFF\xC0\x00\x11\x08\x00\x13\x00\x25\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01", 19);
  EXPECT_NE(file.find(frame), std::string::npos);
}

TEST(InspectJpeg, FindsThatAComponentHasNoScan) {
  std::string file = encode_jpeg_420(det::image({"j", 16, 16, 128, 64}), 75);
  EXPECT_EQ(inspect_picture(file, "test").width, 16);
  const std::size_t scan = file.find(std::string("\xFF\xDA\x00\x0C\x03", 5));
  ASSERT_NE(scan, std::string::npos);
  file.replace(scan, 11, std::string("\xFF\xDA\x00\x08\x01", 5) + file.substr(scan + 5, 2));
  expect_error(ErrorKind::kData, {"the JPEG is cut off", "test", "*"},
               [&] { static_cast<void>(inspect_picture(file, "test")); });
}

TEST(EncodeJpeg420, HigherQualityLosesLessAndTakesMore) {
  const at::Tensor bytes = det::image({"j", 48, 64, 128, 64});
  double last_error = 1e9;
  std::size_t last_size = 0;
  for (const int quality : {1, 20, 60, 100}) {
    const std::string file = encode_jpeg_420(bytes, quality);
    const at::Tensor back =
        decode_jpeg(file, {PictureKind::kJpeg, 64, 48}).permute({2, 0, 1}).to(at::kFloat);
    const double error = (back - bytes.to(at::kFloat)).square().mean().item<double>();
    EXPECT_LT(error, last_error);
    EXPECT_GT(file.size(), last_size);
    last_error = error;
    last_size = file.size();
  }
}

TEST(EncodeJpeg420, RefusesWhatIsNoPicture) {
  expect_error(ErrorKind::kData, {"cannot be written", "*", "uint8"}, [] {
    static_cast<void>(encode_jpeg_420(at::zeros({3, 8, 8}), 75));
  });
  const at::Tensor bytes = at::zeros({3, 8, 8}, at::kByte);
  expect_error(ErrorKind::kData, {"quality of 0", "*", "1 to 100"},
               [&] { static_cast<void>(encode_jpeg_420(bytes, 0)); });
  expect_error(ErrorKind::kData, {"libjpeg cannot write", "*", "65500"}, [] {
    static_cast<void>(encode_jpeg_420(at::zeros({3, 1, 65501}, at::kByte), 75));
  });
}

}  // namespace jpeg_encoder_test
}  // namespace robiq
