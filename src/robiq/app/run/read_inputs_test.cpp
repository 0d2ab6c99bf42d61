#include "robiq/app/run/read_inputs.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/files/files.h"
#include "robiq/data/picture_identity.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace read_inputs_test {

using testing::IsEmpty;

TEST(ReadInputs, FilesInASpecAreKnownByTheirBytes) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "u.npy").string();
  const auto hashes = [&] {
    ReadInputs inputs;
    for (const std::string& text :
         {"uap:" + file, "uap:scale=0.1,file=" + file, std::string("fgsm")}) {
      add_files_of(parse_spec(text, ""), "the attack", inputs);
    }
    return inputs;
  };
  EXPECT_THAT(hashes(), IsEmpty());
  write_file(file, "one");
  const ReadInputs before = hashes();
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before[0], before[1]);
  write_file(file, "two");
  EXPECT_EQ(changed_inputs(before, hashes()).size(), 2u);
}

class Pictures : public testing::Test {
 protected:
  Pictures() {
    put("a.png", 1);
    put("b.png", 2);
    write_file(folder_.path() / "set.csv", "image,mos\na.png,1\nb.png,2\nc.png,3\n");
  }
  void put(const std::string& name, int grey) const {
    write_png(folder_.path() / name, at::full({3, 4, 5}, grey, at::kByte));
  }
  [[nodiscard]] std::unique_ptr<Dataset> dataset() const {
    return make_dataset("csv:" + (folder_.path() / "set.csv").string());
  }
  [[nodiscard]] std::string pixels_of(const std::vector<std::size_t>& records,
                                      std::int64_t workers) const {
    const auto set = dataset();
    return pictures_sha256(*set, records, picture_identities(*set, records, workers, nullptr));
  }
  TemporaryFolder folder_;
};

TEST_F(Pictures, AreKnownByTheirPixels) {
  const std::string before = pixels_of({0, 1}, 2);
  EXPECT_EQ(pixels_of({0, 1}, 1), before);
  EXPECT_NE(pixels_of({1, 0}, 1), before);
  put("b.png", 3);
  EXPECT_NE(pixels_of({0, 1}, 1), before);
  put("b.png", 2);
  EXPECT_EQ(pixels_of({0, 1}, 1), before);
}

TEST_F(Pictures, OrByTheirFiles) {
  const std::string before = picture_files_sha256(*dataset());
  EXPECT_EQ(picture_files_sha256(*dataset()), before);
  put("b.png", 3);
  const std::string changed = picture_files_sha256(*dataset());
  EXPECT_NE(changed, before);
  put("c.png", 3);
  EXPECT_NE(picture_files_sha256(*dataset()), changed) << "it was missing before";
}

}  // namespace read_inputs_test
}  // namespace robiq
