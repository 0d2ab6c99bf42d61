#include <gtest/gtest.h>

#include "robiq/report/render/render.h"

namespace robiq {
namespace short_numbers_test {

TEST(ShortNumbers, KeepFourDigits) {
  EXPECT_EQ(with_short_numbers("cnniqa:worst=4.49313798372287,best=92.4318"),
            "cnniqa:worst=4.493,best=92.43");
  EXPECT_EQ(with_short_numbers("epsilon=0.03137254901960784 steps=10"), "epsilon=0.03137 steps=10");
  EXPECT_EQ(with_short_numbers("weight=1.0000000000000001e-05"), "weight=1e-05");
  EXPECT_EQ(with_short_numbers("x=-0.30000000000000004."), "x=-0.3.");
  EXPECT_EQ(with_short_numbers("x=123456.789"), "x=123457");
  EXPECT_EQ(with_short_numbers("worst=4.49313798372287", 6), "worst=4.49314");
}

TEST(ShortNumbers, WhatIsNoNumberOfItsOwnStays) {
  for (const char* const text :
       {"seed=123456789", "weight=1e+06", "epsilon=0.005", "csv:/data/1.23456789/set.csv",
        "v1.234567", "1.2.3.4567", "csv:set-1.23456789.csv", "", "=,:"}) {
    EXPECT_EQ(with_short_numbers(text), text);
  }
}

}  // namespace short_numbers_test
}  // namespace robiq
