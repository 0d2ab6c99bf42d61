#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace page_test {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Page, HasItsPartsInOneFile) {
  Report report;
  report.title = "Robust & <fast>";
  const std::string page = render_page(report);
  EXPECT_THAT(page, HasSubstr("<title>Robust &amp; &lt;fast&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("\"title\":\"Robust & \\u003cfast>\""));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_THAT(page, Not(HasSubstr("sourceMappingURL")));
  EXPECT_THAT(page, Not(HasSubstr("\nimport ")));
  EXPECT_THAT(page, Not(HasSubstr("\nexport ")));
  EXPECT_THAT(page, EndsWith("</html>\n"));
}

TEST(Page, NamesNoSlotThatItsReportHas) {
  EXPECT_THAT(page_around("t", "\"{{script}}\""), HasSubstr("\"{{script}}\""));
}

TEST(Page, CarriesWhatDrawsAndItsLicencesIfItWasBuiltSo) {
  const std::string page = page_around("t", "{}");
  for (const char* text : {"vega 6.4.0", "vega-lite 6.5.0", "vega-embed 7.3.0",
                           "Redistribution and use in source and binary forms", "vegaEmbed="}) {
    EXPECT_EQ(page.find(text) != page.npos, page_has_figures()) << text;
  }
  EXPECT_EQ(page.size() > 200000U, page_has_figures());
}

}  // namespace page_test
}  // namespace robiq
