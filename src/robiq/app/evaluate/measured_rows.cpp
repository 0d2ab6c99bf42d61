#include "robiq/app/evaluate/measured_rows.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/error.h"
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
      .add("scale", &R::scale, Shown::kData)
      .add("native_scale", &R::native_scale, Shown::kData);
  return columns;
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
