// The report's page in a headless Chromium, and the figures' files drawn by Node. The reports are
// made up by tests/page/sample_report.mjs; what is looked at stands in tests/page/*checks.mjs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "robiq/core/files/files.h"
#include "robiq/report/render/page_assets.h"
#include "support/places.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

struct Ended {
  int exit_code = -1;
  std::string output;  ///< stdout and stderr
};

Ended shell(const std::string& command) {
  Ended ended;
  FILE* const pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return ended;
  std::array<char, 4096> piece{};
  while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) ended.output += piece.data();
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  return ended;
}

std::string shell_word(const fs::path& path) { return "'" + path.string() + "'"; }

std::string chromium() {
  const char* const named = std::getenv("CHROMIUM");
  return named != nullptr ? named : "/usr/bin/chromium";
}

/// What the page's checks need and this machine lacks; "" when all is there.
std::string missing(bool needs_browser) {
  if (!page_has_figures()) return "built with ROBIQ_WITH_FIGURES=OFF";
  if (shell("node --version").exit_code != 0) return "node is not there";
  if (!needs_browser) return "";
  if (!fs::exists(chromium())) return chromium() + " is not there";
  return fs::exists(test::report_packages() + "/node_modules/playwright-core")
             ? ""
             : "playwright-core is not there";
}

const fs::path kScripts = fs::path(test::source_folder()) / "tests/page";

/// Both pages are looked at once; each test tells what was found on one thing.
class Browser : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    lacks() = missing(true);
    if (!lacks().empty()) return;
    const TemporaryFolder folder;
    make_page(folder.path() / "small.html", " 60 4 4 12");
    make_page(folder.path() / "large.html", "");
    const Ended ended = shell("CHROMIUM=" + shell_word(chromium()) + " node " +
                              shell_word(kScripts / "browse.mjs") + " '" + test::report_packages() +
                              "' " + shell_word(folder.path() / "small.html") + " " +
                              shell_word(folder.path() / "large.html"));
    ASSERT_EQ(ended.exit_code, 0) << ended.output;
    std::istringstream lines(ended.output);
    for (std::string word, name, rest; lines >> word >> name && std::getline(lines, rest);) {
      (word == "measured" ? measured() : found())[name] = word == "measured" ? rest : word + rest;
    }
  }
  void SetUp() override {
    if (!lacks().empty()) GTEST_SKIP() << lacks();
  }

  static void make_page(const fs::path& file, const std::string& size) {
    const fs::path json = file.string() + ".json";
    const Ended ended =
        shell("node " + shell_word(kScripts / "sample_report.mjs") + " " + shell_word(json) + size);
    ASSERT_EQ(ended.exit_code, 0) << ended.output;
    write_file(file, page_around("A made-up study", read_file(json, 64U << 20U)));
  }
  static std::string& lacks() {
    static std::string text;
    return text;
  }
  static std::map<std::string, std::string>& found() {
    static std::map<std::string, std::string> all;
    return all;
  }
  static std::map<std::string, std::string>& measured() {
    static std::map<std::string, std::string> all;
    return all;
  }
};

#define ROBIQ_PAGE_CHECK(test, check) \
  TEST_F(Browser, test) { EXPECT_EQ(found()[check], "ok"); }

ROBIQ_PAGE_CHECK(LoadsWithoutErrorOrRequest, "loads_without_error_or_request")
ROBIQ_PAGE_CHECK(DrawsEveryFigure, "every_figure_draws")
ROBIQ_PAGE_CHECK(SortsTables, "tables_sort")
ROBIQ_PAGE_CHECK(FiltersTablesFiguresAndExamples, "filters_reach_everything")
ROBIQ_PAGE_CHECK(NamesThePictureUnderThePointer, "pointing_names_the_picture")
ROBIQ_PAGE_CHECK(OpensThePictureOfAPoint, "a_click_opens_the_picture")
ROBIQ_PAGE_CHECK(AmplifiesTheDifference, "the_difference_is_what_it_says")
ROBIQ_PAGE_CHECK(WipesAndZooms, "sliders_wipe_and_zoom")
ROBIQ_PAGE_CHECK(GoesThroughExamplesByKeys, "arrow_keys_go_through_the_examples")
ROBIQ_PAGE_CHECK(OpensAPictureByName, "a_picture_opens_by_its_name")
ROBIQ_PAGE_CHECK(ChangesColours, "dark_and_light")
ROBIQ_PAGE_CHECK(SavesFigures, "figures_save_as_svg_and_png")
ROBIQ_PAGE_CHECK(CopiesTables, "a_table_is_copied")
ROBIQ_PAGE_CHECK(SaysThatItWasBuiltWithoutFigures, "without_packages_it_says_so")
ROBIQ_PAGE_CHECK(FitsAPhone, "narrow_pages_do_not_overflow")
ROBIQ_PAGE_CHECK(WidensFigures, "wide_figures_use_the_width")
ROBIQ_PAGE_CHECK(ShowsEveryFigureOnPaper, "paper_shows_every_figure")
ROBIQ_PAGE_CHECK(HasPicturesReadyForPaper, "figures_with_pictures_are_ready_for_paper")
ROBIQ_PAGE_CHECK(Prints, "printing_makes_a_whole_document")
ROBIQ_PAGE_CHECK(NamesEveryControl, "everything_has_a_name")
ROBIQ_PAGE_CHECK(HasContrast, "texts_have_contrast")

