#include "robiq/io/zip/zip_writer.h"

#include <algorithm>
#include <ostream>

#include "robiq/io/zip/zip_fields.h"

namespace robiq {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint32_t kAll32 = 0xFFFFFFFF;
constexpr std::uint16_t kVersion = 45;  // zip64
constexpr std::uint16_t kNamesAreUtf8 = 1 << 11;
constexpr std::uint16_t kFirstDay = 1 << 5 | 1;  // 1980-01-01

/// Numbers in the order in which they are put, little-endian.
class Record {
 public:
  Record& u16(std::uint64_t value) { return number(value, 2); }
  Record& u32(std::uint64_t value) { return number(value, 4); }
  Record& u64(std::uint64_t value) { return number(value, 8); }
  Record& text(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  Record& number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
    return *this;
  }
  std::string bytes_;
};

}  // namespace

void ZipWriter::write(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  place_ += bytes.size();
}

void ZipWriter::add(const std::string& name, const void* bytes, std::uint64_t size) {
  const Member member{name, place_, size, crc32_of(bytes, size)};
  constexpr std::uint64_t kFixed = 30, kFieldHead = 4;
  Record extra;
  if (is_zip64(size)) extra.u16(1).u16(16).u64(size).u64(size);
  const std::uint64_t end = place_ + kFixed + name.size() + extra.size() + kFieldHead;
  const std::uint64_t padding = (kAlignment - end % kAlignment) % kAlignment;
  extra.text("FB").u16(padding).text(std::string(padding, 'Z'));
  Record header;
  header.u32(0x04034b50).u16(kVersion).u16(kNamesAreUtf8).u16(0).u16(0).u16(kFirstDay);
  header.u32(member.crc);
  const std::uint64_t shown = is_zip64(size) ? kAll32 : size;
  header.u32(shown).u32(shown).u16(name.size()).u16(extra.size()).text(name).text(extra.bytes());
  write(header.bytes());
  write({static_cast<const char*>(bytes), size});
  members_.push_back(member);
}

std::string ZipWriter::directory_entry(const Member& member) const {
  const bool large = is_zip64(member.size), far = is_zip64(member.offset);
  Record extra;
  if (large || far) {
    extra.u16(1).u16((large ? 16U : 0U) + (far ? 8U : 0U));
    if (large) extra.u64(member.size).u64(member.size);
    if (far) extra.u64(member.offset);
  }
  const std::uint64_t shown = large ? kAll32 : member.size;
  Record entry;
  entry.u32(0x02014b50).u16(kVersion).u16(kVersion).u16(kNamesAreUtf8).u16(0);
  entry.u16(0).u16(kFirstDay).u32(member.crc).u32(shown).u32(shown);
  entry.u16(member.name.size()).u16(extra.size()).u16(0).u16(0).u16(0).u32(0);
  entry.u32(far ? kAll32 : member.offset).text(member.name).text(extra.bytes());
  return entry.bytes();
}

void ZipWriter::finish() {
  const std::uint64_t begin = place_, count = members_.size();
  for (const Member& member : members_) write(directory_entry(member));
  const std::uint64_t size = place_ - begin, end = place_;
  // The zip64 end record always stands there, as in PyTorch's files: readers need it only when a
  // number of the plain record is all ones.
  Record tail;
  tail.u32(0x06064b50).u64(44).u16(kVersion).u16(kVersion).u32(0).u32(0);
  tail.u64(count).u64(count).u64(size).u64(begin);
  tail.u32(0x07064b50).u32(0).u64(end).u32(1);
  const std::uint64_t few = std::min<std::uint64_t>(count, 0xFFFF);
  tail.u32(0x06054b50).u16(0).u16(0).u16(few).u16(few);
  tail.u32(is_zip64(size) ? kAll32 : size).u32(is_zip64(begin) ? kAll32 : begin).u16(0);
  write(tail.bytes());
}

}  // namespace robiq
