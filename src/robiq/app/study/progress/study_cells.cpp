#include "robiq/app/study/progress/study_cells.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "robiq/app/study/file/study.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/files/toml_document.h"
#include "robiq/core/version.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargestStudy = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestNote = std::uint64_t{64} << 20;

/// What the names of the cells follow from. \param text  of the study's file
std::string origin_of(const std::string& text, const std::vector<std::string>& data) {
  std::string origin = std::string(version()) + '\n' + sha256(text) + '\n';
  for (const std::string& spec : data) origin += spec + '\0';  // paths may be of any other bytes
  return sha256(origin);
}

}  // namespace

void note_cells(const StudyFolder& folder, const std::string& text,
                const std::vector<std::string>& data, const NotedCells& cells) {
  const Json note = {
      {"origin", origin_of(text, data)}, {"study", cells.study}, {"cells", cells.cells}};
  std::string bytes;
  try {
    bytes = note.dump(1) + "\n";
  } catch (const Json::type_error&) {  // names that are not UTF-8 are planned each time
    return;
  }
  write_file(folder.cells(), bytes);
}

std::optional<NotedCells> noted_cells(const std::string& out, const std::string& file,
                                      const std::vector<std::string>& data) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(file, code)) return std::nullopt;
  try {
    const std::string text = read_file(file, kLargestStudy);
    const std::string name =
        out.empty() ? read_study_head(parse_toml_document(text, file)).name : "";
    const Json note = Json::parse(read_file(study_folder(out, name).cells(), kLargestNote));
    if (note.at("origin").get<std::string>() != origin_of(text, data)) return std::nullopt;
    return NotedCells{note.at("study").get<std::string>(),
                      note.at("cells").get<std::vector<std::string>>()};
  } catch (const Error&) {  // who plans the study says what is wrong with it
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::map<std::string, CellRow> begun_cells(const ResultsStore& store, const std::string& study) {
  std::map<std::string, CellRow> cells;
  for (CellRow& row : store.cells()) {
    if (row.study == study) cells.emplace(row.cell, std::move(row));
  }
  return cells;
}

std::map<std::string, double> cell_seconds(const ResultsStore& store,
                                           const std::map<std::string, CellRow>& cells) {
  std::map<std::int64_t, double> by_run;
  for (const RunRow& run : store.runs()) {
    if (run.seconds() >= 0) by_run[run.id] = run.seconds();
  }
  std::map<std::string, double> seconds;
  for (const auto& [name, row] : cells) {
    const auto it = by_run.find(row.run);
    if (row.state == CellState::kDone && it != by_run.end()) seconds[name] = it->second;
  }
  return seconds;
}

}  // namespace robiq
