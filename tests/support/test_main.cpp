// main() of every test program. With ROBIQ_TESTS_STRICT=1 in the environment a test that is skipped
// has failed: where everything is installed, what did not run was not tested.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

bool is_strict() {
  const char* const given = std::getenv("ROBIQ_TESTS_STRICT");
  return given != nullptr && std::string(given) != "" && std::string(given) != "0";
}

class FailsWhatIsSkipped final : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& test) override {
    if (!test.result()->Skipped()) return;
    ADD_FAILURE() << test.test_suite_name() << "." << test.name()
                  << " was skipped, and ROBIQ_TESTS_STRICT allows no skips. Install what it needs "
                     "(scripts/setup.sh --tests), or unset ROBIQ_TESTS_STRICT.";
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  // GoogleTest owns it. Ends are told last listener first, so that the printer sees the failure.
  if (is_strict()) testing::UnitTest::GetInstance()->listeners().Append(new FailsWhatIsSkipped);
  return RUN_ALL_TESTS();
}
