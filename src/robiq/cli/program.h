#pragma once
#include <CLI/CLI.hpp>
#include <functional>

#include "robiq/cli/commands.h"

namespace robiq::cli {

/// What one of robiq's programs adds to what all do with a command line.
struct Program {
  /// Adds its commands.
  std::function<void(CLI::App& app, Common& common)> add_commands;
  /// Calls `work`, and turns what other libraries throw into Error.
  /// \return the exit code, 0 unless the work ended with a verdict of its own
  std::function<int(const std::function<void()>& work)> guard;
  /// What --plugin does with a file.
  std::function<void(const std::string& file)> load_plugin;
};

/// Reads the command line, does what it says, and prints what went wrong in a few lines on standard
/// error. \return the exit code of the program
[[nodiscard]] int run_program(int argc, char** argv, const Program& program);

}  // namespace robiq::cli
