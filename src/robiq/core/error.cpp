#include "robiq/core/error.h"

#include <utility>

namespace robiq {

Error::Error(ErrorKind kind, ErrorText text)
    : std::runtime_error(text.what), kind_(kind), text_(std::move(text)) {
  render();
}

void Error::add_context(std::string doing) {
  context_ += "\n  while " + std::move(doing);
  render();
}

void Error::render() {
  rendered_ = "error: " + text_.what;
  if (!text_.where.empty()) rendered_ += "\n  at    " + text_.where;
  if (!text_.mend.empty()) rendered_ += "\n  mend  " + text_.mend;
  rendered_ += context_;
}

}  // namespace robiq
