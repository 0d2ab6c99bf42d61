#include "robiq/app/tools/report_run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace report_run_test {

/// Two logs of scored videos and a folder.
class VideoReports : public testing::Test {
 protected:
  VideoReports() {
    for (const char* name : {"low.json", "high.json"}) {
      write_file(folder_.path() / name,
                 R"({"frames": [{"frameNum": 0, "metrics": {"cnniqa": 40}}]})");
    }
    make_folder(folder_.path() / "run");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() / name; }
  /// What read_options() does once the options are there.
  static ReportRequest settled(std::vector<std::string> runs, const Params& given) {
    ReportRequest request;
    request.runs = std::move(runs);
    ReportRequest::settle(request, given);
    return request;
  }

  TemporaryFolder folder_;
};

TEST_F(VideoReports, LieBesideTheFirstLog) {
  const std::vector<ReportFile> files =
      run_report(settled({path("low.json"), path("high.json")}, {}));
  EXPECT_EQ(files.front().file, folder_.path() / "report" / "index.html");
  EXPECT_TRUE(std::filesystem::exists(files.front().file));
}

TEST_F(VideoReports, TakeNoRunsBesideThem) {
  expect_error(ErrorKind::kUsage, {"run folders and logs", "low.json", "two reports"}, [&] {
    static_cast<void>(settled({path("low.json"), path("run")}, {}));
  });
}

TEST_F(VideoReports, NameALogThatIsNotThere) {
  expect_error(ErrorKind::kData, {"none.json", "*", "check the path"}, [&] {
    static_cast<void>(run_report(settled({path("low.json"), path("none.json")}, {})));
  });
}

TEST_F(VideoReports, TakeNothingTwice) {
  expect_error(ErrorKind::kUsage, {"low.json' is named twice", "", "name it once"}, [&] {
    static_cast<void>(settled({path("low.json"), path("high.json"), path("low.json")}, {}));
  });
  expect_error(ErrorKind::kUsage, {"run/' is named twice, as '", "", "name it once"}, [&] {
    static_cast<void>(settled({path("run"), path("run/")}, {}));
  });
}

TEST_F(VideoReports, HaveNoTablesToChoose) {
  Params given;
  given["tables"] = {"clean", "--tables"};
  expect_error(ErrorKind::kUsage, {"logs of scored videos", "--tables", "leave out one of the two"},
               [&] { static_cast<void>(settled({path("low.json")}, given)); });
}

}  // namespace report_run_test
}  // namespace robiq
