#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <set>

#include "robiq/core/files/files.h"
#include "robiq/report/figures/figure_family.h"
#include "support/drawn_figures.h"
#include "support/errors.h"
#include "support/places.h"
#include "support/sample_evidence.h"
#include "support/vega_check.h"

namespace robiq {
namespace figure_sections_test {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FigureSections, EveryFamilyIsFilledAndSound) {
  const test::Drawn drawn(test::sample_evidence(test::full_study()));
  std::set<std::string> ids;
  std::vector<std::string> sections;
  for (const Section& section : drawn.sections) {
    sections.push_back(section.id);
    EXPECT_FALSE(section.title.empty() || section.text.empty()) << section.id;
  }
  for (std::string& id : sections) id.resize(id.rfind('-'));
  // "defenses" is of what stands beside NT, which this study has not; nor has it filters.
  std::vector<std::string> expected = figure_ids();
  std::erase(expected, "defenses");
  std::erase(expected, "filters");
  EXPECT_EQ(sections, expected);
  for (const Figure* figure : drawn.figures()) {
    EXPECT_TRUE(ids.insert(figure->id).second) << figure->id;
    const Json spec = Json::parse(figure->vega_lite);
    EXPECT_EQ(spec.at("$schema"), "https://vega.github.io/schema/vega-lite/v6.json");
    EXPECT_EQ(spec.at("description"), figure->caption);
    test::VegaCheck check(drawn.report, figure->id);
    check.check(spec);
    EXPECT_GT(check.marks, 0) << figure->id;
    EXPECT_EQ(figure->vega_lite.find("font\""), std::string::npos) << figure->id;
    EXPECT_EQ(figure->vega_lite.find("\"range\":[\"#"), std::string::npos) << figure->id;
  }
}

TEST(FigureSections, ColumnsOfEveryTableAreEquallyLong) {
  const test::Drawn drawn(test::sample_evidence(test::full_study()));
  for (const auto& [name, table] : drawn.report.data) {
    const auto length = [](const DataColumn& column) {
      return std::visit([](const auto& values) { return values.size(); }, column.values);
    };
    for (const DataColumn& column : table) EXPECT_EQ(length(column), length(table[0])) << name;
  }
}

/// What a shell command prints, and how it ends.
std::pair<int, std::string> output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string text;
  for (int letter = fgetc(pipe); letter != EOF; letter = fgetc(pipe))
    text += static_cast<char>(letter);
  return {WEXITSTATUS(pclose(pipe)), text};
}

/// With vega and vega-lite themselves: warnings, exceptions and marks without a place are failures.
TEST(FigureSections, EveryFigureIsDrawnByVega) {
  const std::filesystem::path packages = test::report_packages();
  if (output_of("node --version").first != 0) GTEST_SKIP() << "node is not installed";
  if (!std::filesystem::exists(packages / "node_modules" / "vega-lite")) {
    GTEST_SKIP() << "this build has no vega-lite: " << packages.string();
  }
  const test::Drawn drawn(test::sample_evidence(test::full_study()));
  const TemporaryFolder folder;
  for (const Figure* figure : drawn.figures()) {
    write_file(folder.path() / (figure->id + ".vl.json"),
               test::with_data(*figure, drawn.report).dump());
  }
  const auto [code, text] =
      output_of("node '" + test::source_folder() + "/tests/report/draw_figures.mjs' '" +
                packages.string() + "' '" + folder.path().string() + "'");
  EXPECT_EQ(text, "");
  EXPECT_EQ(code, 0);
}

TEST(FigureSections, NoEvidenceGivesNoSections) {
  EXPECT_TRUE(test::Drawn(Evidence{}).sections.empty());
}

TEST(FigureSections, OnlyTheFamiliesThatAreAskedFor) {
  const test::Drawn drawn(test::sample_evidence(), {"before-after"});
  EXPECT_THAT(drawn.ids(), ElementsAre("before-after-fgsm", "before-after-perceptual",
                                       "before-after-uap", "before-after-kor"));
  EXPECT_FALSE(drawn.report.data.contains("density-0"));
}

TEST(FigureSections, AnUnknownFamilyIsRefused) {
  expect_error(ErrorKind::kUsage,
               {"no figure is called 'before-aftr'", "", "did you mean 'before-after'? known: "},
               [] { test::Drawn(Evidence{}, {"before-aftr"}); });
}

TEST(FigureSections, OfManySettingsSomeAreDrawn) {
  test::SampleStudy study = test::full_study();
  study.transferred = study.examples = false;
  study.others = {};
  study.epsilons = {"0.001", "0.002", "0.003", "0.004", "0.005", "0.006"};
  const test::Drawn drawn(test::sample_evidence(study), {"before-after"});
  EXPECT_THAT(drawn.ids(),
              ElementsAre("before-after-fgsm-epsilon-0.001", "before-after-fgsm-epsilon-0.003",
                          "before-after-fgsm-epsilon-0.004", "before-after-fgsm-epsilon-0.006"));
  EXPECT_THAT(drawn.sections.at(0).text, HasSubstr("from the mildest to the strongest"));
}

}  // namespace figure_sections_test
}  // namespace robiq
