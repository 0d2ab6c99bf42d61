#include "robiq/app/tools/demo_rows.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace robiq {
namespace {

const char* words_for(Block block) {
  switch (block) {
    case Block::kMosBefore:
      return "MOS and score";
    case Block::kMosAfter:
      return "MOS and score after";
    case Block::kBeforeAfter:
      break;
  }
  return "score before and after";
}

}  // namespace

nlohmann::ordered_json measures_of(const std::vector<EvaluationRow>& rows) {
  auto measures = nlohmann::ordered_json::array();
  for (const EvaluationRow& row : rows) {
    const std::string attack = row.block == Block::kMosBefore ? "none (clean)" : row.attack_title;
    for (const char* name : {"srocc", "krocc", "plcc", "rmse", "r"}) {
      const RowMeasure* const measure = row.find(name);
      if (measure == nullptr) continue;
      measures.push_back({attack, words_for(row.block), name, measure->value});
    }
  }
  return measures;
}

std::vector<DemoRow> side_by_side(const nlohmann::ordered_json& base,
                                  const nlohmann::ordered_json& nt) {
  // JSON has null for what is not finite.
  const auto value_of = [](const nlohmann::ordered_json& measure) {
    return measure[3].is_null() ? std::numeric_limits<double>::quiet_NaN()
                                : measure[3].get<double>();
  };
  std::vector<DemoRow> table;
  for (const nlohmann::ordered_json& measure : base) {
    const auto same = std::find_if(nt.begin(), nt.end(), [&](const nlohmann::ordered_json& other) {
      return measure[0] == other[0] && measure[1] == other[1] && measure[2] == other[2];
    });
    if (same == nt.end()) continue;
    table.push_back({measure[0].get<std::string>(), measure[1].get<std::string>(),
                     measure[2].get<std::string>(), value_of(measure), value_of(*same)});
  }
  return table;
}

ResultColumns<DemoRow> DemoRow::columns() {
  using R = DemoRow;
  ResultColumns<R> columns;
  columns.add("attack", &R::attack)
      .add("between", &R::between)
      .add("measure", &R::measure)
      .add("base", &R::base)
      .add("nt", &R::nt);
  return columns;
}

}  // namespace robiq
