#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// "data:image/png;base64,iVBO..." (RFC 2397), or "" without bytes.
[[nodiscard]] std::string data_address(std::string_view media_type, std::string_view bytes);

}  // namespace robiq
