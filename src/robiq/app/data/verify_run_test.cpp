#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "robiq/app/data/data_run.h"
#include "robiq/core/files/output.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/stop.h"
#include "support/errors.h"
#include "support/fake_sets.h"

namespace robiq {
namespace verify_run_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The rows as they are printed.
nlohmann::ordered_json printed_checks(const VerifyRequest& request) {
  return DataCheck::columns().cells(verify_dataset(request), OutputFormat::kJson);
}

/// Eight good pictures of four scenes in a CSV file.
class Verify : public testing::Test {
 protected:
  Verify() {
    for (int i = 0; i < 8; ++i) {
      const std::string name = "p" + std::to_string(i) + ".png";
      test::write_fake_picture(at(name), 10 + i);
      rows_.push_back(
          {name, std::to_string(10 * i), "s" + std::to_string(i / 2), i < 4 ? "train" : "test"});
    }
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_.path() / name; }

  /// The row of each check. \param options  of the CSV set
  std::map<std::string, nlohmann::ordered_json> verify(const std::string& options = "") {
    write_csv(at("set.csv"), {"image", "mos", "content", "split"}, rows_);
    request_.data = "csv:" + at("set.csv").string() + options;
    std::map<std::string, nlohmann::ordered_json> all;
    for (const auto& row : printed_checks(request_)) all[row["check"]] = row;
    return all;
  }
  /// Checks that this one alone finds fault. \return its examples
  std::string only_fault(const std::string& check, int faults = 1,
                         const std::string& options = "") {
    std::string examples;
    for (const auto& [name, row] : verify(options)) {
      EXPECT_EQ(row["faults"], name == check ? faults : 0) << row;
      EXPECT_EQ(row["hint"] == "", name != check) << row;
      if (name == check) examples = row["examples"];
    }
    return examples;
  }

