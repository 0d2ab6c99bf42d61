#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "robiq/core/files/files.h"
#include "robiq/data/dataset.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/errors.h"

namespace robiq {
namespace csv_list_test {

class CsvData : public ::testing::Test {
 protected:
  CsvData() {
    for (const char* name : {"a.png", "b.png", "deep/c.png"}) {
      write_png(folder_.path() / name, at::full({3, 8, 9}, name[0], at::kByte));
    }
  }
  std::unique_ptr<Dataset> open(const std::string& text, const std::string& options = "") {
    write_file(folder_.path() / "list.csv", text);
    const std::string spec = "csv:" + (folder_.path() / "list.csv").string() + options;
    return Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
  }
  void refuses(const std::string& text, const ErrorText& wanted, const std::string& options = "") {
    expect_error(ErrorKind::kData, wanted, [&] { (void)open(text, options); });
  }
  TemporaryFolder folder_;
};

TEST_F(CsvData, ListsPicturesWithTheirLabels) {
  const auto data = open("image,mos\na.png,3.5\nb.png,1\ndeep/c.png,9.25\n");
  const auto records = data->records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].id, "a.png");
  EXPECT_EQ(records[2].mos, 9.25);
  EXPECT_EQ(records[2].content, "deep/c.png");
  EXPECT_EQ(records[0].split, "");
  EXPECT_EQ(data->card().scale, (ScoreScale{1, 9.25}));
  EXPECT_EQ(data->card().name, "csv");
  EXPECT_TRUE(data->card().spec.ends_with("list.csv,worst=1,best=9.25"));
  EXPECT_TRUE(at::equal(data->read(records[0]), at::full({3, 8, 9}, 'a', at::kByte)));
}

TEST_F(CsvData, TakesContentFromItsColumnElseFromTheReference) {
  const auto data = open(
      "image,mos,reference,content,split,distortion\n"
      "a.png,1,r.png,,train,blur-2\nb.png,2,r.png,mine,test,\ndeep/c.png,3,,,,\n");
  EXPECT_EQ(data->records()[0].content, "r.png");
  EXPECT_EQ(data->records()[1].content, "mine");
  EXPECT_EQ(data->records()[2].content, "deep/c.png");
  EXPECT_EQ(data->records()[0].split, "train");
  EXPECT_EQ(data->records()[0].distortion, "blur-2");
}

TEST_F(CsvData, TakesTheScaleThatIsGiven) {
  const std::string text = "image,mos\na.png,3\nb.png,60\n";
  EXPECT_EQ(open(text, ",worst=100,best=0")->card().scale, (ScoreScale{100, 0}));
  EXPECT_EQ(open(text, ",worst=0")->card().scale, (ScoreScale{0, 60}));
  EXPECT_EQ(open("image,mos\na.png,5\n", ",worst=1,best=10")->card().scale, (ScoreScale{1, 10}));
}

TEST_F(CsvData, RefusesWhatItCannotUse) {
  refuses("image,mos\na.png,1\n\n./a.png,2\n",
          {"'./a.png' is listed already on line 2", "list.csv:4", "remove one of the two"});
  refuses("image,mos\n,1\n", {"the cell under image is empty", "list.csv:2", "name a picture"});
  refuses("image,mos\na.png,good\n", {"good", "list.csv:2", "*"});
  refuses("image,mos\na.png,nan\n", {"nan", "list.csv:2", "*"});
  refuses("image,mos\n", {"lists no pictures", "list.csv", "add rows"});
  refuses("picture,mos\na.png,1\n", {"image", "list.csv", "*"});
  refuses("image,mos,split\na.png,1,training\n",
          {"'training' is not a split", "list.csv:2", "train, val or test"});
  refuses("image,mos\na.png,7\nb.png,7\n",
          {"worst and best label are both 7", "list.csv", "worst=0,best=100"});
  refuses("image,mos\na.png,1\nb.png,7\n", {"are both 5", "*", "*"}, ",worst=5,best=5");
}

TEST_F(CsvData, NeedsAFile) {
  const auto make = [](const char* spec) {
    (void)Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
  };
  expect_error(ErrorKind::kUsage, {"the data set csv needs a file", "--data csv", "csv:FILE"},
               [&] { make("csv"); });
  expect_error(ErrorKind::kData, {"there is no file", "*", "check the path"},
               [&] { make("csv:/nowhere/list.csv"); });
}

TEST_F(CsvData, APictureThatIsNotThereIsSaidByWhoReadsIt) {
  const auto data = open("image,mos\na.png,1\nnone.png,2\ndeep,3\n");
  for (const std::size_t i : {1U, 2U}) {
    expect_error(ErrorKind::kData, {data->records()[i].id, "*", "*"},
                 [&] { (void)data->read(data->records()[i]); });
  }
}

TEST_F(CsvData, SaysWhichPictureIsDamaged) {
  write_file(folder_.path() / "b.png", "no picture");
  const auto data = open("image,mos\na.png,1\nb.png,2\n");
  expect_error(ErrorKind::kData, {"cannot read this as a picture", "b.png", "*"},
               [&] { (void)data->read(data->records()[1]); });
}

}  // namespace csv_list_test
}  // namespace robiq
