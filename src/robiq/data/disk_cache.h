#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <system_error>

namespace robiq {

/// Decoded pictures in a folder, as bytes, for runs that come later or beside this one. A file is
/// named for the picture's path, size and time of change and for how it is decoded, so that a
/// changed picture is another file; it is written beside and renamed, and carries a checksum, so
/// that what a killed or a second process leaves is either whole or not used. Safe to use from
/// many threads and processes.
class DiskCache {
 public:
  /// \param recipe       what else decides the pixels: two data sets that decode one file
  ///                     differently have different recipes
  /// \param limit_bytes  of all files in the folder. When it is reached, files that this process
  ///                     has not used make room, those longest unused first; when there are none,
  ///                     nothing more is kept
  /// \throws Error{kData} when the folder cannot be made or read
  DiskCache(std::filesystem::path folder, std::string recipe, std::int64_t limit_bytes);

  /// Where the pixels of a picture file would stand; "" when the file cannot be looked at.
  [[nodiscard]] std::filesystem::path place_of(const std::filesystem::path& picture) const;

  /// uint8 [3,H,W]; nothing when there is none at `place`, or it is not whole.
  [[nodiscard]] std::optional<at::Tensor> find(const std::filesystem::path& place);

  /// Keeps what was decoded from `picture`, unless the file has changed since `place` was asked
  /// for. A folder that cannot be written to is no error: it is said once, as a warning.
  /// \param pixels  uint8 [3,H,W]
  void keep(const std::filesystem::path& picture, const std::filesystem::path& place,
            const at::Tensor& pixels);

 private:
  std::error_code scan();
  [[nodiscard]] bool make_room(std::int64_t bytes);
  void warn_once(const std::string& reason);

  struct Kept {
    std::int64_t bytes = 0;
    std::filesystem::file_time_type used;
  };

  std::filesystem::path folder_;
  std::string recipe_;
  std::int64_t limit_bytes_, held_bytes_ = 0, written_since_scan_ = 0;
  std::mutex mutex_;
  std::map<std::string, Kept> files_;  ///< by name, as of the last scan and what was written since
  std::set<std::string> used_;         ///< by this process
  bool full_ = false, warned_ = false;
};

}  // namespace robiq
