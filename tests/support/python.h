#pragma once
// Python as an independent writer and reader of files. Debian's python3-torch and python3-numpy
// belong to the system's Python; $ROBIQ_PYTHON names another.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "robiq/core/files/files.h"

namespace robiq::test {

struct PythonRun {
  int exit_code = -1;
  std::string output;  ///< stdout and stderr
};

/// Runs a script; `argument` is its sys.argv[1].
[[nodiscard]] inline PythonRun run_python(const std::string& script,
                                          const std::string& argument = "") {
  const TemporaryFolder folder;
  write_file(folder.path() / "script.py", script);
  const char* const given = std::getenv("ROBIQ_PYTHON");
  const std::string command = std::string(given != nullptr ? given : "/usr/bin/python3") + " '" +
                              (folder.path() / "script.py").string() + "' '" + argument + "' 2>&1";
  PythonRun run;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return run;
  std::array<char, 4096> piece{};
  while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) run.output += piece.data();
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  return run;
}

/// Whether a module can be imported; a test that needs it skips otherwise.
[[nodiscard]] inline bool python_has(const std::string& module) {
  return run_python("import " + module).exit_code == 0;
}

}  // namespace robiq::test
