#include "robiq/attack/ready_pictures.h"

#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace picture_folder_test {

namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  void put(const std::string& name) const { write_file(folder_.path() / name, name); }
  [[nodiscard]] PictureFolder knowing(const std::vector<std::string>& ids) const {
    PictureFolder pictures(folder_.path());
    pictures.know(ids);
    return pictures;
  }
  /// What stands for a picture, by its name in the folder.
  static std::string found(const PictureFolder& pictures, const std::string& id) {
    return read_file(pictures.file_of(id), 1000);
  }
  static void expect_doubt(const PictureFolder& pictures, const std::string& id,
                           const std::string& doubt, const std::string& hint) {
    expect_error(ErrorKind::kData, {doubt, "*", hint}, [&] { (void)pictures.file_of(id); });
  }

  TemporaryFolder folder_;
};

TEST_F(Folder, PicturesOfOneNameInTwoFoldersStayTwo) {
  put("1.png");
  const PictureFolder pictures = knowing({"a/1.png", "b/1.png"});
  expect_doubt(pictures, "a/1.png", "'1.png' could stand for 'a/1.png' or 'b/1.png'", "a/1.png");
  expect_doubt(pictures, "b/1.png", "'1.png' could stand for 'b/1.png' or 'a/1.png'",
               "b%2F1.png.png");
}

TEST_F(Folder, TheirOwnFoldersAndTheNamesOfSavedPicturesTellThemApart) {
  put("a/1.png");
  put("b%2F1.png.png");
  put("1.png");
  const PictureFolder pictures = knowing({"a/1.png", "b/1.png"});
  EXPECT_EQ(found(pictures, "a/1.png"), "a/1.png");
  EXPECT_EQ(found(pictures, "b/1.png"), "b%2F1.png.png");
}

TEST_F(Folder, AlsoOfTwoEndings) {
  put("photo.png");
  put("sky.png");
  put("sky.jpg.png");
  const PictureFolder pictures =
      knowing({"photo.jpg", "photo.png", "sky.jpg", "sky.bmp", "other/tree.bmp"});
  expect_doubt(pictures, "photo.jpg", "'photo.png' could stand for", "photo.jpg.png");
  expect_doubt(pictures, "photo.png", "'photo.png' could stand for", "photo.png.png");
  EXPECT_EQ(found(pictures, "sky.jpg"), "sky.jpg.png");
  EXPECT_EQ(found(pictures, "sky.bmp"), "sky.png") << "the other has one of its own";
}

TEST_F(Folder, ABareNameWillDoWhereItIsOnePicturesAlone) {
  put("1.png");
  put("2.jpg");
  put("3.bmp.png");
  const PictureFolder pictures = knowing({"a/1.jpg", "b/2.jpg", "c/3.bmp"});
  EXPECT_EQ(found(pictures, "a/1.jpg"), "1.png");
  EXPECT_EQ(found(pictures, "b/2.jpg"), "2.jpg");
  EXPECT_EQ(found(pictures, "c/3.bmp"), "3.bmp.png");
  expect_doubt(pictures, "d/4.png", "no picture stands for 'd/4.png'", "4.png");
}

TEST_F(Folder, NamesThatLeaveItAreNotFollowed) {
  const fs::path clean = folder_.path() / "clean.png";
  put("clean.png");
  put("attacked/x");
  const PictureFolder pictures(folder_.path() / "attacked");
  expect_doubt(pictures, clean.string(), "no picture stands for", "*");
  expect_doubt(pictures, "../clean.png", "no picture stands for", "*");
}

TEST_F(Folder, APictureThatIsThereTwiceIsNotGuessed) {
  put("1.png");
  put("1.png.png");
  expect_doubt(knowing({"1.png", "1.png"}), "1.png", "could stand for", "*");
}

TEST_F(Folder, LongNamesAreFound) {
  std::string id = "deep";
  for (int i = 0; i < 100; ++i) id += "/er";
  id += "/1.png";
  put(bounded_stem_of(id, kPictureStemBytes) + ".png");
  EXPECT_NE(found(knowing({id, "1.png"}), id), "");
  expect_doubt(knowing({id}), std::string(300, 'x') + ".png", "no picture stands for", "*");
}

}  // namespace picture_folder_test
}  // namespace robiq
