#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/report/render/page_assets.h"
#include "support/errors.h"

namespace robiq {
namespace figure_svgs_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kFigure = R"({"$schema": "https://vega.github.io/schema/vega-lite/v6.json",
  "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 5}]}, "mark": "line",
  "encoding": {"x": {"field": "x", "type": "quantitative"},
               "y": {"field": "y", "type": "quantitative"}}})";

TEST(FigureSvgs, StandBesideTheirSpecifications) {
  const TemporaryFolder folder;
  write_file(folder.path() / "line.vl.json", kFigure);
  const std::string reason = draw_svgs(folder.path());
  if (!reason.empty()) GTEST_SKIP() << reason;
  EXPECT_THAT(read_file(folder.path() / "line.svg", 1 << 20), HasSubstr("<svg"));
}

TEST(FigureSvgs, AFigureThatCannotBeDrawnIsNamed) {
  const TemporaryFolder folder;
  write_file(folder.path() / "good.vl.json", kFigure);
  write_file(folder.path() / "odd.vl.json", R"({"mark": "no such mark"})");
  try {
    const std::string reason = draw_svgs(folder.path());
    if (!reason.empty()) GTEST_SKIP() << reason;
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInternal);
    EXPECT_THAT(error.text().what, HasSubstr("odd.vl.json"));
  }
  EXPECT_TRUE(fs::exists(folder.path() / "good.svg"));
}

TEST(FigureSvgs, WithoutNodeTheReasonIsSaid) {
  if (!page_has_figures()) GTEST_SKIP() << "built without figures";
  const TemporaryFolder folder;
  EXPECT_EQ(draw_svgs(folder.path(), "no-such-node"),
            "'no-such-node' was not found: install Node.js for SVG files");
}

}  // namespace figure_svgs_test
}  // namespace robiq
