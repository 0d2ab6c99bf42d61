#include "robiq/io/pickle/pickle_input.h"

#include <algorithm>

namespace robiq {
namespace {

constexpr std::uint64_t kBufferBytes = 1 << 16;

}  // namespace

std::uint8_t PickleInput::byte() {
  std::uint8_t value = 0;
  take_into(&value, 1);
  return value;
}

std::string PickleInput::take(std::uint64_t count) {
  if (count > left()) refuse("a value's length goes beyond the end of the pickle");
  const std::uint64_t buffered = std::min<std::uint64_t>(count, buffer_.size() - at_);
  if (buffered == count) {
    at_ += count;
    return buffer_.substr(at_ - count, count);
  }
  std::string bytes = source_.read_at(position(), count);
  next_ = position() + count;
  buffer_.clear();
  at_ = 0;
  return bytes;
}

std::string PickleInput::line() {
  std::string text;
  for (char letter = static_cast<char>(byte()); letter != '\n';
       letter = static_cast<char>(byte())) {
    text += letter;
  }
  return text;
}

void PickleInput::take_into(void* bytes, std::uint64_t count) {
  if (count > left()) refuse("it is cut off inside its pickle");
  auto* to = static_cast<char*>(bytes);
  while (count > 0) {
    if (at_ == buffer_.size()) {
      buffer_ = source_.read_at(next_, std::min(kBufferBytes, source_.size() - next_));
      next_ += buffer_.size();
      at_ = 0;
    }
    const std::size_t piece = std::min<std::uint64_t>(count, buffer_.size() - at_);
    std::memcpy(to, buffer_.data() + at_, piece);
    at_ += piece;
    to += piece;
    count -= piece;
  }
}

void PickleInput::refuse(const std::string& problem) const {
  source_.refuse(problem + " (at byte " + std::to_string(position()) + " of its pickle)");
}

}  // namespace robiq
