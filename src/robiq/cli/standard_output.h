#pragma once
#include <string>
#include <string_view>

#include "robiq/core/error.h"

namespace robiq::cli {

/// Whoever read standard output has left (`robiq list models | head -1`): the program ends, with
/// nothing to say to anybody, as one does that SIGPIPE ends.
class ReaderLeft : public Error {
 public:
  static constexpr int kExitCode = 141;  // 128 and the number of SIGPIPE
  ReaderLeft() : Error(ErrorKind::kData, {"standard output has no reader", "", ""}) {}
};

/// To be called before anything is opened: a stream that the caller closed becomes one that fails,
/// so that no file of ours takes its number; and a pipe without a reader is an error, not a signal.
void prepare_streams();

/// All of the text on standard output, at once. \throws Error{kData} when it cannot be written,
/// ReaderLeft when nobody reads it.
void print_out(std::string_view text);

/// Keeps what print_out() is given for the life of the guard, in place of printing it.
class CapturedOutput {
 public:
  CapturedOutput();
  ~CapturedOutput();
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// On standard error; where that fails nothing can be said of it.
void print_err(std::string_view text) noexcept;

/// What the system may say only when a file is closed. \throws as print_out()
void finish_out();

}  // namespace robiq::cli
