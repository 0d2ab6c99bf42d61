#include <gtest/gtest.h>

#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace data_address_test {

TEST(DataAddress, CodesBytesAsTheRfcDoes) {  // RFC 4648, section 10
  EXPECT_EQ(data_address("a/b", "f"), "data:a/b;base64,Zg==");
  EXPECT_EQ(data_address("a/b", "fo"), "data:a/b;base64,Zm8=");
  EXPECT_EQ(data_address("a/b", "foo"), "data:a/b;base64,Zm9v");
  EXPECT_EQ(data_address("a/b", "foobar"), "data:a/b;base64,Zm9vYmFy");
  EXPECT_EQ(data_address("a/b", std::string_view("\xFF\x00\xFE", 3)), "data:a/b;base64,/wD+");
}

TEST(DataAddress, OfNothingIsEmpty) { EXPECT_EQ(data_address("image/png", ""), ""); }

}  // namespace data_address_test
}  // namespace robiq
