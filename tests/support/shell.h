#pragma once
// Runs robiq through a shell, for redirections and pipes.
#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/program.h"

namespace robiq::test {

/// Runs a line of bash in a folder, where "$robiq" is the program.
[[nodiscard]] inline Finished run_shell(const std::filesystem::path& folder,
                                        const std::string& line) {
  const TemporaryFolder io;
  const auto file = [&](const char* name) { return (io.path() / name).string(); };
  write_file(file("line.sh"),
             "robiq='" + program_path() + "'\ncd '" + folder.string() + "'\n" + line + "\n");
  const std::string command =
      "bash '" + file("line.sh") + "' >'" + file("out") + "' 2>'" + file("err") + "'";
  const int status = std::system(command.c_str());
  constexpr std::uint64_t kLimit = 64u << 20;
  Finished finished;
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  finished.out = read_file(file("out"), kLimit);
  finished.err = read_file(file("err"), kLimit);
  return finished;
}

}  // namespace robiq::test
