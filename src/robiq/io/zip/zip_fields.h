#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "robiq/io/byte_source.h"

namespace robiq {

/// Takes little-endian numbers and pieces off the front of a record, never beyond its end.
/// Every function \throws Error{kModel} when too few bytes are left.
class ZipFields {
 public:
  ZipFields(const ByteSource& source, std::string_view bytes) : source_(source), bytes_(bytes) {}

  [[nodiscard]] std::uint16_t u16() { return number<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() { return number<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() { return number<std::uint64_t>(); }
  [[nodiscard]] std::string_view take(std::size_t count) {
    if (count > bytes_.size()) source_.refuse("a record of the zip file is cut off");
    const std::string_view piece = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return piece;
  }
  void skip(std::size_t count) { (void)take(count); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

 private:
  static_assert(std::endian::native == std::endian::little, "the format is little-endian");

  template <class T>
  T number() {
    T value = 0;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  const ByteSource& source_;
  std::string_view bytes_;
};

}  // namespace robiq
