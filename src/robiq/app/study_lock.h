#pragma once
#include <filesystem>

namespace robiq {

/// Keeps two programs from working on one folder; the system takes it back when a program ends,
/// however it ends.
class StudyLock {
 public:
  /// \throws Error{kUsage} when another program has it, Error{kData} when the file cannot be made
  explicit StudyLock(const std::filesystem::path& file);
  ~StudyLock();
  StudyLock(const StudyLock&) = delete;
  StudyLock& operator=(const StudyLock&) = delete;

  /// Whether some program has it now.
  [[nodiscard]] static bool held(const std::filesystem::path& file);

 private:
  int descriptor_ = -1;
};

}  // namespace robiq
