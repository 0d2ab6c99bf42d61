#include <cmath>
#include <numeric>

#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// Clean pictures of each seed.
Statistic picture_count(const Evidence& evidence, const std::string& dataset,
                        const Subject& subject) {
  std::map<Trained, double> counts;
  for (const auto& [key, score] : evidence.scores) {
    if (key.situation.dataset == dataset && key.situation.clean() &&
        key.trained.subject == subject) {
      ++counts[key.trained];
    }
  }
  std::vector<double> values;
  for (const auto& [trained, count] : counts) values.push_back(count);
  return statistic_of(values);
}

Table clean_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("clean"),
              source.caption("MOS and the scores of clean pictures", set),
              {{"Model", {"model"}}, {"Defense", {"defense"}}, {"Pictures", {"pictures"}}},
              {},
              set.seeds_notes};
  std::vector<MeasureStyle> styles;
  for (const char* name : {"srocc", "plcc", "krocc", "rmse"}) {
    styles.push_back(measure_style(name));
    table.columns.push_back({styles.back().with_arrow(), {name}});
  }
  for (const Subject& subject : set.subjects) {
    const About about = source.titles().about(subject);
    const double pictures = picture_count(source.evidence(), set.name, subject).mean;
    Row row{{word(about.model), word(about.defense), number(pictures, 0)}, about, false};
    for (const MeasureStyle& style : styles) {
      const Statistic value = source.clean(set.name, subject, style.name);
      row.cells.push_back({{value_of(value, style.decimals)}});
    }
    table.rows.push_back(std::move(row));
  }
  std::map<std::string, std::vector<Row*>> by_model;
  for (Row& row : table.rows) by_model[row.about.model].push_back(&row);
  for (const auto& [model, rows] : by_model) {
    for (std::size_t s = 0; s < styles.size(); ++s) {
      std::vector<Value*> values;
      for (Row* row : rows) values.push_back(&row->cells.at(3 + s).values[0]);
      mark_best(values, styles[s].smaller_is_better);
    }
  }
  for (const MeasureStyle& style : styles) {
    add_notes(table, source.measure_notes(set.name, {"mos_before"}, style.name));
  }
  return table;
}

}  // namespace

Section clean_section(const TableSource& source) {
  Section section{"clean",
                  "Clean performance",
                  "MOS against the scores of the clean pictures, both on the scale 0..100. The "
                  "best of a model's rows is bold.",
                  {}};
  for (const MeasuredSet& set : source.sets()) section.blocks.push_back(clean_table(source, set));
  return section;
}

}  // namespace robiq
