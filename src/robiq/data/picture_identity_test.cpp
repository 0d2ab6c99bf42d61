#include "robiq/data/picture_identity.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/errors.h"
#include "support/tiny_pictures.h"

namespace robiq {
namespace picture_identity_test {

namespace fs = std::filesystem;

class Identity : public testing::Test {
 protected:
  Identity() {
    write_png(at("a.png"), at::full({3, 8, 12}, 90, at::kByte));
    write_png(at("b.png"), at::full({3, 8, 12}, 91, at::kByte));
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] std::unique_ptr<Dataset> list(const std::vector<std::vector<std::string>>& rows,
                                              const std::vector<std::string>& header = {
                                                  "image", "mos"}) const {
    write_csv(at("set.csv"), header, rows);
    const std::string spec = "csv:" + at("set.csv").string();
    return Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
  }
  [[nodiscard]] std::vector<std::string> identities(const std::vector<std::string>& names) const {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::size_t> all;
    for (const std::string& name : names) {
      all.push_back(rows.size());
      rows.push_back({name, std::to_string(rows.size())});
    }
    return picture_identities(*list(rows), all, 2, nullptr);
  }
  TemporaryFolder folder_;
};

TEST_F(Identity, IsOfThePixelsNotOfTheName) {
  fs::copy_file(at("a.png"), at("renamed.png"));
  fs::create_symlink("a.png", at("link.png"));
  write_file(at("saved-again.bmp"), test::bmp_bytes(8, 12, 90));
  const auto found = identities({"a.png", "renamed.png", "link.png", "saved-again.bmp", "b.png"});
  for (const std::size_t same : {1U, 2U, 3U}) EXPECT_EQ(found[same], found[0]) << same;
  EXPECT_NE(found[4], found[0]);
  EXPECT_EQ(found[0].size(), 16U);
  EXPECT_EQ(found[0].find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(Identity, IsOfTheSizeToo) {
  EXPECT_NE(picture_identity(at::zeros({3, 4, 6}, at::kByte)),
            picture_identity(at::zeros({3, 6, 4}, at::kByte)));
}

TEST_F(Identity, OfAPictureThatCannotBeReadIsRefused) {
  write_file(at("bad.png"), "no picture");
  expect_error(ErrorKind::kData, {"*", "bad.png", "*"}, [&] {
    (void)identities({"a.png", "bad.png"});
  });
}

TEST_F(Identity, OfAListIsOfItsRecordsNotOfTheirOrderAndLabels) {
  const std::string first = records_sha256(*list({{"a.png", "1"}, {"b.png", "2"}}));
  EXPECT_EQ(records_sha256(*list({{"b.png", "2"}, {"a.png", "1.5"}})), first);
  EXPECT_NE(records_sha256(*list({{"a.png", "1"}, {"./b.png", "2"}})), first);
  const std::vector<std::string> header{"image", "mos", "content"};
  EXPECT_NE(records_sha256(*list({{"a.png", "1", "x"}, {"b.png", "2", "x"}}, header)), first);
}

}  // namespace picture_identity_test
}  // namespace robiq
