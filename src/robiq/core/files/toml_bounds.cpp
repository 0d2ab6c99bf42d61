#include "robiq/core/files/toml_bounds.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"

namespace robiq {
namespace {

constexpr std::int64_t kMostParts = 32, kMostLevels = 32, kMostCommas = 100'000,
                       kMostLines = 100'000;

/// Walks over TOML knowing just strings and comments, so that no depth of it costs any stack.
class BoundsCheck {
 public:
  BoundsCheck(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void run() {
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        place_ = std::min(text_.find('\n', place_), text_.size());
        continue;
      }
      look(c);
      ++place_;
    }
  }

 private:
  void look(char c) {
    if (c == '.') {
      bound(++dots_, kMostParts - 1, "a key of more than 32 parts");
      return;
    }
    if (c == '\n') bound(++lines_, kMostLines, "more than 100,000 lines");
    if (c == ',') bound(++commas_, kMostCommas, "more than 100,000 values");
    if (c == '[' || c == '{') bound(++levels_, kMostLevels, "more than 32 brackets in one another");
    if ((c == ']' || c == '}') && levels_ > 0) --levels_;
    if (c == '\n' || c == ',' || c == '=' || c == '[' || c == ']' || c == '{' || c == '}') {
      dots_ = 0;
    }
  }

  /// From its quotes to behind those that close it, or to the end of what cannot be a string.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.substr(place_, 3) == three;
    place_ += many_lines ? 3 : 1;
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (c == '\n') {
        if (!many_lines) return;
        bound(++lines_, kMostLines, "more than 100,000 lines");
      }
      if (quote == '"' && c == '\\') {
        place_ += 2;
        continue;
      }
      if (many_lines ? text_.substr(place_, 3) == three : c == quote) {
        place_ += many_lines ? 3 : 1;
        return;
      }
      ++place_;
    }
  }

  void bound(std::int64_t count, std::int64_t most, const char* what) const {
    if (count <= most) return;
    throw Error(ErrorKind::kUsage,
                {std::string("the file holds ") + what, name_ + ":" + std::to_string(lines_),
                 "write a smaller file: no configuration of robiq needs that"});
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t place_ = 0;
  std::int64_t lines_ = 1, dots_ = 0, commas_ = 0, levels_ = 0;
};

}  // namespace

void check_toml_bounds(std::string_view text, const std::string& name) {
  BoundsCheck(text, name).run();
}

}  // namespace robiq
