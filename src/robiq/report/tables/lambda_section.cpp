#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "robiq/core/text/text.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr std::array kLambdaBlocks{kCleanBlock, kAfterBlock, kBeforeAfterBlock};

/// Baselines and +NT twins of the models that have two weights or more.
std::vector<Subject> swept_subjects(const MeasuredSet& set) {
  std::map<std::pair<std::string, std::string>, std::set<double>> weights;
  for (const Subject& subject : set.subjects) {
    const double weight = nt_weight(subject);
    if (weight > 0) weights[{subject.model, subject.run}].insert(weight);
  }
  std::vector<Subject> swept;
  for (const Subject& subject : set.subjects) {
    if (!std::isnan(nt_weight(subject)) && weights[{subject.model, subject.run}].size() > 1) {
      swept.push_back(subject);
    }
  }
  return swept;
}

Row lambda_row(const TableSource& source, const MeasuredSet& set, const Situation& attack,
               const Subject& subject) {
  const About about = source.titles().about(subject, attack);
  Row row{{word(about.attack), word(about.model), word(nt_weight_text(subject))}, about, false};
  for (const auto& [block, title] : kLambdaBlocks) {
    for (const char* measure : {"srocc", "rmse"}) {
      const Statistic value = block == std::string("mos_before")
                                  ? source.clean(set.name, subject, measure)
                                  : source.evidence().find({attack, subject, block, measure});
      row.cells.push_back({{value_of(value, measure_style(measure).decimals)}});
    }
  }
  return row;
}

/// The best weight of one model under one attack, for each number.
void mark_rows(std::vector<Row>& rows, std::size_t first) {
  for (std::size_t c = 3; first < rows.size() && c < rows[first].cells.size(); ++c) {
    std::vector<Value*> values;
    for (std::size_t r = first; r < rows.size(); ++r) {
      values.push_back(&rows[r].cells[c].values[0]);
    }
    mark_best(values, (c - 3) % 2 == 1);
  }
}

Table lambda_table(const TableSource& source, const MeasuredSet& set,
                   const std::vector<Subject>& subjects) {
  Table table{set.table_id("lambda"),
              source.caption("The weight λ of NT, clean and attacked", set, set.attacks),
              {{"Attack", {"attack"}}, {"Model", {"model"}}, {"λ", {"weight"}}},
              {},
              {}};
  for (const auto& [block, title] : kLambdaBlocks) {
    for (const char* measure : {"srocc", "rmse"}) {
      table.columns.push_back(
          {measure_style(measure).with_arrow(), {std::string(block) + "." + measure}, title, {}});
    }
  }
  for (const Situation& attack : set.attacks) {
    std::size_t first = table.rows.size();
    for (const Subject& subject : subjects) {
      Row row = lambda_row(source, set, attack, subject);
      if (first < table.rows.size() && table.rows[first].about.model != row.about.model) {
        mark_rows(table.rows, first);
        first = table.rows.size();
      }
      table.rows.push_back(std::move(row));
    }
    mark_rows(table.rows, first);
  }
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

}  // namespace

Section lambda_section(const TableSource& source) {
  Section section{"lambda",
                  "The weight of NT",
                  "λ = 0 is the baseline. The best of a model's rows under one attack is bold.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    const std::vector<Subject> subjects = swept_subjects(set);
    if (!subjects.empty() && !set.attacks.empty()) {
      section.blocks.push_back(lambda_table(source, set, subjects));
    }
  }
  return section;
}

}  // namespace robiq
