#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "robiq/report/render/page_assets.h"
#include "support/errors.h"

namespace robiq {
namespace figure_file_test {

using Json = nlohmann::json;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::map<std::string, DataTable> data() {
  using Words = std::vector<std::string>;
  using Numbers = std::vector<double>;
  return {{"points", {{"model", Words{"A", "B"}}, {"change", Numbers{1.5, kNaN}}}},
          {"limits", {{"bound", Numbers{3}}}},
          {"unused", {{"x", Numbers{0}}}}};
}

TEST(FigureFile, HoldsTheDataThatItNamesAndNoOther) {
  const Figure figure{"f", "What it shows",
                      R"({"data": {"name": "points"}, "mark": "point",
                          "transform": [{"lookup": "model", "from": {"data": {"name": "limits"},
                                         "key": "bound"}}]})"};
  const Json file = Json::parse(figure_file(figure, data()));
  EXPECT_EQ(file["description"], "What it shows");
  EXPECT_EQ(file["mark"], "point");
  EXPECT_EQ(file["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
  EXPECT_EQ(file["datasets"]["points"],
            Json::parse(R"([{"model": "A", "change": 1.5}, {"model": "B", "change": null}])"));
  EXPECT_EQ(file["datasets"]["limits"], Json::parse(R"([{"bound": 3}])"));
  EXPECT_EQ(file["datasets"].size(), 2U);
}

TEST(FigureFile, RefusesDataThatAreNotThere) {
  const Figure figure{"f", "", R"({"layer": [{"data": {"name": "absent"}}]})"};
  expect_error(ErrorKind::kInternal,
               {"figure \"f\" names data \"absent\", which are not there", "", ""},
               [&] { static_cast<void>(figure_file(figure, data())); });
}

TEST(FigureFile, RefusesWhatIsNotJson) {
  expect_error(ErrorKind::kInternal, {"figure \"f\" is not JSON", "", ""}, [] {
    static_cast<void>(figure_file({"f", "", "{"}, data()));
  });
}

}  // namespace figure_file_test
}  // namespace robiq
