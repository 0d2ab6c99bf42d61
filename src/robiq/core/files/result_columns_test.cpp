#include "robiq/core/files/result_columns.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace robiq {
namespace result_columns_test {

struct Fruit {
  std::string name;
  double weight = 0;
  std::optional<std::int64_t> seeds;
  ScoreScale scale;

  static ResultColumns<Fruit> columns() {
    ResultColumns<Fruit> columns;
    columns.add("name", &Fruit::name)
        .add("grams", &Fruit::weight)
        .add(
            "pounds", [](const Fruit& fruit) { return fruit.weight / 500; }, Shown::kData)
        .add("seeds", &Fruit::seeds)
        .add_present("stones", &Fruit::seeds, Shown::kData)
        .add("scale", &Fruit::scale, Shown::kData);
    return columns;
  }
};

TEST(ResultColumns, OneDescriptionGivesEveryFormat) {
  const std::vector<Fruit> fruit = {{"plum", 250, 1, {1, 5}}};
  EXPECT_EQ(render_results(fruit, OutputFormat::kJsonLines),
            "{\"name\":\"plum\",\"grams\":250.0,\"pounds\":0.5,\"seeds\":1,\"stones\":1,"
            "\"scale\":{\"worst\":1.0,\"best\":5.0}}\n");
  EXPECT_EQ(render_results(fruit, OutputFormat::kCsv),
            "name,grams,pounds,seeds,stones,scale.worst,scale.best\nplum,250,0.5,1,1,1,5\n");
  EXPECT_EQ(render_results(fruit, OutputFormat::kTable),
            "name  grams  seeds\n------------------\nplum    250      1\n");
}

TEST(ResultColumns, WhatARowLacksIsEmptyOrAbsent) {
  const std::vector<Fruit> fruit = {
      {"grape", std::numeric_limits<double>::quiet_NaN(), std::nullopt, {}}};
  EXPECT_EQ(render_results(fruit, OutputFormat::kJsonLines),
            "{\"name\":\"grape\",\"grams\":null,\"pounds\":null,\"seeds\":null,"
            "\"scale\":{\"worst\":0.0,\"best\":100.0}}\n");
}

}  // namespace result_columns_test
}  // namespace robiq
