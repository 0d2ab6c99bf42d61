#include "robiq/app/run/output_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <system_error>
#include <vector>

#include "robiq/app/run/run_folder.h"
#include "robiq/core/error.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

std::string first_line(const fs::path& file) {
  constexpr std::size_t kMost = 4096;
  std::ifstream in(file, std::ios::binary);
  std::string line(kMost, '\0');
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(in.gcount()));
  return line.substr(0, line.find_first_of("\r\n"));
}

bool is_our_log(const std::string& line) {
  static const std::regex kStamp(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d [a-z]+: .*)");
  return line.empty() || std::regex_match(line, kStamp);
}

/// A file that a run writes at the top of its folder, and how robiq's own begins.
struct KnownFile {
  fs::path file;
  bool (*is_ours)(const std::string& first_line);
};

std::vector<KnownFile> files_of(const RunFolder& run) {
  return {{run.log(), is_our_log},
          {run.history(), [](const std::string& line) { return line.starts_with("epoch,phase,"); }},
          {run.split(),
           [](const std::string& line) { return line.starts_with("image,mos,content,split"); }},
          {run.missing(), [](const std::string& line) { return line == "image,reason"; }}};
}

[[noreturn]] void refuse_folder(const fs::path& file, const fs::path& folder) {
  throw Error(ErrorKind::kUsage,
              {"robiq did not write '" + file.string() + "', and would replace it",
               "--out " + folder.string(), "name a new or an empty folder"});
}

}  // namespace

bool is_there(const fs::path& file) {
  std::error_code code;
  return fs::exists(fs::symlink_status(file, code));
}

void refuse_to_replace(const fs::path& file, bool ours, bool force) {
  if (force || ours || !is_there(file)) return;
  throw Error(
      ErrorKind::kUsage,
      {"'" + file.string() + "' is there already, and not an earlier output of this command",
       "--out", "name another place, or replace it with --force"});
}

void check_run_folder(const fs::path& folder) {
  const RunFolder run(folder);
  std::error_code code;
  if (is_there(run.config()) || is_there(run.results())) return;
  for (const KnownFile& known : files_of(run)) {
    if (fs::is_regular_file(known.file, code) && !known.is_ours(first_line(known.file))) {
      refuse_folder(known.file, folder);
    }
  }
  for (const fs::path& inner : {run.checkpoints(), folder / "artifacts", run.msu()}) {
    if (is_there(inner) && !fs::is_empty(inner, code)) refuse_folder(inner, folder);
  }
}

void check_report_folder(const fs::path& folder, bool force) {
  constexpr const char* kOurs = R"(id="robiq-report")";
  std::ifstream page(folder / "index.html", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  if (force || text.find(kOurs) != text.npos) return;
  for (const char* name : {"index.html", "report.md", "tables", "figures"}) {
    if (!is_there(folder / name)) continue;
    throw Error(ErrorKind::kUsage, {"'" + (folder / name).string() +
                                        "' is there already, and not of an earlier report",
                                    "--out", "name another folder, or replace it with --force"});
  }
}

}  // namespace robiq
