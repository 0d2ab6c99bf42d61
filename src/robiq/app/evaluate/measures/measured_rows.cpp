#include "robiq/app/evaluate/measures/measured_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;
using Parts = std::vector<std::string>;

/// What may tell two attacks of one name apart, each as it is printed.
Parts parts_of(const MeasuredRow& row) {
  Parts parts;
  const AttackOptions options = AttackOptions::parse(row.options);
  for (const auto& [name, value] : options.values()) parts.push_back(name + "=" + value);
  parts.push_back("level " + row.level);
  if (!row.surrogate.empty()) parts.push_back("from " + row.surrogate);
  return parts;
}

bool has(const Parts& parts, const std::string& part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

void add_measures(const EvaluationRow& row, Json& cells) {
  for (const RowMeasure& measure : row.measures) {
    cells[measure.name] = result_cell(measure.value);
    if (measure.has_interval) {
      cells[measure.name + "_low"] = result_cell(measure.low);
      cells[measure.name + "_high"] = result_cell(measure.high);
    }
    if (!measure.note.empty()) cells[measure.name + "_note"] = measure.note;
  }
}

void add_strength(const EvaluationRow& row, Json& cells) {
  if (!row.strength) return;
  cells["strength_option"] = row.strength->option;
  cells["strength"] = result_cell(row.strength->value);
}

void add_search(const EvaluationRow& row, Json& cells) {
  if (!row.strength) return;
  cells["aligned_value"] = result_cell(row.strength->reached);
  cells["aligned_within_tolerance"] = row.strength->within;
  cells["aligned_pictures"] = row.strength->pictures;
  cells["aligned_trials"] = row.strength->trials;
  cells["aligned_forwards"] = row.strength->forwards;
  cells["aligned_backwards"] = row.strength->backwards;
}

/// What score-only attacks asked of the model, where the table has such rows.
void add_queries(const EvaluationRow& row, Json& cells) {
  const RowMeasure* const queries = row.find("mean_queries");
  if (queries != nullptr) cells["mean_queries"] = result_cell(queries->value);
}

/// Of the measures that are called wins_MEMBER.
std::string wins_of(const EvaluationRow& row) {
  constexpr std::string_view kPrefix = "wins_";
  std::vector<std::pair<std::string, double>> shares;
  for (const RowMeasure& measure : row.measures) {
    if (!measure.name.starts_with(kPrefix)) continue;
    shares.emplace_back(measure.name.substr(kPrefix.size()), measure.value);
  }
  return wins_text(std::move(shares));
}

/// \param as  its name in the row; "": its own
void take(const EvaluationRow& from, const char* name, WorstCaseRow& into, const char* as = "") {
  const RowMeasure* const measure = from.find(name);
  RowMeasure taken = measure == nullptr ? RowMeasure{} : *measure;
  taken.name = *as == '\0' ? name : as;
  into.measures.push_back(std::move(taken));
}

}  // namespace

Block parse_block(std::string_view name) {
  for (const Block block : {Block::kMosBefore, Block::kMosAfter, Block::kBeforeAfter}) {
    if (block_name(block) == name) return block;
  }
  throw Error(ErrorKind::kInternal, {"no block of measures is called '" + std::string(name) + "'",
                                     "", "the results were written by another version of robiq"});
}

const RowMeasure* MeasuredRow::find(const std::string& name) const {
  const auto it = std::find_if(measures.begin(), measures.end(),
                               [&](const RowMeasure& measure) { return measure.name == name; });
  return it == measures.end() ? nullptr : &*it;
}

ResultColumns<EvaluationRow> EvaluationRow::columns() {
  using R = EvaluationRow;
  ResultColumns<R> columns;
  columns
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData)
      .add("attack", &R::attack, Shown::kData)
      .add("attack", &R::attack_title, Shown::kTable)
      .add("options", &R::options, Shown::kData)
      .add("level", &R::level)
      .add("block", [](const R& row) { return std::string(block_name(row.block)); })
      .add("n", &R::n)
      .add_cells(add_measures, Shown::kData)
      .add_cells(add_table_measures, Shown::kTable)
      .add_cells(add_queries, Shown::kTable)
      .add_cells(add_strength)
      .add_cells(add_search, Shown::kData)
      .add("scale", &R::scale, Shown::kData)
      .add("native_scale", &R::native_scale, Shown::kData);
  return columns;
}

ResultColumns<WorstCaseRow> WorstCaseRow::columns() {
  using R = WorstCaseRow;
  ResultColumns<R> columns;
  columns.add("attack", &R::attack)
      .add("options", &R::options)
      .add_cells([](const R& row, Json& cells) {
        for (const RowMeasure& measure : row.measures) {
          cells[measure.name] = result_cell(measure.value);
        }
      })
      .add("wins", &R::wins);
  return columns;
}

std::vector<WorstCaseRow> worst_case_rows(const std::vector<EvaluationRow>& rows) {
  std::vector<WorstCaseRow> worst;
  for (const EvaluationRow& after : rows) {
    if (after.find("srocc_rank") == nullptr) continue;
    WorstCaseRow& line = worst.emplace_back();
    line.attack = after.attack;
    line.options = after.options;
    for (const char* name : {"worst_case_rmse", "srocc_rank", "srocc_min", "krocc"}) {
      take(after, name, line);
    }
    for (const EvaluationRow& change : rows) {
      if (change.attack != after.attack || change.block != Block::kBeforeAfter ||
          change.options != after.options) {
        continue;
      }
      take(change, "change_mean", line);
      take(change, "rmse", line, "change_rmse");
      take(change, "r", line);
      take(change, "irs_change", line);
      line.wins = wins_of(change);
    }
  }
  return worst;
}

std::string wins_text(std::vector<std::pair<std::string, double>> shares) {
  std::erase_if(shares, [](const auto& member) { return !(member.second > 0); });
  std::stable_sort(shares.begin(), shares.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [member, share] : shares) {
    parts.push_back(fmt::format("{} {:.0f} %", member, 100 * share));
  }
  return join(parts, ", ");
}

void name_attacks_of(const std::vector<MeasuredRow*>& rows) {
  std::map<std::string, std::set<Parts>> of_name;
  for (const MeasuredRow* row : rows) of_name[row->attack].insert(parts_of(*row));
  for (MeasuredRow* row : rows) {
    const std::set<Parts>& all = of_name.at(row->attack);
    row->attack_title = row->attack;
    for (const std::string& part : parts_of(*row)) {
      const bool shared =
          std::all_of(all.begin(), all.end(), [&](const Parts& parts) { return has(parts, part); });
      if (!shared) row->attack_title += " " + part;
    }
  }
}

void add_table_measures(const MeasuredRow& row, Json& cells) {
  for (const char* name : {"rmse", "srocc", "krocc", "plcc", "r"}) {
    const RowMeasure* const measure = row.find(name);
    cells[name] = measure == nullptr ? Json() : result_cell(measure->value);
  }
}

}  // namespace robiq
