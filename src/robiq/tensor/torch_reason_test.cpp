#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "robiq/tensor/device.h"

namespace robiq {
namespace torch_reason_test {

std::string reason_of_text(const std::string& text) {
  return torch_reason(std::runtime_error(text));
}

TEST(TorchReason, AnOperatorsErrorIsItsFirstLine) {
  try {
    static_cast<void>(at::zeros({2, 3}).matmul(at::zeros({2, 3})));
    FAIL() << "nothing was thrown";
  } catch (const std::exception& error) {
    const std::string reason = torch_reason(error);
    EXPECT_NE(reason.find("cannot be multiplied"), std::string::npos) << reason;
    EXPECT_EQ(reason.find('\n'), std::string::npos);
    EXPECT_EQ(reason.find("frame #"), std::string::npos);
  }
}

TEST(TorchReason, TheInterpretersTraceIsLeftOut) {
  EXPECT_EQ(reason_of_text("The following operation failed in the TorchScript interpreter.\n"
                           "Traceback of TorchScript (most recent call last):\n"
                           "  File \"<string>\", line 3, in forward\n"
                           "RuntimeError: sizes must match.\nException raised from f at x.cpp:3\n"),
            "sizes must match");
  EXPECT_EQ(reason_of_text("expected a name here:\nclass 1\n~~~~"), "expected a name here");
  EXPECT_EQ(reason_of_text("RuntimeError: bad thing Exception raised from f at x.cpp:3"),
            "bad thing");
}

TEST(TorchReason, IsNeverEmptyNorLongNorUnprintable) {
  EXPECT_EQ(reason_of_text(""), "no reason was given");
  EXPECT_EQ(reason_of_text("RuntimeError: \n"), "no reason was given");
  EXPECT_EQ(reason_of_text("no type \xEF\x01!"), "no type \?\?!");
  EXPECT_EQ(reason_of_text(std::string(1000, 'x')), std::string(197, 'x') + "...");
}

}  // namespace torch_reason_test
}  // namespace robiq
