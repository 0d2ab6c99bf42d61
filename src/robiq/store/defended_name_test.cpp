#include "robiq/store/defended_name.h"

#include <gtest/gtest.h>

#include <string>

namespace robiq {
namespace defended_name_test {

TEST(DefendedName, IsReadBackAsItWasWritten) {
  for (const DefendedName& name :
       {DefendedName{"cnniqa", "", true}, DefendedName{"cnniqa:filters=8", "jpeg:quality=50", true},
        DefendedName{"a | b", "noise:sigma=0.1, 8 draws", false}}) {
    const DefendedName again = DefendedName::parse(name.text());
    EXPECT_EQ(again.model, name.model);
    EXPECT_EQ(again.purifier, name.purifier);
    EXPECT_EQ(again.adaptive, name.adaptive);
  }
}

TEST(DefendedName, SaysWhereAttacksDoNotKnowThePurifier) {
  EXPECT_EQ((DefendedName{"cnniqa", "flip", true}).text(), "cnniqa | flip");
  EXPECT_EQ((DefendedName{"cnniqa", "flip", false}).text(), "cnniqa | flip, not adaptive");
}

}  // namespace defended_name_test
}  // namespace robiq
