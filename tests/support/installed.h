#pragma once
// This build, installed, and the examples built against it, as a user outside the tree would. Only
// for the test programs that CMakeLists.txt tells about the build.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "robiq/core/files/files.h"
#include "support/places.h"
#include "support/workbench.h"

namespace robiq::test {

/// The installed program, by its path in the workbench.
inline constexpr const char* kInstalledRobiq = "moved/bin/robiq ";

/// Runs a command of the shell in the workbench; it must end with 0. \return what it wrote on
/// stdout
inline std::string shell(const std::string& command) {
  const std::string in_folder =
      "cd '" + Workbench::get().path().string() + "' && { " + command + "; } 2> shell.err";
  std::string out;
  std::FILE* const pipe = ::popen(in_folder.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::array<char, 4096> piece{};
  for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    out.append(piece.data(), size);
  }
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << command << "\n"
      << out << read_file(Workbench::get().path("shell.err"), 1u << 24);
  return out;
}

/// Installs this build in moved/ of the workbench.
inline void install_this_build() {
  shell("cmake --install '" ROBIQ_BINARY_DIR "' --prefix prefix");
  // Moved: nothing may depend on where it was installed first.
  shell("mv prefix moved");
}

/// Builds examples/NAME against what is installed, in NAME/ of the workbench.
inline void build_example(const std::string& name) {
  const bool cached = std::filesystem::exists(ROBIQ_CCACHE);
  shell("export CCACHE_BASEDIR=\"$PWD\" CCACHE_NOHASHDIR=1; cmake -G '" ROBIQ_GENERATOR "' -S '" +
        source_folder() + "/examples/" + name + "' -B " + name +
        (cached ? " -DCMAKE_CXX_COMPILER_LAUNCHER='" ROBIQ_CCACHE "'" : "") +
        " -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER='" ROBIQ_COMPILER
        "' -DCMAKE_PREFIX_PATH=\"$PWD/moved\" && cmake --build " +
        name);
}

}  // namespace robiq::test
