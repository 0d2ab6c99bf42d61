#include <algorithm>
#include <array>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/render/render.h"
#include "robiq/report/tables/sections.h"
#include "robiq/report/write_report.h"

namespace robiq {
namespace {

/// In the order of the report.
const std::vector<std::string>& table_ids() {
  static const std::vector<std::string> kIds{
      "summary",  "clean", "attacks",  "rmse",    "srocc",    "s4",           "s5",
      "s6",       "s7",    "s2",       "bands",   "defenses", "certificates", "lambda",
      "transfer", "cost",  "training", "compare", "runs",     "flags",        "measures",
      "worst",    "irs",   "members",  "wins",    "filters",  "aligned"};
  return kIds;
}

void check_ids(const std::vector<std::string>& wanted) {
  for (const std::string& id : wanted) {
    const auto& known = table_ids();
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string near = nearest_of(id, known);
    throw Error(ErrorKind::kUsage, {"no table is called '" + id + "'", "tables",
                                    (near.empty() ? "" : "did you mean '" + near + "'? ") +
                                        "known: " + join(known, ", ")});
  }
}

bool contains(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// "rmse" of "rmse-2", a further data set's.
std::string kind_of(const std::string& id) { return id.substr(0, id.find('-')); }

/// Leaves the tables that were asked for; where none were, those with numbers.
void choose_tables(const ReportSettings& settings, Section& section) {
  std::erase_if(section.blocks, [&](const ReportBlock& block) {
    const auto* table = std::get_if<Table>(&block);
    if (table == nullptr) return false;
    const bool filled =
        has_numbers(*table) || (table->id.starts_with("attacks") && !table->rows.empty());
    return !filled || (!settings.tables.empty() && !contains(settings.tables, kind_of(table->id)));
  });
}

std::vector<std::string> written_ids(const Report& report) {
  std::vector<std::string> ids;
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) ids.push_back(kind_of(table->id));
    }
  }
  return ids;
}

/// A run that is still going, or that was stopped, has measured less than it was told to.
std::vector<std::string> unfinished(const Evidence& evidence) {
  std::vector<std::string> lines;
  for (const auto& [run, folder, id] : evidence.runs) {
    if (run.status == RunStatus::kFinished) continue;
    lines.push_back("> **Not finished:** run " + std::to_string(run.id) + " of " +
                    markdown_text(folder) + " is marked \"" + word_of(run.status) +
                    "\"; its numbers cover only what it had done.");
  }
  return lines;
}

/// Tables that were asked for and that nothing fills.
std::vector<std::string> empty_tables(const ReportSettings& settings, const Report& report) {
  std::vector<std::string> lines;
  const std::vector<std::string> written = written_ids(report);
  for (const std::string& id : settings.tables) {
    if (id == "measures" || id == "flags" || contains(written, id)) continue;
    lines.push_back("> **Empty:** the table `" + id + "` was asked for; no result fills it.");
  }
  return lines;
}

/// From what one wants to see first to the details; a section that is not named here stands before
/// the costs.
void set_in_order(std::vector<Section>& sections) {
  static const std::vector<std::string> kOrder{"summary",
                                               "compare",
                                               "worst",
                                               "worst-case-figures",
                                               "wins",
                                               "defenses",
                                               "defenses-figures",
                                               "examples-figures",
                                               "score-change-figures",
                                               "clean",
                                               "robustness",
                                               "averages",
                                               "losses",
                                               "bands",
                                               "before-after-figures",
                                               "tradeoff-figures",
                                               "lambda",
                                               "lambda-figures",
                                               "security-figures",
                                               "filters",
                                               "filters-figures",
                                               "aligned",
                                               "transfer",
                                               "transfer-figures",
                                               "gradient-figures"};
  static const std::vector<std::string> kLast{"training-figures", "cost", "attacks"};
  const auto place = [](const Section& section) {
    const auto rank = std::find(kOrder.begin(), kOrder.end(), section.id) - kOrder.begin();
    const auto last = std::find(kLast.begin(), kLast.end(), section.id) - kLast.begin();
    return last < std::ssize(kLast) ? std::ssize(kOrder) + 1 + last : rank;
  };
  std::stable_sort(sections.begin(), sections.end(),
                   [&](const Section& a, const Section& b) { return place(a) < place(b); });
}

}  // namespace

Report compose_report(const Evidence& evidence, const ReportSettings& settings) {
  check_ids(settings.tables);
  constexpr std::array kSections{
      summary_section, clean_section,   attack_section,   robustness_section,
      average_section, loss_section,    mos_band_section, worst_case_section,
      win_section,     lambda_section,  transfer_section, cost_section,
      defense_section, compare_section, filter_section,   alignment_section};
  const TableSource source(evidence, settings);
  Report report;
  report.title = settings.title.empty() ? "Robustness of image quality models" : settings.title;
  for (const auto& make : kSections) {
    Section section = make(source);
    const bool says_something = section.blocks.empty() && section.id == "robustness";
    choose_tables(settings, section);
    if (!section.blocks.empty() || says_something) report.sections.push_back(std::move(section));
  }
  for (Section& section : figure_sections(evidence, source.titles(), settings, report)) {
    report.sections.push_back(std::move(section));
  }
  set_in_order(report.sections);
  report.sections.push_back(run_section(source));
  report.runs = run_cards(evidence, source.titles());
  std::vector<std::string> lines = unfinished(evidence);
  for (const std::string& line : empty_tables(settings, report)) lines.push_back(line);
  report.text = join(lines, "\n>\n");
  return report;
}

}  // namespace robiq
