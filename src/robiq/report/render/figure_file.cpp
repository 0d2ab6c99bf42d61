#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/files/output.h"
#include "robiq/core/text/escape.h"
#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

/// Every {"data": {"name": ...}} of the specification, those inside transforms too.
void gather_names(const Json& json, std::set<std::string>& names) {
  if (json.is_object() && json.contains("data") && json["data"].is_object() &&
      json["data"].contains("name")) {
    names.insert(json["data"]["name"].get<std::string>());
  }
  if (!json.is_structured()) return;
  for (const Json& child : json) gather_names(child, names);
}

Json value_at(const DataColumn& column, std::size_t row) {
  if (const auto* words = std::get_if<std::vector<std::string>>(&column.values)) {
    return words->at(row);
  }
  const double number = std::get<std::vector<double>>(column.values).at(row);
  return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json rows_json(const DataTable& table) {
  Json rows = Json::array();
  if (table.empty()) return rows;
  const std::size_t count =
      std::visit([](const auto& values) { return values.size(); }, table.front().values);
  for (std::size_t row = 0; row < count; ++row) {
    Json json = Json::object();
    for (const DataColumn& column : table) json[column.name] = value_at(column, row);
    rows.push_back(std::move(json));
  }
  return rows;
}

}  // namespace

std::string figure_file(const Figure& figure, const std::map<std::string, DataTable>& data) {
  Json spec = Json::parse(figure.vega_lite, nullptr, false);
  if (!spec.is_object()) {
    throw Error(ErrorKind::kInternal, {"figure \"" + figure.id + "\" is not JSON", "", ""});
  }
  std::set<std::string> names;
  gather_names(spec, names);
  Json file{{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
            {"description", figure.caption}};
  file.update(spec);
  for (const std::string& name : names) {
    const auto table = data.find(name);
    if (table == data.end()) {
      throw Error(ErrorKind::kInternal,
                  {"figure \"" + figure.id + "\" names data \"" + name + "\", which are not there",
                   "", ""});
    }
    file["datasets"][name] = rows_json(table->second);
  }
  return json_text(file) + "\n";
}

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
  if (!is_utf8(fs::absolute(folder).string())) {
    throw Error(ErrorKind::kData,
                {"figures can only be drawn in a folder whose path is UTF-8",
                 with_bytes_shown(fs::absolute(folder).string()), "rename or move the folder"});
  }
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
