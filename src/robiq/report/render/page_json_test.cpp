#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "robiq/core/version.h"
#include "robiq/report/render/page_assets.h"
#include "support/errors.h"

namespace robiq {
namespace page_json_test {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Table small_table() {
  return {"clean",
          "Clean",
          {{"Model", {"model"}}, {"SROCC", {"srocc_base", "srocc_nt"}, "FGSM", {"", "", "FGSM"}}},
          {{{word("CNNIQA"), {{{0.5, 3, true, 0.01}, {kNaN, 3}}}}, {"CNNIQA", "", ""}, true}},
          {"a note"}};
}

Report report_with(std::vector<ReportBlock> blocks) {
  Report report;
  report.title = "T";
  report.sections = {{"s", "Section", "text", std::move(blocks)}};
  return report;
}

TEST(PageJson, HasTablesAsThePageReadsThem) {
  const Json json = Json::parse(page_json(report_with({small_table()})));
  EXPECT_EQ(json["robiq_version"], version());
  EXPECT_EQ(json["sections"][0]["id"], "s");
  const Json& table = json["sections"][0]["blocks"][0];
  EXPECT_EQ(table["kind"], "table");
  EXPECT_EQ(table["notes"], Json::parse(R"(["a note"])"));
  EXPECT_EQ(table["columns"][1], Json::parse(R"({"name": "SROCC", "group": "FGSM",
      "keys": ["srocc_base", "srocc_nt"], "about": {"model": "", "defense": "", "attack": "FGSM"}})"));
  EXPECT_EQ(table["rows"][0], Json::parse(R"({"reference": true,
      "about": {"model": "CNNIQA", "defense": "", "attack": ""},
      "cells": [[{"v": "CNNIQA"}], [{"v": 0.5, "d": 3, "best": true, "sd": 0.01},
                                    {"v": null, "d": 3}]]})"));
}

TEST(PageJson, HasFiguresWithTheirSpecification) {
  const Json json = Json::parse(page_json(report_with({Figure{"f", "F", R"({"mark": "bar"})"}})));
  EXPECT_EQ(
      json["sections"][0]["blocks"][0],
      Json::parse(R"({"kind": "figure", "id": "f", "caption": "F", "spec": {"mark": "bar"}})"));
}

TEST(PageJson, RefusesAFigureThatIsNotJson) {
  expect_error(ErrorKind::kInternal, {"figure \"f\" is not JSON", "", ""}, [] {
    static_cast<void>(page_json(report_with({Figure{"f", "", "bar"}})));
  });
}

TEST(PageJson, LeavesOutTablesWithoutRows) {
  Table table = small_table();
  table.rows.clear();
  EXPECT_TRUE(Json::parse(page_json(report_with({table})))["sections"][0]["blocks"].empty());
}

TEST(PageJson, CodesWordsAndRoundsNumbersOfData) {
  Report report = report_with({});
  report.data["points"] = {{"model", std::vector<std::string>{"B", "A", "B"}},
                           {"change", std::vector<double>{1.0 / 3, kNaN, 2}}};
  EXPECT_EQ(Json::parse(page_json(report))["data"]["points"],
            Json::parse(R"({"rows": 3, "columns": {"model": {"words": ["B", "A"],
                            "codes": [0, 1, 0]}, "change": [0.333333, null, 2]}})"));
}

TEST(PageJson, HasPicturesAsDataAddresses) {
  Report report = report_with({});
  report.pictures = {{"a.png", "builtin", 50, "foo"}, {"b.png", "builtin", kNaN, ""}};
  report.examples = {{1, {"M", "base", "FGSM"}, "0", "random", 1, 2, 0.9, 0.01, "f", "fo"}};
  report.runs = {{{{"Command", "robiq"}}, {"a flag"}}};
  const Json json = Json::parse(page_json(report));
  EXPECT_EQ(json["pictures"][0]["thumbnail"], "data:image/jpeg;base64,Zm9v");
  EXPECT_EQ(
      json["pictures"][1],
      Json::parse(R"({"name": "b.png", "dataset": "builtin", "mos": null, "thumbnail": ""})"));
  EXPECT_EQ(json["examples"][0], Json::parse(R"({"picture": 1, "model": "M", "defense": "base",
      "attack": "FGSM", "seed": "0", "kind": "random", "before": 1.0, "after": 2.0, "ssim": 0.9,
      "linf": 0.01, "clean": "data:image/png;base64,Zg==", "attacked": "data:image/png;base64,Zm8="})"));
  EXPECT_EQ(json["runs"][0],
            Json::parse(R"({"facts": [["Command", "robiq"]], "flags": ["a flag"]})"));
}

TEST(PageJson, CannotEndTheScriptAroundIt) {
  Report report = report_with({});
  report.title = "</script><!-- \xFF";  // and is UTF-8, whatever the names of files are
  const std::string text = page_json(report);
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_EQ(Json::parse(text)["title"], "</script><!-- \uFFFD");
}

}  // namespace page_json_test
}  // namespace robiq
