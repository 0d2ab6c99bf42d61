#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Text in which nothing is markup to GitHub's Markdown, HTML included: letters that are are
/// escaped, line ends become spaces, other control characters are shown by their numbers ("\x1b").
[[nodiscard]] std::string markdown_text(std::string_view text);

}  // namespace robiq
