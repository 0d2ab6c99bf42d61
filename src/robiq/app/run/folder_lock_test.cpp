#include <gtest/gtest.h>

#include "robiq/app/run/run_folder.h"
#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace folder_lock_test {

TEST(FolderLock, IsHeldByOne) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  const ErrorText busy{"another works here", "there", "wait"};
  EXPECT_FALSE(FolderLock::held(file));
  {
    const FolderLock lock(file, busy);
    EXPECT_TRUE(FolderLock::held(file));
    expect_error(ErrorKind::kUsage, busy, [&] { const FolderLock second(file, busy); });
  }
  EXPECT_FALSE(FolderLock::held(file));
  expect_error(ErrorKind::kData, {"cannot be opened: No such file", "no/lock", "may be written"},
               [&] { const FolderLock lock(folder.path() / "no/lock", busy); });
}

}  // namespace folder_lock_test
}  // namespace robiq
