#include <algorithm>
#include <array>
#include <cmath>

#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr std::array kComparedBlocks{kCleanBlock, kAfterBlock, kBeforeAfterBlock};

/// What the runs have in common is found by titles: a +NT twin of one run stands beside that of
/// another, also when their weights differ.
using NamedSubject = std::pair<std::string, std::string>;  // model, defense

std::vector<NamedSubject> named_subjects(const TableSource& source, const MeasuredSet& set) {
  std::vector<NamedSubject> names;
  for (Subject subject : set.subjects) {
    subject.run.clear();
    const NamedSubject name{source.titles().model(subject), source.titles().defense(subject)};
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

const Subject* subject_of(const TableSource& source, const MeasuredSet& set, const std::string& run,
                          const NamedSubject& name) {
  for (const Subject& subject : set.subjects) {
    const Subject unnamed{"", subject.model, subject.defense};
    if (subject.run == run && source.titles().model(unnamed) == name.first &&
        source.titles().defense(unnamed) == name.second) {
      return &subject;
    }
  }
  return nullptr;
}

struct Place {
  const MeasuredSet* set;
  const Situation* attack;  ///< nullptr: clean pictures
  NamedSubject name;
  const char *block, *block_title;
};

Statistic value_at(const TableSource& source, const Place& place, const std::string& run,
                   const std::string& measure) {
  const Subject* const subject = subject_of(source, *place.set, run, place.name);
  if (subject == nullptr) return {};
  if (place.attack == nullptr) return source.clean(place.set->name, *subject, measure);
  return source.evidence().find({*place.attack, *subject, place.block, measure});
}

void add_rows(const TableSource& source, const Place& place, Table& table) {
  const std::string attack =
      place.attack == nullptr ? "Clean" : source.titles().attack(*place.attack);
  for (const MeasureStyle& style : measure_styles(true)) {
    Row row{{word(attack), word(place.name.first), word(place.name.second), word(place.block_title),
             word(style.with_arrow())},
            {place.name.first, place.name.second, place.attack == nullptr ? "" : attack},
            false};
    double first = ScoreRow::kNone;
    bool measured = false;
    for (const std::string& run : source.evidence().compared) {
      const Statistic value = value_at(source, place, run, style.name);
      measured = measured || value.count > 0;
      row.cells.push_back({{value_of(value, style.decimals)}});
      if (run == source.evidence().compared.front()) {
        first = value.mean;
      } else {
        row.cells.push_back(number(value.mean - first, style.decimals));
      }
    }
    if (measured) table.rows.push_back(std::move(row));
  }
}

Table compare_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("compare"),
              source.caption("Runs side by side", set, set.attacks),
              {{"Attack", {"attack"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Between", {"block"}},
               {"Measure", {"measure"}}},
              {},
              {}};
  const std::string& first = source.evidence().compared.front();
  for (const std::string& run : source.evidence().compared) {
    table.columns.push_back({run, {run}});
    if (run != first)
      table.columns.push_back({"minus " + first, {run + " minus " + first}, "", {}});
  }
  for (const NamedSubject& name : named_subjects(source, set)) {
    add_rows(source, {&set, nullptr, name, kComparedBlocks[0].name, kComparedBlocks[0].title},
             table);
  }
  for (const Situation& attack : set.attacks) {
    for (const NamedSubject& name : named_subjects(source, set)) {
      for (std::size_t b = 1; b < kComparedBlocks.size(); ++b) {
        add_rows(source, {&set, &attack, name, kComparedBlocks[b].name, kComparedBlocks[b].title},
                 table);
      }
    }
  }
  table.notes = {"minus: the difference from the column of " + first + "."};
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

}  // namespace

Section compare_section(const TableSource& source) {
  Section section{"compare",
                  "Runs side by side",
                  "The same model, defense and attack in every run; a defense of the same name "
                  "may have another weight, as its run says.",
                  {}};
  if (source.evidence().compared.empty()) return section;
  for (const MeasuredSet& set : source.sets()) {
    section.blocks.push_back(compare_table(source, set));
  }
  return section;
}

}  // namespace robiq
