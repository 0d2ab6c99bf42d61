#include "robiq/attack/rank/soft_rank.h"

#include <gtest/gtest.h>

#include "robiq/core/error.h"
#include "support/det.h"
#include "support/test_files.h"

namespace robiq {
namespace soft_rank_test {

using Column = std::vector<double>;

TEST(SoftRank, HasTheRanksAndProductsOfTheAuthorsCode) {
  const nlohmann::json fixture = test::read_json(test::fixture_path("attacks/sma.json"));
  for (const auto& c : fixture.at("soft_rank")) {
    const auto values = c.at("values").get<Column>();
    const SoftRank soft(values, c.at("beta").get<double>());
    Column cotangent = det::uniform(c.at("cotangent").at("det_uniform_minus1_1").get<std::string>(),
                                    values.size());
    for (double& value : cotangent) value = 2 * value - 1;
    const Column product = soft.backward(cotangent);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(soft.ranks()[i], c.at("soft_rank")[i].get<double>(), 1e-9);
      EXPECT_NEAR(product[i], c.at("vjp")[i].get<double>(), 1e-9);
    }
  }
}

TEST(SoftRank, OfValuesFarApartIsTheHardRank) {
  const SoftRank soft(Column{30, 10, 20}, 1);
  EXPECT_EQ(soft.ranks(), (Column{3, 1, 2}));
  EXPECT_EQ(soft.backward(Column{1, 2, 3}), (Column{0, 0, 0}));
}

TEST(SoftRank, EqualValuesShareTheirRank) {
  const SoftRank soft(Column{5, 5}, 1);
  EXPECT_EQ(soft.ranks(), (Column{1.5, 1.5}));
}

TEST(SoftRank, TakesCotangentsOfItsLengthOnly) {
  EXPECT_THROW(static_cast<void>(SoftRank(Column{1, 2}, 1).backward(Column{1})), Error);
}

}  // namespace soft_rank_test
}  // namespace robiq
