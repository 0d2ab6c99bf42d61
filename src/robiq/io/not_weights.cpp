#include "robiq/io/not_weights.h"

#include <algorithm>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/core/text/utf8.h"

namespace robiq {
namespace {

constexpr std::uint64_t kHeadBytes = 512;
constexpr std::string_view kLfsVersion = "version https://git-lfs.github.com/spec/";

/// A page begins with its document type, <html>, or, when XHTML, an XML declaration.
bool is_web_page(std::string_view head) {
  head = without_byte_order_mark(head);
  std::string begin(trim(head).substr(0, 14));
  std::transform(begin.begin(), begin.end(), begin.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return begin.starts_with("<!doctype html") || begin.starts_with("<html") ||
         begin.starts_with("<?xml") || begin.starts_with("<head") || begin.starts_with("<script");
}

[[noreturn]] void refuse(const ByteSource& source, const std::string& what,
                         const std::string& hint) {
  throw Error(ErrorKind::kModel, {what, source.name(), hint});
}

}  // namespace

void refuse_impostor(const ByteSource& source) {
  if (source.size() == 0) {
    refuse(source, "it is empty", "get the file again; a download may have broken off");
  }
  const std::string head = source.read_at(0, std::min(kHeadBytes, source.size()));
  if (head.starts_with(kLfsVersion)) {
    refuse(source, "it is a git-lfs pointer, not the weights it points to",
           "run 'git lfs pull' in its repository, or download the file itself");
  }
  if (is_web_page(head)) {
    refuse(source, "it is a web page, not weights",
           "open the address in a browser: the server may ask to confirm or to log in; then save "
           "the file itself");
  }
}

}  // namespace robiq
