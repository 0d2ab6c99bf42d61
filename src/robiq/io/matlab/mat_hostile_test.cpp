// Files that are cut off or changed: matio believes what a file says, so what it
// is given is checked before.
#include <gtest/gtest.h>

#include <fstream>

#include "robiq/core/error.h"
#include "support/mat_writer.h"

namespace robiq {
namespace mat_hostile_test {

using test::Given;

class HostileMat : public test::MatForm {
 protected:
  /// \return whether it could be read; what else comes is an Error{kModel}
  bool reads(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    try {
      (void)read_mat(file_);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
      return false;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, HostileMat, test::kEveryForm, test::form_name);

std::vector<Given> samples() {
  return {
      Given::cell("names", {2, 1}, {Given::text(nullptr, "a.png"), Given::text(nullptr, "b.png")}),
      Given::doubles("mos", {1, 2}, {1, 2}),
      Given::structs("s", {1, 1}, {"n"}, {Given::doubles(nullptr, {1, 2}, {1, 2})})};
}

TEST_P(HostileMat, EveryShorterFileIsRefusedInSilence) {
  write(samples());
  const std::string whole = read_file(file_, 1 << 20);
  std::size_t whole_ones = 0;
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (reads(whole.substr(0, length))) ++whole_ones;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  // A file of version 5 that ends behind its header or behind a variable is whole.
  EXPECT_EQ(whole_ones, 3U);
}

TEST_P(HostileMat, EveryChangedByteIsReadOrRefused) {
  write(samples());
  const std::string whole = read_file(file_, 1 << 20);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x80}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ flip);
      if (!reads(bytes)) ++refused;
    }
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace mat_hostile_test
}  // namespace robiq
