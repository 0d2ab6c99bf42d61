#include "robiq/store/run_inputs.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr std::string_view kMark = "# read: ", kOf = "' of ";

/// One line, whatever a path holds.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
  return text;
}

}  // namespace

std::string file_input(const std::string& file, const std::string& what) {
  return "'" + file + std::string(kOf) + what;
}

std::string file_of_input(const std::string& input) {
  const std::size_t end = input.rfind(kOf);
  return input.starts_with('\'') && end != input.npos ? input.substr(1, end - 1) : "";
}

std::string inputs_text(const ReadInputs& inputs) {
  std::string text;
  for (const auto& [what, hash] : inputs)
    text += std::string(kMark) + hash + " " + one_line(what) + "\n";
  return text;
}

ReadInputs inputs_in(const std::string& text) {
  ReadInputs inputs;
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with(kMark)) continue;
    const std::size_t space = line.find(' ', kMark.size());
    if (space == line.npos) continue;
    inputs.emplace_back(line.substr(space + 1), line.substr(kMark.size(), space - kMark.size()));
  }
  return inputs;
}

std::string sorted_options_in(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  std::erase_if(lines,
                [](const std::string& line) { return line.empty() || line.starts_with(kMark); });
  std::ranges::sort(lines);
  return join(lines, "\n");
}

std::vector<std::string> changed_inputs(const ReadInputs& before, const ReadInputs& now) {
  std::map<std::string, std::string> open(before.begin(), before.end());
  std::vector<std::string> changed;
  for (const auto& [what, hash] : now) {
    const auto earlier = open.find(what);
    if (earlier == open.end() || earlier->second != hash) changed.push_back(what);
    if (earlier != open.end()) open.erase(earlier);
  }
  for (const auto& [what, hash] : open) changed.push_back(what);
  return changed;
}

}  // namespace robiq
