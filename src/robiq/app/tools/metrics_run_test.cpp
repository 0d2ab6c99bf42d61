#include "robiq/app/tools/metrics_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/files/output.h"
#include "robiq/core/files/result_columns.h"
#include "support/test_files.h"

namespace robiq {
namespace metrics_run_test {

using Json = nlohmann::ordered_json;

/// As it is printed.
template <class Row>
Json printed(const std::vector<Row>& rows) {
  return Row::columns().cells(rows, OutputFormat::kJson);
}

class MetricsRun : public testing::Test {
 protected:
  /// The measures of a table with this text.
  MetricsResult result_of(const std::string& text, MetricsRequest request = {}) {
    request.csv = (folder_.path() / "t.csv").string();
    write_file(request.csv, text);
    return run_metrics(request);
  }
  Json run(const std::string& text, const MetricsRequest& request = {}) {
    return printed<MetricsResult>({result_of(text, request)}).front();
  }
  Error error_of(const std::string& text, const MetricsRequest& request = {}) {
    try {
      (void)run(text, request);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(ErrorKind::kInternal, {});
  }

  const TemporaryFolder folder_;
  const std::string all_ =
      "image,mos,before,after\n"
      "a,10,12,40\nb,30,25,50\nc,50,55,45\nd,70,62,40\ne,90,85,35\nf,60,60,60\n";
};

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

TEST_F(MetricsRun, ThreeBlocksFromThreeColumns) {
  const Json result = run(all_, {.bootstrap = 0});
  EXPECT_EQ(keys(result), (std::vector<std::string>{"robiq_version", "n", "columns", "options",
                                                    "mos_before", "mos_after", "before_after"}));
  EXPECT_EQ(result.at("n"), 6);
  EXPECT_EQ(result.at("columns").dump(), R"({"mos":"mos","before":"before","after":"after"})");
  EXPECT_EQ(keys(result.at("mos_before")),
            (std::vector<std::string>{"rmse", "srocc", "krocc", "plcc"}));
  EXPECT_EQ(keys(result.at("before_after")),
            (std::vector<std::string>{"rmse", "srocc", "krocc", "plcc", "r", "r_note"}));
  EXPECT_EQ(result.at("before_after").at("r_note"), "1 picture moved by less than 1e-6");
  EXPECT_EQ(result.at("mos_before").at("srocc"), 1.0);
  EXPECT_NEAR(result.at("mos_before").at("rmse").get<double>(),
              std::sqrt((4 + 25 + 25 + 64 + 25 + 0) / 6.0), 1e-12);
}

TEST_F(MetricsRun, IntervalsStandBesideTheirMeasures) {
  const Json result = run(all_, {.bootstrap = 200});
  EXPECT_EQ(keys(result.at("mos_after")),
            (std::vector<std::string>{"rmse", "rmse_low", "rmse_high", "srocc", "srocc_low",
                                      "srocc_high", "krocc", "krocc_low", "krocc_high", "plcc",
                                      "plcc_low", "plcc_high"}));
  const Json& block = result.at("mos_after");
  EXPECT_LT(block.at("plcc_low"), block.at("plcc"));
  EXPECT_GT(block.at("plcc_high"), block.at("plcc"));
  EXPECT_EQ(run(all_, {.bootstrap = 200}), result);
  EXPECT_NE(run(all_, {.bootstrap = 200, .seed = 1}), result);
}

TEST_F(MetricsRun, TwoColumnsGiveOneBlock) {
  const Json scores = run("score,mos\n1,2\n2,3\n4,3\n", {.bootstrap = 0});
  EXPECT_EQ(scores.at("columns").dump(), R"({"mos":"mos","before":"score"})");
  EXPECT_TRUE(scores.contains("mos_before"));
  EXPECT_FALSE(scores.contains("mos_after"));
  EXPECT_FALSE(scores.contains("before_after"));
  const Json pair = run("before,after\n1,2\n2,3\n4,3\n", {.bootstrap = 0});
  EXPECT_TRUE(pair.contains("before_after"));
  EXPECT_FALSE(pair.contains("mos_before"));
}

TEST_F(MetricsRun, ColumnsMayBeNamed) {
  const Json result = run("label,mos,clean,x\n1,9,2,0\n2,8,3,0\n4,8,3,1\n",
                          {.mos = "label", .before = "clean", .bootstrap = 0});
  EXPECT_EQ(result.at("columns").dump(), R"({"mos":"label","before":"clean"})");
}

TEST_F(MetricsRun, UndefinedIsNullWithANote) {
  const Json result = run("mos,score\n1,5\n2,5\n3,5\n", {.bootstrap = 100});
  const Json& block = result.at("mos_before");
  EXPECT_TRUE(block.at("plcc").is_null());
  EXPECT_TRUE(block.at("plcc_low").is_null());
  EXPECT_EQ(block.at("plcc_note"), "all scores of a column are equal");
  EXPECT_TRUE(block.at("rmse").is_number());
}

TEST_F(MetricsRun, OptionsReachTheMeasures) {
  const std::string ties = "before,after\n1,1\n2,2\n2,3\n3,4\n";
  EXPECT_NEAR(run(ties, {.tau = "a", .bootstrap = 0}).at("before_after").at("krocc"), 5.0 / 6,
              1e-12);
  EXPECT_NEAR(run(ties, {.tau = "b", .bootstrap = 0}).at("before_after").at("krocc"),
              5 / std::sqrt(30.0), 1e-12);
  const Json r = run("before,after\n0.2,0.3\n0.9,0.4\n", {.beta_max = 1, .bootstrap = 0});
  EXPECT_NEAR(r.at("before_after").at("r"), (std::log10(0.8 / 0.1) + std::log10(0.9 / 0.5)) / 2,
              1e-5);
  EXPECT_FALSE(r.at("before_after").contains("r_note"));
  const Json mapped = run(all_, {.mapping = "logistic4", .bootstrap = 0});
  EXPECT_EQ(mapped.at("mos_before").at("plcc_note"), "after logistic4");
  EXPECT_EQ(mapped.at("options").at("mapping"), "logistic4");
}

TEST_F(MetricsRun, WarnsWhenTheScaleCannotBeTheScores) {
  const Json result = run("before,after\n0.2,0.3\n0.9,0.4\n", {.bootstrap = 0});
  EXPECT_EQ(result.at("before_after").at("r_note"),
            "all scores before lie in [0, 1]: are beta_min and beta_max the ends of their scale?");
}

TEST_F(MetricsRun, TableHasOneFlatRowAMeasure) {
  const auto measured = metrics_rows(result_of(all_, {.bootstrap = 100}));
  const Json rows = printed(measured);
  ASSERT_EQ(rows.size(), 13U);
  EXPECT_EQ(keys(rows[0]),
            (std::vector<std::string>{"block", "measure", "value", "low", "high", "note"}));
  EXPECT_EQ(rows[0].at("block"), "mos_before");
  EXPECT_EQ(rows[0].at("measure"), "rmse");
  EXPECT_TRUE(rows[0].at("low").is_number());
  EXPECT_TRUE(rows[0].at("note").is_null());
  EXPECT_EQ(rows[12].at("measure"), "r");
  EXPECT_EQ(rows[12].at("note"), "1 picture moved by less than 1e-6");
  const Json bare = printed(metrics_rows(result_of(all_, {.bootstrap = 0})));
  EXPECT_TRUE(bare[0].at("low").is_null());
  EXPECT_NE(render_results(measured, OutputFormat::kTable).find("before_after"), std::string::npos);
}

TEST_F(MetricsRun, SaysWhichColumnIsMissing) {
  const Error named = error_of("mos,before,atfer\n1,2,3\n2,3,4\n", {.after = "after"});
  EXPECT_EQ(named.kind(), ErrorKind::kData);
  EXPECT_EQ(named.text().what, "there is no column 'after'");
  EXPECT_EQ(named.text().where, (folder_.path() / "t.csv").string());
  EXPECT_EQ(named.text().hint.rfind("did you mean 'atfer'?", 0), 0U) << named.text().hint;
  const Error one = error_of("mos,quality\n1,2\n2,3\n");
  EXPECT_EQ(one.kind(), ErrorKind::kData);
  EXPECT_EQ(one.text().what,
            "the table has one of the columns MOS, scores before and scores after; two are "
            "needed");
  EXPECT_EQ(one.text().hint,
            "name them with --mos, --before or --after, or add them to the table; it has the "
            "columns: mos, quality");
  EXPECT_EQ(error_of("x,quality\n1,2\n").text().what.rfind("the table has none of the columns", 0),
            0U);
}

TEST_F(MetricsRun, RefusesTooFewRowsAndCellsThatAreNoNumbers) {
  const Error row = error_of("mos,score\n1,2\n");
  EXPECT_EQ(row.kind(), ErrorKind::kData);
  EXPECT_EQ(row.text().what, "the table has 1 row of scores; two are needed");
  EXPECT_EQ(row.text().hint, "give the scores of more pictures");
  EXPECT_EQ(error_of("mos,score\n").text().what, "the table has 0 rows of scores; two are needed");
  const Error cell = error_of("mos,score\n1,2\n2,n/a\n");
  EXPECT_EQ(cell.kind(), ErrorKind::kData);
  EXPECT_EQ(cell.text().what, "column 'score' holds 'n/a', which is not a finite number");
  EXPECT_EQ(cell.text().where, (folder_.path() / "t.csv").string() + ":3");
}

TEST_F(MetricsRun, RefusesAScaleUpsideDownAndNoTable) {
  const Error scale = error_of(all_, {.beta_max = 0, .beta_min = 100});
  EXPECT_EQ(scale.kind(), ErrorKind::kUsage);
  EXPECT_EQ(scale.text().what, "beta_max is 0, not above beta_min, 100");
  try {
    (void)run_metrics({});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_EQ(error.text().what, "no table of scores is named");
  }
}

TEST_F(MetricsRun, OptionTableReadsTexts) {
  const Params given = {{"csv", {"x.csv", "argument"}},
                        {"tau", {"a", "--tau"}},
                        {"mapping", {"logistic5", "--m"}},
                        {"bootstrap", {"0", "--bootstrap"}},
                        {"beta_max", {"1", "--beta-max"}}};
  const auto request = read_options<MetricsRequest>(given);
  EXPECT_EQ(request.csv, "x.csv");
  EXPECT_EQ(request.tau, "a");
  EXPECT_EQ(request.mapping, "logistic5");
  EXPECT_EQ(request.bootstrap, 0);
  EXPECT_EQ(request.beta_max, 1);
  EXPECT_THROW((void)read_options<MetricsRequest>({{"tau", {"c", "--tau"}}}), Error);
  EXPECT_THROW((void)read_options<MetricsRequest>({{"bootstrap", {"-1", "--bootstrap"}}}), Error);
}

TEST(MetricsOnRealScores, LiveChallengeAsItsAuthorsPrint) {
  const auto file = test::shared_path("data/scores/livec_linearityiqa.csv");
  if (file.empty()) GTEST_SKIP() << "no shared/data/scores";
  const Json result = printed<MetricsResult>({run_metrics({.csv = file.string()})}).front();
  const auto authors =
      test::read_json(test::shared_path("data/scores/livec_linearityiqa.expected.json"))
          .at("authors");
  EXPECT_EQ(result.at("n"), 1162);
  const Json& block = result.at("mos_before");
  EXPECT_NEAR(block.at("srocc"), authors.at("SROCC").get<double>(), 1e-9);
  EXPECT_NEAR(block.at("plcc"), authors.at("PLCC").get<double>(), 1e-9);
  EXPECT_NEAR(block.at("rmse"), authors.at("RMSE").get<double>(), 1e-8);
  EXPECT_NEAR(block.at("srocc_low"), 0.814, 0.01);
  EXPECT_NEAR(block.at("srocc_high"), 0.852, 0.01);
}

}  // namespace metrics_run_test
}  // namespace robiq
