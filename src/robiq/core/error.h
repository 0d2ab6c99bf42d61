#pragma once
#include <stdexcept>
#include <string>

namespace robiq {

/// The kind of a failure. Its value is the exit code of the program (docs/cli.md).
enum class ErrorKind : int {
  kUsage = 2,     ///< wrong flag, configuration key or option value
  kData = 3,      ///< picture, dataset, table or results file missing, corrupt or refused
  kModel = 4,     ///< weights missing, corrupt, refused or not fitting the model
  kDevice = 5,    ///< CUDA absent, out of memory, process group lost
  kNumeric = 6,   ///< NaN or Inf where a number was promised
  kInternal = 70  ///< a promise inside robiq was broken: a bug of ours
};

/// The three things every message says.
struct ErrorText {
  std::string what;   ///< what is wrong, with the offending value in it
  std::string where;  ///< file and line, key, image, tensor or flag; may be empty
  std::string hint;   ///< what the reader can do about it; may be empty
};

/// The only exception type that crosses a robiq interface.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, ErrorText text);

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] int exit_code() const noexcept { return static_cast<int>(kind_); }
  [[nodiscard]] const ErrorText& text() const noexcept { return text_; }

  /// Adds one "while ..." line as the error passes a layer that knows more.
  void add_context(std::string doing);

  /// All of it: "error: what", then indented lines for where, hint and context.
  [[nodiscard]] const char* what() const noexcept override { return rendered_.c_str(); }

 private:
  void render();

  ErrorKind kind_;
  ErrorText text_;
  std::string context_;
  std::string rendered_;
};

/// Thrown when the user asked to stop (Ctrl-C) and the state has been saved: exit code 130.
class Interrupted : public std::runtime_error {
 public:
  /// \param advice  how to go on, one sentence
  explicit Interrupted(const std::string& advice) : std::runtime_error(advice) {}
};

}  // namespace robiq
