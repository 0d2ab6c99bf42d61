#include "robiq/report/figures/vega_lite.h"

#include <gtest/gtest.h>

#include <limits>

#include "robiq/report/evidence/data_rows.h"
#include "support/errors.h"

namespace robiq {
namespace vega_lite_test {

TEST(VegaLite, SpansGoOutwardsToRoundNumbers) {
  const auto check = [](const Span& span, double low, double high) {
    EXPECT_NEAR(rounded(span).low, low, 1e-9);
    EXPECT_NEAR(rounded(span).high, high, 1e-9);
  };
  check({0, 37}, 0, 40);
  check({0, 101}, 0, 150);
  check({-3, 99}, -50, 100);
  check({0.901, 0.939}, 0.9, 0.94);
  check({5, 5}, 5, 6);
}

TEST(VegaLite, SpansLeaveOutWhatWasNotMeasured) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(span_of({none, 3, -1}).low, -1);
  EXPECT_EQ(span_of({none, 3, -1}).high, 3);
  EXPECT_EQ(span_of({none}).low, 0);
  EXPECT_EQ(span_of({none}).high, 1);
}

TEST(VegaLite, MorePointsAreSmallerAndFainter) {
  EXPECT_GT(point_mark(50).at("size"), point_mark(1000).at("size"));
  EXPECT_GT(point_mark(50).at("opacity"), point_mark(1000).at("opacity"));
  EXPECT_GT(point_mark(1000).at("size"), point_mark(100000).at("size"));
}

TEST(VegaLite, AWholeSpecification) {
  EXPECT_EQ(
      figure_text("about", 2, Json::array({unit({3, 4}, {{"type", "bar"}}, Json::object())})),
      R"({"$schema":"https://vega.github.io/schema/vega-lite/v6.json","description":"about",)"
      R"("columns":2,"concat":[{"width":3,"height":4,"mark":{"type":"bar"},"encoding":{}}]})");
}

TEST(DataRows, BecomeColumns) {
  DataRows rows;
  EXPECT_TRUE(rows.empty());
  rows.add({{"model", "a"}, {"x", 1.0}});
  rows.add({{"model", "b"}, {"x", 2.0}});
  rows.add({{"model", "a"}, {"x", 3.0}});
  const DataTable table = rows.take();
  EXPECT_EQ(words_in(table, "model"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(numbers_in(table, "x", {{"model", "a"}}), (std::vector<double>{1, 3}));
  expect_error(ErrorKind::kInternal, {"figure data have no column 'y'", "", ""},
               [&] { static_cast<void>(numbers_in(table, "y", {})); });
}

TEST(DataRows, RowsThatDifferAreRefused) {
  DataRows rows;
  rows.add({{"x", 1.0}});
  for (const DataRows::Row& other : {DataRows::Row{{"y", 1.0}}, DataRows::Row{{"x", "word"}},
                                     DataRows::Row{{"x", 1.0}, {"y", 1.0}}}) {
    expect_error(ErrorKind::kInternal, {"rows of figure data differ in column", "", ""},
                 [&] { rows.add(other); });
  }
}

}  // namespace vega_lite_test
}  // namespace robiq
