#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/io/byte_source.h"
#include "robiq/io/zip/zip_fields.h"

namespace robiq {

/// Reads a zip file (zip64 included; members stored or deflated) as an enemy might have written it.
/// Opening it checks the end record, the central directory and every local header: offsets and
/// sizes inside the file, members that do not overlap, local headers that agree with the directory,
/// no name twice, no encryption, one disk, and that the members' sizes can be true: together at
/// most 32 times the file's size or 64 MiB, whichever is more. Reading a member checks its CRC-32.
/// Format: PKWARE's APPNOTE.TXT 6.3.
class ZipArchive {
 public:
  /// \throws Error{kModel} naming the file and what is wrong.
  explicit ZipArchive(const std::filesystem::path& file);
  explicit ZipArchive(std::shared_ptr<const ByteSource> source);

  /// Whether it begins as a zip file with members does.
  [[nodiscard]] static bool is_zip(const ByteSource& source);

  /// Members' names in the directory's order, as they stand there: never a path to write to.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] bool contains(const std::string& name) const { return members_.contains(name); }
  /// Size of a member once unpacked, in bytes. \throws Error{kModel} when there is no such member.
  [[nodiscard]] std::uint64_t size_of(const std::string& name) const;
  /// A member, unpacked. \throws Error{kModel} also when its CRC-32 is not the directory's.
  [[nodiscard]] std::string read(const std::string& name) const;
  /// As read(), into memory of `size` bytes, which must be size_of(name).
  void read_into(const std::string& name, void* bytes, std::uint64_t size) const;

  /// The file's bytes, for messages: source().refuse(problem, member).
  [[nodiscard]] const ByteSource& source() const noexcept { return *source_; }

 private:
  [[nodiscard]] const ZipMember& member(const std::string& name) const;

  std::shared_ptr<const ByteSource> source_;
  std::vector<std::string> names_;
  std::map<std::string, ZipMember> members_;
};

}  // namespace robiq
