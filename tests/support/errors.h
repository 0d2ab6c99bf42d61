#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <source_location>
#include <string>

#include "robiq/core/error.h"

namespace robiq {

/// Runs `action`, which must throw an Error of that kind whose three texts contain those given
/// ("" for a text that must be empty; "*" for any).
template <class Action>
void expect_error(ErrorKind kind, const ErrorText& wanted, Action&& action,
                  std::source_location here = std::source_location::current()) {
  const testing::ScopedTrace trace(here.file_name(), static_cast<int>(here.line()), "called from");
  const auto check = [](const char* which, const std::string& given, const std::string& part) {
    if (part == "*") return;
    if (part.empty()) {
      EXPECT_EQ(given, "") << which;
    } else {
      EXPECT_THAT(given, testing::HasSubstr(part)) << which;
    }
  };
  try {
    action();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    check("what", error.text().what, wanted.what);
    check("where", error.text().where, wanted.where);
    check("hint", error.text().hint, wanted.hint);
  }
}

}  // namespace robiq
