#include "robiq/report/render/figure_svgs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// Runs a program to its end, with its standard error in a file.
/// \return its exit code; -1 when a signal ended it, -2 when it is not there
int run(std::array<std::string, 4> words, const fs::path& errors) {
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                                 nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t process = 0;
  const int failure =
      posix_spawnp(&process, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) return -2;
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string draw_svgs(const fs::path& folder, const std::string& node) {
  if (!page_has_figures()) return "this robiq was built without figures (ROBIQ_WITH_FIGURES)";
  const PageAssets& assets = page_assets();
  const TemporaryFolder programs;
  write_file(programs.path() / "svg.mjs", std::string(assets.svg_script));
  write_file(programs.path() / "theme.mjs", std::string(assets.theme));
  write_file(programs.path() / "escape.mjs", std::string(assets.escape));
  write_file(programs.path() / "vega.min.js", std::string(assets.vega));
  write_file(programs.path() / "vega-lite.min.js", std::string(assets.vega_lite));
  const fs::path errors = programs.path() / "errors";
  const int code = run({node, (programs.path() / "svg.mjs").string(), programs.path().string(),
                        fs::absolute(folder).string()},
                       errors);
  if (code == 0) return "";
  if (code == -2) return "'" + node + "' was not found: install Node.js for SVG files";
  constexpr std::uint64_t kLimit = 1 << 20;
  const std::string said = read_file(errors, kLimit);
  throw Error(ErrorKind::kInternal, {"a figure cannot be drawn: " + said.substr(0, said.find('\n')),
                                     folder.string(), "this is a bug of robiq; please report it"});
}

}  // namespace robiq
