#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace robiq {

/// Bytes that a reader does not trust: a file, or memory that stands in for one. Its size is fixed
/// when it is made; every reader checks offsets against it before it asks for bytes.
class ByteSource {
 public:
  /// \param name  what messages call it: the path, or the path and the member of an archive
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

  /// Fills `bytes` with `count` bytes that begin at `offset`.
  /// \throws Error{kModel} when they are not all there.
  void read_at(std::uint64_t offset, void* bytes, std::uint64_t count) const;

  /// As text. Memory is taken only once the range is known to lie inside.
  [[nodiscard]] std::string read_at(std::uint64_t offset, std::uint64_t count) const;

  /// Throws Error{kModel} with that problem; `place` (a member, a tensor) follows the name.
  [[noreturn]] void refuse(const std::string& problem, const std::string& place = "") const;

 protected:
  /// The range lies inside.
  virtual void fetch(std::uint64_t offset, void* bytes, std::uint64_t count) const = 0;

 private:
  std::string name_;
};

/// An ordinary file, read where it is asked for, never mapped: one that shrinks meanwhile is an
/// error, not a crash. \throws Error{kModel} when it is missing, a folder or unreadable.
[[nodiscard]] std::shared_ptr<const ByteSource> open_source(const std::filesystem::path& file);

/// Bytes in memory under a file's name.
[[nodiscard]] std::shared_ptr<const ByteSource> source_of_bytes(std::string name,
                                                                std::string bytes);

}  // namespace robiq
