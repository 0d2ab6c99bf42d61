#include "robiq/report/write_report.h"

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/report/render/page_assets.h"
#include "robiq/report/render/render.h"
#include "robiq/report/tables/sections.h"
#include "robiq/report/video/video_report.h"

namespace robiq {
namespace {

/// Writes under one folder, and remembers what.
class ReportFolder {
 public:
  explicit ReportFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void write(const std::filesystem::path& name, const std::string& text) {
    files_.push_back(folder_ / name);
    write_file(files_.back(), text);
  }
  void write_table(const Table& table) {
    if (table.rows.empty()) return;
    const std::string start = "tables/" + table.id;
    write(start + ".csv", render_csv(table));
    if (table.id == "measures") return;  // for programs: a line for each number
    write(start + ".md", render_markdown(table));
    if (table.id == "runs" || table.id == "flags") return;  // sentences and paths, not for a paper
    write(start + ".tex", render_latex(table));
  }
  /// A file that is there already.
  void add(const std::filesystem::path& name) { files_.push_back(folder_ / name); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> files_;
};

void write_tables(const Report& report, ReportFolder& folder) {
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) folder.write_table(*table);
    }
  }
}

/// The figures' specifications, and their SVGs where they can be drawn.
/// \return the ending of those that are for people
std::string write_figures(const Report& report, ReportFolder& folder) {
  std::vector<std::string> names;
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      const auto* figure = std::get_if<Figure>(&block);
      if (figure == nullptr) continue;
      names.push_back("figures/" + figure->id);
      folder.write(names.back() + ".vl.json", figure_file(*figure, report.data));
    }
  }
  if (names.empty()) return "svg";
  const std::string reason = draw_svgs(folder.path() / "figures");
  if (!reason.empty()) {
    log::warning("no SVG files: {}", reason);
    return "vl.json";
  }
  for (const std::string& name : names) folder.add(name + ".svg");
  return "svg";
}

}  // namespace

namespace {

/// Writes all but the table of measures.
void write_composed(const Report& report, ReportFolder& folder) {
  folder.write("index.html", render_page(report));
  const std::string figure_ending = write_figures(report, folder);
  folder.write("report.md", render_markdown(report, figure_ending));
  write_tables(report, folder);
}

}  // namespace

std::vector<std::filesystem::path> write_report(
    const std::vector<std::filesystem::path>& run_folders, const std::filesystem::path& out_folder,
    const ReportSettings& settings) {
  if (run_folders.empty()) {
    throw Error(ErrorKind::kUsage, {"no run folder was given", "", "name at least one RUN folder"});
  }
  const Evidence evidence = gather_evidence(run_folders, settings.compare);
  const Report report = compose_report(evidence, settings);
  ReportFolder folder(out_folder);
  write_composed(report, folder);
  folder.write_table(measure_table(evidence));
  return folder.files();
}

std::vector<std::filesystem::path> write_video_report(
    const std::vector<std::filesystem::path>& logs, const std::filesystem::path& out_folder,
    const std::string& title) {
  std::vector<VideoLog> read;
  for (const std::filesystem::path& log : logs) read.push_back(read_video_log(log));
  ReportFolder folder(out_folder);
  write_composed(compose_video_report(read, title), folder);
  return folder.files();
}

}  // namespace robiq
