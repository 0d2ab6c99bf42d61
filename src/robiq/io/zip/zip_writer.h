#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

/// Writes a zip file of stored members, each beginning at a multiple of 64 bytes as PyTorch's do
/// (an extra field "FB" of the local header holds the padding). Times are 1980-01-01, so the same
/// members give the same bytes. Sizes and offsets from 4 GiB on are written as zip64.
/// Format: PKWARE's APPNOTE.TXT 6.3. Whether the stream took it all is for the caller to look at.
class ZipWriter {
 public:
  static constexpr std::uint64_t kZip64From = 0xFFFFFFFF;

  /// \param zip64_from  the first number that is written as zip64; a smaller one is for tests
  explicit ZipWriter(std::ostream& out, std::uint64_t zip64_from = kZip64From)
      : out_(out), zip64_from_(zip64_from) {}

  /// \param name  UTF-8, not given before, below 64 KiB
  void add(const std::string& name, const void* bytes, std::uint64_t size);
  void add(const std::string& name, std::string_view bytes) {
    add(name, bytes.data(), bytes.size());
  }
  /// Writes the directory; nothing may be added after it.
  void finish();

 private:
  struct Member {
    std::string name;
    std::uint64_t offset = 0, size = 0;
    std::uint32_t crc = 0;
  };

  [[nodiscard]] bool is_zip64(std::uint64_t number) const { return number >= zip64_from_; }
  [[nodiscard]] std::string directory_entry(const Member& member) const;
  void write(std::string_view bytes);

  std::ostream& out_;
  std::uint64_t zip64_from_;
  std::uint64_t place_ = 0;
  std::vector<Member> members_;
};

}  // namespace robiq