  TemporaryFolder folder_;
  std::vector<std::vector<std::string>> rows_;
  VerifyRequest request_;
};

TEST_F(Verify, FindsNoFaultInAGoodSet) {
  for (const auto& [check, row] : verify()) {
    EXPECT_EQ(row["faults"], 0) << row;
    EXPECT_EQ(row["examples"], "");
  }
}

TEST_F(Verify, NamesLabelsOutsideTheScale) {
  EXPECT_EQ(only_fault("labels outside the scale", 2, ",worst=0,best=50"),
            "p6.png has 60; p7.png has 70");
  EXPECT_EQ(only_fault("labels outside the scale", 1, ",worst=70,best=5"), "p0.png has 0");
}

TEST_F(Verify, NamesPicturesThatAreCutOff) {
  const std::string whole = test::bmp_bytes(40, 40, 3);
  write_file(at("p3.png"), "");
  rows_[4][0] = "cut.bmp";
  write_file(at("cut.bmp"), whole.substr(0, whole.size() / 2));
  rows_[5][0] = "cut.jpg";
  const std::string jpeg = test::jpeg_bytes(40, 40, 77);
  write_file(at("cut.jpg"), jpeg.substr(0, jpeg.size() - 6));
  const std::string examples = only_fault("cut off", 3);
  EXPECT_THAT(examples, HasSubstr("p3.png: the file is empty"));
  EXPECT_THAT(examples, HasSubstr("cut.bmp: "));
  EXPECT_THAT(examples, HasSubstr("cut.jpg: the JPEG is cut off"));
}

TEST_F(Verify, NamesPicturesThatCannotBeRead) {
  write_file(at("p2.png"), "<html>not found</html>");
  EXPECT_THAT(only_fault("unreadable"), HasSubstr("p2.png: robiq cannot read this as a picture"));
}

TEST_F(Verify, NamesFilesThatAreNotWhatTheirNamesSay) {
  write_file(at("p2.png"), test::jpeg_bytes(40, 40, 99));
  EXPECT_EQ(only_fault("misnamed"), "p2.png is a JPEG");
}

TEST_F(Verify, NamesLinksThatLeadNowhere) {
  fs::remove(at("p2.png"));
  fs::create_symlink("nowhere.png", at("p2.png"));
  EXPECT_EQ(only_fault("missing"), "p2.png is a link that leads nowhere");
}

TEST_F(Verify, NamesPicturesWithTheSameBytes) {
  for (const char* copy : {"p1.png", "p4.png", "p5.png", "p7.png"}) {
    std::filesystem::copy_file(at("p0.png"), at(copy),
                               std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_EQ(only_fault("same bytes twice", 4),
            "p1.png = p0.png; p4.png = p0.png; p5.png = p0.png; ...");
}

TEST_F(Verify, NamesScenesInTwoParts) {
  rows_[0][3] = "val";
  EXPECT_EQ(only_fault("scenes in two parts of the split"), "s0");
}

TEST_F(Verify, LooksAtASplitThatIsGiven) {
  request_.split_file = at("split.csv").string();
  auto wrong = rows_;
  wrong[3][3] = "training";
  write_csv(at("split.csv"), {"image", "mos", "content", "split"}, wrong);
  EXPECT_THAT(only_fault("scenes in two parts of the split"), HasSubstr("is not a split"));
  std::vector<std::vector<std::string>> split;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    split.push_back({name, name, i % 2 == 0 ? "train" : "test"});
  }
  write_csv(at("split.csv"), {"image", "content", "split"}, split);
  EXPECT_EQ(only_fault("scenes in two parts of the split", 4), "s0; s1; s2; ...");
}

TEST_F(Verify, StopsWhenAsked) {
  set_stop_requested(true);
  EXPECT_THROW((void)verify(), Interrupted);
  set_stop_requested(false);
}

TEST_F(Verify, ChecksPicturesThatAreMadeOnTheFly) {
  request_.data = "builtin:scenes=1,size=64";
  for (const auto& row : printed_checks(request_)) EXPECT_EQ(row["faults"], 0) << row;
}

/// The published sets, whose tiny copies are incomplete and nothing else.
class VerifyPublished : public testing::TestWithParam<test::FakeSet> {};

TEST_P(VerifyPublished, FindsOnlyThatItIsIncomplete) {
  const TemporaryFolder folder;
  VerifyRequest request;
  request.data = GetParam().name + ":" + GetParam().make(folder.path()).string();
  for (const auto& row : printed_checks(request)) {
    if (row["check"] == "counts") {
      EXPECT_THAT(row["examples"].get<std::string>(),
                  HasSubstr(std::to_string(GetParam().pictures) + " pictures, the publisher"));
    } else {
      EXPECT_EQ(row["faults"], 0) << row;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, VerifyPublished, testing::ValuesIn(test::fake_sets()),
                         [](const auto& given) { return given.param.name; });

TEST(VerifyACopy, NamesWhatIsMissingOrHasAnotherEnding) {
  const TemporaryFolder folder;
  const fs::path root = test::fake_kadid10k(folder.path());
  fs::remove(root / "images" / "I01_01_01.png");
  fs::rename(root / "images" / "I02_01_01.png", root / "images" / "I02_01_01.bmp");
  VerifyRequest request;
  request.data = "kadid10k:" + root.string();
  for (const auto& row : printed_checks(request)) {
    if (row["check"] == "missing") {
      EXPECT_EQ(row["examples"], "I01_01_01.png");
    }
    if (row["check"] == "misnamed") {
      EXPECT_EQ(row["examples"], "I02_01_01.png is not there, I02_01_01.bmp is");
    }
  }
}

TEST(VerifyACopy, FindsNoFaultInAWholeOne) {
  const TemporaryFolder folder;
  test::XlsxRows rows = {{"Image Number", "Average Subjective Grade"}};
  for (int i = 1; i <= 586; ++i) {
    rows.push_back({std::to_string(i), number_text(test::fake_label(i, 587, 0, 5))});
    std::string bytes = test::jpeg_bytes(8, 8, i % 256);
    bytes.insert(2, std::string("\xFF\xFE\0\6", 4) + test::le(static_cast<std::uint64_t>(i), 4));
    std::ofstream(folder.path() / ("DatabaseImage" +
                                   std::string(i < 10    ? "000"
                                               : i < 100 ? "00"
                                                         : "0") +
                                   std::to_string(i) + ".JPG"),
                  std::ios::binary)
        << bytes;
  }
  test::XlsxParts(rows, "Plan1").write(folder.path() / "DatabaseGrades.xlsx");
  VerifyRequest request;
  request.data = "bid:" + folder.path().string();
  for (const auto& row : printed_checks(request)) EXPECT_EQ(row["faults"], 0) << row;
}

TEST_F(Verify, TellsMisnamedFromMissingHoweverTheFolderIsWritten) {
  write_csv(at("ext.csv"), {"image", "mos"}, {{"p0.jpg", "1"}, {"p1.PNG", "2"}});
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  for (const std::string& list : {std::string("csv:ext.csv"), std::string("csv:./ext.csv"),
                                  "csv:" + at("ext.csv").string()}) {
    request_.data = list;
    for (const auto& row : printed_checks(request_)) {
      EXPECT_EQ(row["faults"], row["check"] == "misnamed" ? 2 : 0) << list << " " << row;
    }
  }
  fs::current_path(before);
}

}  // namespace verify_run_test
}  // namespace robiq
