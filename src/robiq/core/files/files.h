#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "robiq/core/error.h"

namespace robiq {

/// \throws Error{kind} unless there is something of that name
void require_file(const std::filesystem::path& file, ErrorKind kind);

/// The whole of a file. \throws Error{kind} when it is missing, a folder, unreadable or larger
/// than `limit_bytes`.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::uint64_t limit_bytes,
                                    ErrorKind kind = ErrorKind::kData);

/// Writes beside `file`, syncs to disk, renames: a reader sees the old bytes or the new ones.
/// Missing folders are made. \throws Error{kData} naming the file and the system's reason.
void write_file(const std::filesystem::path& file, std::string_view bytes);

/// As write_file(), for writers that need a path: `write` fills the temporary file it is given.
void write_file_with(const std::filesystem::path& file,
                     const std::function<void(const std::filesystem::path&)>& write);

/// Makes a folder and its parents. \throws Error{kData}.
void make_folder(const std::filesystem::path& folder);

/// Flushes a file or folder to disk, so that a rename after it cannot come first.
/// \throws Error{kData} when the system could not.
void sync_to_disk(const std::filesystem::path& path);

/// Hexadecimal SHA-256.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// Of a file's bytes, read in pieces. \throws Error{kData}.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& file);

/// A new empty folder under the system's temporary folder, removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// The longest name of one file or folder that file systems take.
inline constexpr std::size_t kMostNameBytes = 255;

/// `name`, or where it is longer than `most` bytes its beginning and the beginning of its hash: two
/// long names stay two. \param most  at least 24
[[nodiscard]] std::string shortened_name(const std::string& name, std::size_t most);

/// An id or a spec as the name of one file, file_stem_of(), of `most` bytes at the most: what is
/// put behind it must have room too.
[[nodiscard]] std::string bounded_stem_of(std::string_view id, std::size_t most = kMostNameBytes);

/// The room that the endings of saved pictures need (".view07.triplet.png").
inline constexpr std::size_t kPictureStemBytes = kMostNameBytes - 24;

}  // namespace robiq
