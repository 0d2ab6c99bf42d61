#include <map>

#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

using Key = std::pair<Situation, Subject>;

/// Mean |change| of the scores of each seed's pictures.
std::map<Key, Statistic> mean_changes(const Evidence& evidence) {
  std::map<Key, std::map<std::string, std::vector<double>>> changes;  // by seed
  for (const auto& [key, found] : evidence.scores) {
    const double change = found.row.change();
    if (key.situation.clean() || change != change) continue;
    changes[{key.situation, key.trained.subject}][key.trained.seed].push_back(change);
  }
  std::map<Key, Statistic> means;
  for (const auto& [key, by_seed] : changes) {
    std::vector<double> values;
    for (const auto& [seed, all] : by_seed) values.push_back(statistic_of(all).mean);
    means[key] = statistic_of(values);
    means[key].refused = evidence.refused.contains(key);
  }
  return means;
}

Table headed_summary(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("summary"),
              source.caption("Accuracy, and how far attacks move a score on average", set),
              {{"Model", {"model"}}, {"Defense", {"defense"}}, {"SROCC ↑", {"srocc"}, "Clean"}},
              {},
              {}};
  for (const Situation& attack : set.attacks) {
    const std::string title = source.titles().attack(attack);
    table.columns.push_back({title + " ↓",
                             {"mean_change." + title},
                             "Mean change of score under attack",
                             {"", "", title}});
  }
  return table;
}

/// In every column of numbers the best of each model's rows.
void mark_rows(Table& table) {
  constexpr std::size_t kFirst = 2;
  std::map<std::string, std::vector<Row*>> by_model;
  for (Row& row : table.rows) by_model[row.about.model].push_back(&row);
  for (const auto& [model, rows] : by_model) {
    for (std::size_t c = kFirst; c < table.columns.size(); ++c) {
      std::vector<Value*> values;
      for (Row* row : rows) values.push_back(&row->cells.at(c).values[0]);
      mark_best(values, c > kFirst);
    }
  }
}

Table summary_table(const TableSource& source, const MeasuredSet& set) {
  const MeasureStyle srocc = measure_style("srocc");
  const std::map<Key, Statistic> changes = mean_changes(source.evidence());
  Table table = headed_summary(source, set);
  for (const Subject& subject : set.subjects) {
    const About about = source.titles().about(subject);
    const Statistic clean = source.clean(set.name, subject, srocc.name);
    Row row{{word(about.model), word(about.defense), {{value_of(clean, srocc.decimals)}}},
            about,
            false};
    for (const Situation& attack : set.attacks) {
      const auto change = changes.find({attack, subject});
      const Statistic mean = change == changes.end() ? Statistic() : change->second;
      row.cells.push_back({{value_of(mean, 1)}});
    }
    table.rows.push_back(std::move(row));
  }
  mark_rows(table);
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

}  // namespace

Section summary_section(const TableSource& source) {
  Section section{"summary",
                  "At a glance",
                  "How well scores agree with MOS on clean pictures, and how far an attack moves "
                  "the score of a picture, on the scale 0..100. The best of a model's rows is "
                  "bold.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    if (!set.attacks.empty()) section.blocks.push_back(summary_table(source, set));
  }
  return section;
}

}  // namespace robiq
