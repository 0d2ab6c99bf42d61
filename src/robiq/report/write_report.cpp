#include "robiq/report/write_report.h"

#include "robiq/core/error.h"
#include "robiq/core/files.h"
#include "robiq/core/text.h"
#include "robiq/report/render.h"
#include "robiq/report/sections.h"

namespace robiq {
namespace {

/// A run that is still going, or that was stopped, has measured less than it was told to.
std::string unfinished_text(const Evidence& evidence) {
  std::vector<std::string> lines;
  for (const auto& [run, folder] : evidence.runs) {
    if (run.status == "finished") continue;
    lines.push_back("> **Not finished:** run " + std::to_string(run.id) + " of " + folder +
                    " is marked \"" + run.status + "\"; its numbers cover only what it had done.");
  }
  return join(lines, "\n>\n");
}

}  // namespace

Table measure_table(const Evidence& evidence) {
  Table table{"measures", "Every measure", {}, {}, {}};
  for (const char* key :
       {"folder", "run", "model", "defense", "seed", "dataset", "attack", "attack_options", "level",
        "surrogate", "block", "measure", "value", "low", "high", "note"}) {
    table.columns.push_back({key, {key}});
  }
  for (const auto& [key, by_seed] : evidence.measures) {
    for (const auto& [seed, found] : by_seed) {
      const MeasureRow& row = found.row;
      table.rows.push_back(
          {{word(found.folder), number(static_cast<double>(row.run), 0), word(key.subject.model),
            word(key.subject.defense), word(seed), word(row.dataset), word(row.attack),
            word(row.attack_options), word(row.level), word(row.surrogate), word(row.block),
            word(row.measure), number(row.value, 4), number(row.low, 4), number(row.high, 4),
            word(row.note)},
           {},
           false});
    }
  }
  return table;
}

Report compose_report(const Evidence& evidence) {
  return {"Robustness of image quality models",
          unfinished_text(evidence),
          {clean_section(evidence), robustness_section(evidence), mos_band_section(evidence),
           run_section(evidence)},
          {},
          {},
          {},
          {}};
}

std::vector<std::filesystem::path> write_report(
    const std::vector<std::filesystem::path>& run_folders,
    const std::filesystem::path& out_folder) {
  if (run_folders.empty()) {
    throw Error(ErrorKind::kUsage, {"no run folder was given", "", "name at least one RUN folder"});
  }
  const Evidence evidence = gather_evidence(run_folders);
  const Report report = compose_report(evidence);
  std::vector<std::filesystem::path> files;
  const auto write = [&](const std::filesystem::path& name, const std::string& text) {
    files.push_back(out_folder / name);
    write_file(files.back(), text);
  };
  write("report.md", render_markdown(report));
  const auto write_table = [&](const Table& table) {
    if (!table.rows.empty()) write("tables/" + table.id + ".csv", render_csv(table));
  };
  for (const Section& section : report.sections) {
    for (const Block& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) write_table(*table);
    }
  }
  write_table(measure_table(evidence));
  return files;
}

}  // namespace robiq
