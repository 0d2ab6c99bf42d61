#include <algorithm>

#include "robiq/report/sections.h"
#include "robiq/report/twins.h"

namespace robiq {
namespace {

/// The clean rows where there are some; a model that was only attacked has the same numbers under
/// its attacks.
Statistic clean_value(const Evidence& evidence, const std::string& dataset, const Subject& subject,
                      const std::string& measure) {
  Statistic value;
  for (const auto& [key, found] : evidence.measures) {
    if (key.situation.dataset != dataset || key.subject != subject || key.block != "mos_before" ||
        key.measure != measure) {
      continue;
    }
    value = evidence.find(key);
    if (key.situation.attack == "none") break;
  }
  return value;
}

double picture_count(const Evidence& evidence, const std::string& dataset, const Subject& subject) {
  const auto pictures =
      std::count_if(evidence.scores.begin(), evidence.scores.end(), [&](const auto& entry) {
        const ScoreKey& key = entry.first;
        return key.situation.dataset == dataset && key.situation.clean() &&
               key.trained.subject == subject;
      });
  return pictures > 0 ? static_cast<double>(pictures) : ScoreRow::kNone;
}

/// Marks the best of each number among the rows of one model.
void mark_best(std::vector<Row*>& rows, std::size_t column, const MeasureStyle& style) {
  for (Row* row : rows) {
    Value& mine = row->cells.at(column).values[0];
    mine.best = rows.size() > 1;
    for (Row* other : rows) {
      if (other == row) continue;
      const double theirs = std::get<double>(other->cells.at(column).values[0].value);
      const Cell pair = twin_cell({std::get<double>(mine.value)}, {theirs}, style.decimals,
                                  style.smaller_is_better);
      mine.best = mine.best && pair.values[0].best;
    }
  }
}

Table clean_table(const Evidence& evidence, const std::string& dataset, std::size_t index) {
  Table table{table_id("clean", index),
              "Clean pictures of " + dataset,
              {{"Model", {"model"}}, {"Defense", {"defense"}}, {"Pictures", {"pictures"}}},
              {},
              {}};
  const std::vector<MeasureStyle> styles = measure_styles(false);
  for (const MeasureStyle& style : styles) table.columns.push_back({style.title, {style.name}});
  std::vector<Subject> subjects = evidence.subjects(dataset);
  std::stable_sort(subjects.begin(), subjects.end(), [](const Subject& a, const Subject& b) {
    const auto baseline_first = [](const Subject& s) {
      return std::make_pair(s.model, s.defense != "none");
    };
    return baseline_first(a) < baseline_first(b);
  });
  for (const Subject& subject : subjects) {
    std::vector<Cell> row{word(subject.model), word(subject.defense),
                          number(picture_count(evidence, dataset, subject), 0)};
    for (const MeasureStyle& style : styles) {
      const Statistic value = clean_value(evidence, dataset, subject, style.name);
      row.push_back({{{value.mean, style.decimals, false, value.deviation}}});
    }
    table.rows.push_back({std::move(row), {}, false});
  }
  std::map<std::string, std::vector<Row*>> by_model;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    by_model[subjects[i].model].push_back(&table.rows[i]);
  }
  for (auto& [model, rows] : by_model) {
    for (std::size_t s = 0; s < styles.size(); ++s) mark_best(rows, 3 + s, styles[s]);
  }
  return table;
}

}  // namespace

Section clean_section(const Evidence& evidence) {
  Section section{"clean",
                  "Clean performance",
                  "MOS against the scores of the clean pictures, both on the scale 0..100.",
                  {}};
  const std::vector<std::string> datasets = evidence.datasets();
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    section.blocks.push_back(clean_table(evidence, datasets[i], i));
  }
  return section;
}

}  // namespace robiq
