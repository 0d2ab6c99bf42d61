#pragma once
#include <filesystem>
#include <string>

namespace robiq {

/// The PNG with a text chunk that names robiq as its maker; its pixels stay as they are.
/// \param png  whole, as encode_png() makes it
[[nodiscard]] std::string with_our_mark(const std::string& png);

/// Whether a file is a PNG with that chunk: it may be made again without a question.
[[nodiscard]] bool has_our_mark(const std::filesystem::path& file);

}  // namespace robiq
