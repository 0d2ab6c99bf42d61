#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace robiq::cli {

/// The first word that is neither --plugin nor its file, or "".
[[nodiscard]] inline std::string_view command_word(int argc, char** argv) {
  int i = 1;
  for (; i < argc && std::string_view(argv[i]).starts_with("--plugin"); ++i) {
    if (argv[i] == std::string_view("--plugin")) ++i;
  }
  return i < argc ? argv[i] : "";
}

/// Whether the command computes with tensors. May be asked before any library has started.
[[nodiscard]] inline bool is_computing(std::string_view command) {
  constexpr std::array<std::string_view, 10> kComputing = {
      "attack",   "bench",      "check", "check-model", "demo",
      "evaluate", "experiment", "score", "train",       "uap"};
  return std::find(kComputing.begin(), kComputing.end(), command) != kComputing.end();
}

}  // namespace robiq::cli
