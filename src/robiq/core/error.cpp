#include "robiq/core/error.h"

#include <utility>

#include "robiq/core/text/escape.h"

namespace robiq {

Error::Error(ErrorKind kind, ErrorText text)
    : std::runtime_error(text.what), kind_(kind), text_(std::move(text)) {
  render();
}

void Error::add_context(std::string doing) {
  context_ += "\n  while " + visible_text(doing);
  render();
}

void Error::render() {
  rendered_ = "error: " + visible_text(text_.what);
  if (!text_.where.empty()) rendered_ += "\n  at    " + visible_text(text_.where);
  if (!text_.hint.empty()) rendered_ += "\n  hint  " + visible_text(text_.hint);
  rendered_ += context_;
}

}  // namespace robiq
