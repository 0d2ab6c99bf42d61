#pragma once
#include <string_view>

namespace robiq::cli {

/// The first word that is neither --plugin nor its file, or "".
[[nodiscard]] std::string_view command_word(int argc, char** argv);

/// Whether the command computes with tensors. May be asked before any library has started.
[[nodiscard]] bool is_computing(std::string_view command);

}  // namespace robiq::cli
