#pragma once
#include <filesystem>

namespace robiq {

/// Where a file is written before it gets its name: beside it, and locked until it has it, so that
/// a later run can tell what a killed one left behind. What killed ones left of the same file is
/// removed.
class UnfinishedFile {
 public:
  /// Makes it, empty. \throws std::filesystem::filesystem_error
  explicit UnfinishedFile(const std::filesystem::path& file);
  /// Removes it, unless it was finished.
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Gives it its name. \throws std::filesystem::filesystem_error
  void finish();

 private:
  std::filesystem::path file_, path_;
  int descriptor_;
};

}  // namespace robiq