/// 1,162 pictures, 8 models as base and +NT, 4 attacks, 100 examples.
TEST_F(Browser, OpensALargeStudyQuickly) {
  ASSERT_EQ(found()["measures"], "ok");
  EXPECT_LT(std::stod(measured()["large_bytes"]), 30e6);
  // Of the processor: a test beside others waits for its turn, which is not the page's doing.
  EXPECT_LT(std::stod(measured()["large_processor_ms"]), 3000);
  for (const auto& [name, value] : measured()) RecordProperty(name, value);
}

TEST(PageTables, CopiesHoldNothingThatTheirFormatWouldObey) {
  if (const std::string lack = missing(false); !lack.empty()) GTEST_SKIP() << lack;
  const Ended ended = shell("node " + shell_word(kScripts / "escape_checks.mjs"));
  EXPECT_EQ(ended.exit_code, 0) << ended.output;
}

class FigureFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string lack = missing(false); !lack.empty()) GTEST_SKIP() << lack;
    const PageAssets& assets = page_assets();
    write_file(folder_.path() / "vega.min.js", assets.vega);
    write_file(folder_.path() / "vega-lite.min.js", assets.vega_lite);
    write_file(folder_.path() / "theme.mjs", assets.theme);
    write_file(folder_.path() / "escape.mjs", assets.escape);
    write_file(folder_.path() / "svg.mjs", assets.svg_script);
  }
  /// Draws the figures of a folder.
  Ended draw() const {
    return shell("node " + shell_word(folder_.path() / "svg.mjs") + " " +
                 shell_word(folder_.path()) + " " + shell_word(figures_.path()));
  }
  TemporaryFolder folder_, figures_;
};

TEST_F(FigureFiles, BecomeSvg) {
  const Figure figure{"bars", "Bars", R"({"data": {"name": "d"}, "mark": "bar", "encoding": {
      "x": {"field": "model", "type": "nominal"}, "y": {"field": "srocc", "type": "quantitative"}}})"};
  const std::map<std::string, DataTable> data{
      {"d",
       {{"model", std::vector<std::string>{"CNNIQA", "DBCNN"}},
        {"srocc", std::vector<double>{0.5, 0.8}}}}};
  write_file(figures_.path() / "bars.vl.json", figure_file(figure, data));
  const Ended ended = draw();
  EXPECT_EQ(ended.exit_code, 0) << ended.output;
  EXPECT_EQ(ended.output, "");
  const std::string svg = read_file(figures_.path() / "bars.svg", 1U << 20U);
  EXPECT_THAT(svg, StartsWith("<svg"));
  EXPECT_THAT(svg, HasSubstr(">CNNIQA</text>"));
  EXPECT_THAT(svg, HasSubstr("#24588f"));
  EXPECT_THAT(svg, HasSubstr("fill=\"#ffffff\""));
}

// XML has no way to write a control character, not even as a number.
TEST_F(FigureFiles, HoldNoCharacterThatXmlRefuses) {
  const Figure figure{"names", "Names",
                      R"({"data": {"name": "d"}, "mark": "bar", "title": "a\u001bb",
      "encoding": {"x": {"field": "model", "type": "nominal"},
                   "y": {"field": "srocc", "type": "quantitative"}}})"};
  const std::map<std::string, DataTable> data{
      {"d",
       {{"model", std::vector<std::string>{"esc\x1b[31m", "<b>\x01&\xEF\xBF\xBF", "\xFF\xC2\x9B"}},
        {"srocc", std::vector<double>{0.5, 0.8, 0.9}}}}};
  write_file(figures_.path() / "names.vl.json", figure_file(figure, data));
  ASSERT_EQ(draw().exit_code, 0);
  const std::string svg = read_file(figures_.path() / "names.svg", 1U << 20U);
  EXPECT_THAT(svg, HasSubstr(">esc\\x1b[31m</text>"));
  EXPECT_THAT(svg, HasSubstr("&lt;b&gt;\\x01&amp;\\uffff"));
  EXPECT_THAT(svg, HasSubstr("a\\x1bb"));
  EXPECT_TRUE(std::none_of(svg.begin(), svg.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 && letter != '\n' && letter != '\t';
  }));
}

TEST_F(FigureFiles, ThatCannotBeDrawnAreNamedAndTheOthersAreDrawn) {
  write_file(figures_.path() / "bad.vl.json", "{");
  write_file(figures_.path() / "good.vl.json", R"({"data": {"values": [{}]}, "mark": "point"})");
  const Ended ended = draw();
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.output, StartsWith("bad.vl.json: "));
  EXPECT_EQ(std::count(ended.output.begin(), ended.output.end(), '\n'), 1);
  EXPECT_TRUE(fs::exists(figures_.path() / "good.svg"));
  EXPECT_FALSE(fs::exists(figures_.path() / "bad.svg"));
}

}  // namespace
}  // namespace robiq
