#pragma once
#include <filesystem>

#include "robiq/core/error.h"

namespace robiq {

/// Keeps two programs from working on one folder; the system takes it back when a program ends,
/// however it ends.
class FolderLock {
 public:
  /// \param file  is made where it is not there   \param busy  what is wrong when another has it
  /// \throws Error{kUsage} when another program has it, Error{kData} when the file cannot be made
  FolderLock(const std::filesystem::path& file, const ErrorText& busy);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Whether some program has it now.
  [[nodiscard]] static bool held(const std::filesystem::path& file);

 private:
  int descriptor_ = -1;
};

}  // namespace robiq
