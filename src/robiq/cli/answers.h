#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/cli/program.h"

namespace robiq::cli {

/// What robiq says where the answer is always the same: `--help` of every command, `list` and
/// `describe`. They rest on registries that live beside LibTorch, which takes almost half a second
/// to load; so they are written down once, when robiq is built (answers.json, beside the program).
struct Answer {
  std::string out;                 ///< on standard output
  std::vector<std::string> notes;  ///< for the log, which shows them on standard error
};

/// The first argument of the call that writes them: `robiq-compute --write-answers FILE`.
inline constexpr std::string_view kWriteAnswers = "--write-answers";

/// Asks the program everything that may be written down, and writes it. \return the exit code
[[nodiscard]] int write_answers(const std::filesystem::path& file, const Program& program);

/// The answer to a command line, if this version of robiq wrote it down.
/// \param words  of the command line, without the program's name
[[nodiscard]] std::optional<Answer> find_answer(const std::filesystem::path& file,
                                                const std::vector<std::string>& words);

/// The words as a key of the file. No word holds a NUL.
[[nodiscard]] std::string answer_key(const std::vector<std::string>& words);

}  // namespace robiq::cli
