#include "robiq/store/row_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/errors.h"

namespace robiq {
namespace row_text_test {

TEST(RowText, ScoresComeBackExactly) {
  ScoreRow row;
  row.run = 3;
  row.image = std::int64_t{1} << 40;
  row.attack = "fgsm";
  row.attack_options = "epsilon=0.01,loss=\"mid\"\n";
  row.before = 0.1 + 0.2;
  row.psnr_db = std::numeric_limits<double>::infinity();
  row.forwards = -1;
  row.artifact = "artifacts/\xC3\xA4.png";
  const std::vector<ScoreRow> back = unpack_rows<ScoreRow>(pack_rows<ScoreRow>({row, {}}));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].run, 3);
  EXPECT_EQ(back[0].image, row.image);
  EXPECT_EQ(back[0].attack_options, row.attack_options);
  EXPECT_EQ(back[0].before, 0.1 + 0.2);
  EXPECT_EQ(back[0].psnr_db, row.psnr_db);
  EXPECT_TRUE(std::isnan(back[0].after));
  EXPECT_EQ(back[0].forwards, -1);
  EXPECT_EQ(back[0].artifact, row.artifact);
  EXPECT_EQ(back[1].attack, "");
}

TEST(RowText, DistancesComeBackAndNoRowsAreNoRows) {
  const std::vector<DistanceRow> back = unpack_rows<DistanceRow>(
      pack_rows<DistanceRow>({{1, 2, 3, "a", "b", "c", "d", "lpips", 0.5}}));
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].distance, "lpips");
  EXPECT_EQ(back[0].value, 0.5);
  EXPECT_TRUE(unpack_rows<ScoreRow>(pack_rows<ScoreRow>({})).empty());
}

TEST(RowText, OtherBytesAreRefused) {
  const auto read = [](const std::string& bytes) {
    return [bytes] { static_cast<void>(unpack_rows<ScoreRow>(bytes)); };
  };
  expect_error(ErrorKind::kData, {"cannot be read", "", "one robiq"}, read("no rows"));
  const std::string distances =
      pack_rows<DistanceRow>({{1, 2, 3, "a", "b", "c", "d", "lpips", 0.5}});
  expect_error(ErrorKind::kData, {"cannot be read", "", "*"}, read(distances));
}

}  // namespace row_text_test
}  // namespace robiq
