#include "robiq/tensor/torch_reason.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "robiq/core/text/text.h"

namespace robiq {

std::string torch_reason(const std::exception& error) {
  constexpr std::size_t kLongest = 200;
  const auto* const of_torch = dynamic_cast<const c10::Error*>(&error);
  std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  // The interpreter writes its trace first, then "RuntimeError: " and what went wrong.
  constexpr std::string_view kMark = "Error: ";
  if (const std::size_t at = text.rfind(kMark); at != text.npos) text.erase(0, at + kMark.size());
  const std::string_view trimmed = trim(text);
  std::string line(trimmed.substr(0, trimmed.find('\n')));
  if (const auto trace = line.find("Exception raised from"); trace != line.npos) line.erase(trace);
  while (!line.empty() && std::string_view(" .:").find(line.back()) != std::string_view::npos) {
    line.pop_back();
  }
  if (line.size() > kLongest) line = line.substr(0, kLongest - 3) + "...";
  // A corrupt file's bytes may be quoted in it.
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  std::replace_if(line.begin(), line.end(), std::not_fn(printable), '?');
  return line.empty() ? "no reason was given" : line;
}

}  // namespace robiq
