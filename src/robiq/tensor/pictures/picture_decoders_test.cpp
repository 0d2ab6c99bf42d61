#include "robiq/tensor/pictures/picture_decoders.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_bytes.h"
#include "robiq/tensor/pictures/tiff/tiff_layout.h"
#include "support/picture_files.h"
#include "support/picture_fixtures.h"
#include "support/test_files.h"
#include "support/zip_bytes.h"

namespace robiq {
namespace picture_decoders_test {

namespace fs = std::filesystem;
using namespace test;

class DecodedPicture : public ::testing::Test {
 protected:
  at::Tensor read(const std::string& name, const std::string& bytes) {
    write_file(folder_.path() / name, bytes);
    return read_picture(folder_.path() / name);
  }
  /// What is said of a file, or "" when it is read; nothing else may be printed.
  std::string complaint(const std::string& name, const std::string& bytes) {
    testing::internal::CaptureStderr();
    std::string what;
    try {
      (void)read(name, bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData) << name;
      EXPECT_FALSE(error.text().hint.empty()) << name;
      what = error.text().what;
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << name;
    return what;
  }
  void expect_colours(const std::string& name, const nlohmann::json& entry) {
    const bool lossy = name.ends_with(".jpg") || name.ends_with(".webp");
    try {
      const at::Tensor got = read(name, bytes_of_hex(entry.at("file")));
      const at::Tensor wanted = colours_of(entry);
      ASSERT_EQ(got.sizes(), wanted.sizes()) << name;
      const auto off = (got.to(at::kInt) - wanted.to(at::kInt)).abs().max().item<int>();
      EXPECT_LE(off, lossy ? 1 : 0) << name;  // other versions of these libraries may round
    } catch (const Error& error) {
      ADD_FAILURE() << name << ": " << error.what();
    }
  }
  TemporaryFolder folder_;
};

TEST_F(DecodedPicture, HasTheColoursThatPillowReads) {
  const auto all = read_json(fixture_path("pictures/pillow.json"));
  ASSERT_GT(all.size(), 70U);
  for (const auto& [name, entry] : all.items()) expect_colours(name, entry);
}

TEST_F(DecodedPicture, KeepsTheHighByteOfGreyAndIsNeverTurned) {
  const auto rules = read_json(fixture_path("pictures/rules.json"));
  ASSERT_GT(rules.at("read").size(), 10U);
  for (const auto& [name, entry] : rules.at("read").items()) expect_colours(name, entry);
}

TEST_F(DecodedPicture, OfAKindThatIsNotReadIsRefusedByItsName) {
  const auto rules = read_json(fixture_path("pictures/rules.json"));
  ASSERT_GT(rules.at("refused").size(), 15U);
  for (const auto& [name, entry] : rules.at("refused").items()) {
    const std::string what = complaint(name, bytes_of_hex(entry.at("file")));
    EXPECT_NE(what.find(entry.at("says")), std::string::npos) << name << ": " << what;
  }
}

/// Of each kind with checks in it, or with data that say how long they are.
TEST_F(DecodedPicture, WhoseDataWereZeroedIsRefused) {
  for (const std::string kind : {"tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma"}) {
    std::string bytes = picture_fixture("rgb_" + kind + ".tif");
    ASSERT_EQ(complaint("whole.tif", bytes), "") << kind;
    // Pillow writes the data behind the header, before the tags or behind them.
    const std::size_t middle = bytes.size() / 2;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(middle), 40, '\0');
    EXPECT_NE(complaint("zeroed.tif", bytes), "") << kind;
  }
}

TEST_F(DecodedPicture, WhoseDeflateDataMissTheirChecksumIsRefused) {
  const std::string whole = picture_fixture("rgb_tiff_adobe_deflate.tif");
  const std::size_t data = whole.find("\x78");  // where zlib's own header stands
  ASSERT_LT(data, whole.size() - 200);
  for (std::size_t place = data + 20; place < data + 180; place += 20) {
    std::string bytes = whole;
    bytes[place] = static_cast<char>(bytes[place] ^ 0x10);
    EXPECT_NE(complaint("flipped.tif", bytes), "") << place;
  }
}

TEST(TiffPacking, OfBitsMustFillItsPieceExactly) {
  const std::string three(
      "\x02"
      "abc");
  EXPECT_NO_THROW(check_packbits(three, 3));
  EXPECT_NO_THROW(
      check_packbits("\xFE"
                     "a\x80",
                     3));
  EXPECT_NO_THROW(check_packbits(three + std::string(2, '\0'), 3));
  EXPECT_THROW(check_packbits(three, 2), PictureFault);
  EXPECT_THROW(check_packbits(three, 4), PictureFault);
  EXPECT_THROW(check_packbits(three + three, 3), PictureFault);
  EXPECT_THROW(check_packbits(three.substr(0, 3), 3), PictureFault);
}

TEST_F(DecodedPicture, MayHaveNotesThatNobodyReads) {
  const std::string png = picture_fixture("rgb.png");
  const std::string bad_profile = chunk("iCCP", std::string("x\0\0nonsense", 11));
  const std::string packed_note = chunk("zTXt", std::string("Comment\0\0", 9) + "not deflate");
  std::string noted = png;
  noted.insert(33, bad_profile + packed_note + chunk("gAMA", "odd"));
  EXPECT_TRUE(at::equal(read("noted.png", noted), read("plain.png", png)));
}

/// The bytes of a JPEG's last scan, from its marker to the end marker.
std::string last_scan(const std::string& jpeg) {
  const std::size_t begin = jpeg.rfind("\xFF\xDA"), end = jpeg.rfind("\xFF\xD9");
  return jpeg.substr(begin, end - begin);
}

TEST_F(DecodedPicture, OfThousandsOfScansIsRefusedAtOnce) {
  const auto begun = std::chrono::steady_clock::now();
  for (const std::string name : {"rgb_progressive.jpg", "grey.jpg"}) {
    std::string bytes = picture_fixture(name);
    const std::string scan = last_scan(bytes);
    std::string many;
    for (int i = 0; i < 5000; ++i) many += scan;
    bytes.insert(bytes.size() - 2, many);
    const std::string what = complaint(name, bytes);
    EXPECT_NE(what.find("scans"), std::string::npos) << what;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST_F(DecodedPicture, WithGarbageBehindAScanIsRefusedAndWithZerosRead) {
  const std::string jpeg = picture_fixture("rgb.jpg");
  std::string padded = jpeg, garbled = jpeg;
  padded.insert(jpeg.size() - 2, std::string(20, '\0'));
  garbled.insert(jpeg.size() - 2,
                 "\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78");
  EXPECT_TRUE(at::equal(read("padded.jpg", padded), read("plain.jpg", jpeg)));
  std::string later = jpeg;  // of a revision of JFIF that nobody wrote down
  later[jpeg.find(std::string("JFIF\0", 5)) + 5] = 2;
  EXPECT_TRUE(at::equal(read("later.jpg", later), read("plain.jpg", jpeg)));
  EXPECT_NE(complaint("garbled.jpg", garbled).find("libjpeg says"), std::string::npos);
}

/// \return the TIFF with another number in one of its tags (little-endian, tags at byte 8)
std::string with_tag(std::string tiff, std::uint32_t tag, std::uint32_t value) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(tiff[i]); };
  const std::size_t count = byte(8);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = 10 + 12 * i;
    if (byte(place) + 256U * byte(place + 1) != tag) continue;
    for (std::size_t k = 0; k < 4; ++k) {
      tiff[place + 8 + k] = static_cast<char>(value >> (8 * k) & 255);
    }
    return tiff;
  }
  ADD_FAILURE() << "no tag " << tag;
  return tiff;
}

TEST_F(DecodedPicture, ThatPointsOutsideItsFileIsRefused) {
  const std::string tiff = picture_fixture("rgb.tif");
  EXPECT_NE(complaint("offset.tif", with_tag(tiff, 273, 100000)).find("cut off"),
            std::string::npos);
  EXPECT_NE(complaint("size.tif", with_tag(tiff, 279, 100000)).find("cut off"), std::string::npos);
  EXPECT_NE(complaint("wide.tif", with_tag(tiff, 256, 60000)), "");
  EXPECT_NE(complaint("none.tif", with_tag(tiff, 257, 0)), "");
  const std::string big = picture_fixture("rgb_big.tif");
  for (std::size_t left = 8; left < big.size(); left += 1 + big.size() / 31) {
    EXPECT_NE(complaint("big.tif", big.substr(0, left)), "") << left;
  }
}

/// A BMP of 4 x 2 pixels in two colours, black and white, packed as runs.
std::string bmp_of_runs(const std::string& runs) {
  constexpr std::size_t kHeaders = 54, kColours = 2;
  const std::size_t start = kHeaders + 4 * kColours;
  std::string bytes = "BM" + le(start + runs.size(), 4) + le(0, 4) + le(start, 4) + le(40, 4);
  bytes += le(4, 4) + le(2, 4) + le(1, 2) + le(8, 2) + le(1, 4) + le(runs.size(), 4) + le(0, 8);
  bytes += le(kColours, 4) + le(0, 4);
  return bytes + le(0, 4) + le(0xFFFFFF, 4) + runs;
}

TEST_F(DecodedPicture, RunsOfABmpFillEveryRow) {
  const std::string white_row("\x04\x01", 2), end_of_row(2, '\0'), end("\x00\x01", 2);
  const at::Tensor white = read("white.bmp", bmp_of_runs(white_row + end_of_row + white_row + end));
  EXPECT_EQ(white.min().item<int>(), 255);
  const std::string short_row("\x03\x01", 2);
  EXPECT_NE(complaint("short.bmp", bmp_of_runs(short_row + end_of_row + white_row + end)), "");
  EXPECT_NE(complaint("zeroed.bmp", bmp_of_runs(white_row + std::string(12, '\0'))), "");
  EXPECT_NE(complaint("ended.bmp", bmp_of_runs(white_row + end)), "");
}

}  // namespace picture_decoders_test
}  // namespace robiq
