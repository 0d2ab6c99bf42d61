#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "robiq/io/byte_source.h"

namespace robiq {

/// Takes a pickle's bytes off a source, front to back.
/// Every function that takes \throws Error{kModel} when too few bytes are left.
class PickleInput {
 public:
  explicit PickleInput(const ByteSource& source, std::uint64_t begin = 0)
      : source_(source), next_(begin) {}

  [[nodiscard]] const ByteSource& source() const noexcept { return source_; }
  /// Place in the source of the byte that comes next.
  [[nodiscard]] std::uint64_t position() const noexcept { return next_ - (buffer_.size() - at_); }
  [[nodiscard]] std::uint64_t left() const noexcept { return source_.size() - position(); }

  [[nodiscard]] std::uint8_t byte();
  /// A little-endian number.
  template <class T>
  [[nodiscard]] T number() {
    static_assert(std::endian::native == std::endian::little, "the format is little-endian");
    T value{};
    take_into(&value, sizeof(T));
    return value;
  }
  /// Memory is taken only once that many bytes are known to be left.
  [[nodiscard]] std::string take(std::uint64_t count);
  /// Up to the next line feed, which is taken too and not returned.
  [[nodiscard]] std::string line();
  [[noreturn]] void refuse(const std::string& problem) const;

 private:
  void take_into(void* bytes, std::uint64_t count);

  const ByteSource& source_;
  std::uint64_t next_;  ///< what the buffer does not have yet
  std::string buffer_{};
  std::size_t at_ = 0;
};

}  // namespace robiq
