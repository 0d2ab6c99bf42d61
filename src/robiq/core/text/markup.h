#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Text as it stands in HTML and SVG, between tags and inside quotes: "&", "<", ">" and quotes as
/// entities, control characters and bytes that are not UTF-8 as visible_text() shows them.
[[nodiscard]] std::string markup_text(std::string_view text);

}  // namespace robiq
