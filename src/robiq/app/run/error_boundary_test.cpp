#include "robiq/app/run/error_boundary.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "support/errors.h"

namespace robiq {
namespace error_boundary_test {

TEST(Guard, MemoryThatRanOutIsTheDevices) {
  expect_error(ErrorKind::kDevice, {"out of memory", "", "smaller"},
               [] { within_error_boundary([] { throw std::bad_alloc(); }); });
  expect_error(ErrorKind::kDevice, {"out of memory: ", "", "smaller"}, [] {
    within_error_boundary([] { static_cast<void>(at::empty({std::int64_t{1} << 50}, at::kByte)); });
  });
}

TEST(Guard, WhatOtherLibrariesThrowIsOurBugInOneLine) {
  const auto expect_bug = [](const std::function<void()>& work) {
    try {
      within_error_boundary(work);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInternal);
      EXPECT_EQ(error.text().what.find('\n'), std::string::npos) << error.text().what;
      EXPECT_NE(error.text().what, "");
      EXPECT_NE(error.text().hint.find("report"), std::string::npos);
    }
  };
  expect_bug([] { static_cast<void>(at::zeros({2, 3}).matmul(at::zeros({2, 3}))); });
  expect_bug([] { const nlohmann::json never = nlohmann::json::parse("{"); });
}

TEST(Guard, FilesAreTheDatas) {
  expect_error(ErrorKind::kData, {"*", "/nowhere/at/all", "exists"}, [] {
    within_error_boundary([] { static_cast<void>(std::filesystem::file_size("/nowhere/at/all")); });
  });
}

TEST(Guard, OursPassUnchanged) {
  expect_error(ErrorKind::kNumeric, {"a", "b", "c"}, [] {
    within_error_boundary([] { throw Error(ErrorKind::kNumeric, {"a", "b", "c"}); });
  });
  EXPECT_THROW(within_error_boundary([] { throw Interrupted("later"); }), Interrupted);
  int runs = 0;
  within_error_boundary([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

}  // namespace error_boundary_test
}  // namespace robiq
