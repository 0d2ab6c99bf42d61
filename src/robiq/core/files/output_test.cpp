#include "robiq/core/files/output.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/errors.h"

namespace robiq {
namespace output_test {

using Json = nlohmann::ordered_json;

Json two_rows() {
  return Json::array({{{"image", "a,\"b\".png"}, {"score", 1.0 / 3}, {"n", 3}},
                      {{"image", "c.png"}, {"score", nullptr}, {"n", -1}}});
}

TEST(Output, FormatsHaveNames) {
  EXPECT_EQ(parse_output_format(""), OutputFormat::kTable);
  EXPECT_EQ(parse_output_format("table"), OutputFormat::kTable);
  EXPECT_EQ(parse_output_format("csv"), OutputFormat::kCsv);
  EXPECT_EQ(parse_output_format("json"), OutputFormat::kJson);
  EXPECT_EQ(parse_output_format("jsonl"), OutputFormat::kJsonLines);
  expect_error(ErrorKind::kUsage,
               {"no output format is called 'xml'", "--format", "use table, csv, json or jsonl"},
               [] { (void)parse_output_format("xml"); });
}

TEST(Output, TableIsForPeople) {
  EXPECT_EQ(render_rows(two_rows(), OutputFormat::kTable),
            "image         score   n\n"
            "-----------------------\n"
            "a,\"b\".png  0.333333   3\n"
            "c.png             -  -1\n");
}

TEST(Output, CsvQuotesAndKeepsFullPrecision) {
  EXPECT_EQ(render_rows(two_rows(), OutputFormat::kCsv),
            "image,score,n\n\"a,\"\"b\"\".png\",0.3333333333333333,3\nc.png,,-1\n");
}

TEST(Output, AKeyThatOnlyALaterRowHasIsAColumnToo) {
  const Json rows = Json::array({{{"a", 1}}, {{"a", 2}, {"b", 3}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kCsv), "a,b\n1,\n2,3\n");
}

TEST(Output, JsonOfOneRowIsAnObjectOfSeveralAnArray) {
  const Json rows = two_rows();
  EXPECT_EQ(Json::parse(render_rows(rows, OutputFormat::kJson)), rows);
  const Json one = Json::array({rows[0]});
  EXPECT_EQ(Json::parse(render_rows(one, OutputFormat::kJson)), rows[0]);
}

TEST(Output, JsonLinesAreOneObjectALine) {
  EXPECT_EQ(render_rows(two_rows(), OutputFormat::kJsonLines),
            "{\"image\":\"a,\\\"b\\\".png\",\"score\":0.3333333333333333,\"n\":3}\n"
            "{\"image\":\"c.png\",\"score\":null,\"n\":-1}\n");
}

TEST(Output, UndefinedNumbersAreNullDashOrEmpty) {
  const Json rows = Json::array({{{"a", std::nan("")}, {"b", 1}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kJsonLines), "{\"a\":null,\"b\":1}\n");
  EXPECT_EQ(render_rows(rows, OutputFormat::kCsv), "a,b\n,1\n");
  EXPECT_EQ(render_rows(rows, OutputFormat::kTable), "a  b\n----\n-  1\n");
}

TEST(Output, NestedObjectsBecomeColumns) {
  const Json rows = Json::array({{{"scale", {{"worst", 0}, {"best", 1}}}, {"ok", true}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kCsv), "scale.worst,scale.best,ok\n0,1,true\n");
}

TEST(Output, FileNamesThatAreNoUtf8DoNotThrow) {
  const Json rows = Json::array({{{"image", "\xFF.png"}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kJsonLines), "{\"image\":\"\xEF\xBF\xBD.png\"}\n");
}

TEST(Output, NamesGiveTerminalsNoOrders) {
  const Json rows = Json::array({{{"image", "a\x1b[2J\n\xC2\x9B.png"}, {"n\x1b", 1}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kTable),
            "image               n\\x1b\n"
            "-------------------------\n"
            "a\\x1b[2J\\n\\x9b.png      1\n");
  for (const OutputFormat format :
       {OutputFormat::kCsv, OutputFormat::kJson, OutputFormat::kJsonLines}) {
    const std::string text = render_rows(rows, format);
    EXPECT_EQ(text.find('\x1b'), text.npos);
    EXPECT_EQ(text.find("\xC2\x9B"), text.npos);
  }
  EXPECT_EQ(Json::parse(render_rows(rows, OutputFormat::kJson)), rows[0]);
}

TEST(Output, CellsOfCsvAreNoFormulas) {
  const Json rows = Json::array({{{"image", "=1+1.png"}, {"score", -1.5}, {"text", "-2"}}});
  EXPECT_EQ(render_rows(rows, OutputFormat::kCsv), "image,score,text\n'=1+1.png,-1.5,-2\n");
}

TEST(Output, NoRowsAreNoTable) {
  EXPECT_EQ(render_rows(Json::array(), OutputFormat::kTable), "");
  EXPECT_EQ(render_rows(Json::array(), OutputFormat::kCsv), "");
  EXPECT_EQ(render_rows(Json::array(), OutputFormat::kJsonLines), "");
  EXPECT_EQ(render_rows(Json::array(), OutputFormat::kJson), "[]\n");
}

}  // namespace output_test
}  // namespace robiq
