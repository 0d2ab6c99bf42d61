#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr std::array kLambdaBlocks{kCleanBlock, kAfterBlock, kBeforeAfterBlock};

/// A defense that some models were trained with at two strengths or more.
struct Sweep {
  DefenseStrength strength;       ///< of any of its twins: what it is called
  std::vector<Subject> subjects;  ///< these models' baselines and twins
};

/// By the defense's name.
std::map<std::string, Sweep> sweeps_of(const MeasuredSet& set) {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::set<double>>> values;
  std::map<std::string, Sweep> sweeps;
  for (const Subject& subject : set.subjects) {
    const DefenseStrength strength = strength_of(subject);
    if (!strength.known() || !(strength.value > 0)) continue;
    values[defense_name(subject)][{subject.model, subject.run}].insert(strength.value);
    sweeps[defense_name(subject)].strength = strength;
  }
  for (auto& [name, sweep] : sweeps) {
    for (const Subject& subject : set.subjects) {
      const bool belongs = subject.baseline() || defense_name(subject) == name;
      const auto found = values[name].find({subject.model, subject.run});
      if (belongs && found != values[name].end() && found->second.size() > 1) {
        sweep.subjects.push_back(subject);
      }
    }
  }
  std::erase_if(sweeps, [](const auto& sweep) { return sweep.second.subjects.empty(); });
  return sweeps;
}

Row lambda_row(const TableSource& source, const MeasuredSet& set, const Situation& attack,
               const Subject& subject) {
  const About about = source.titles().about(subject, attack);
  Row row{{word(about.attack), word(about.model), word(strength_text(subject))}, about, false};
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

/// The best strength for one model under one attack, for each number.
void mark_rows(std::vector<Row>& rows, std::size_t first) {
  for (std::size_t c = 3; first < rows.size() && c < rows[first].cells.size(); ++c) {
    std::vector<Value*> values;
    for (std::size_t r = first; r < rows.size(); ++r) {
      values.push_back(&rows[r].cells[c].values[0]);
    }
    mark_best(values, (c - 3) % 2 == 1);
  }
}

/// \param number  of the table among all of the section
Table lambda_table(const TableSource& source, const MeasuredSet& set, std::size_t number,
                   const Sweep& sweep) {
  const DefenseStrength& strength = sweep.strength;
  Table table{number == 0 ? "lambda" : "lambda-" + std::to_string(number + 1),
              source.caption("The " + strength.text() + ", clean and attacked", set, set.attacks),
              {{"Attack", {"attack"}}, {"Model", {"model"}}, {strength.sign(), {strength.option}}},
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
    for (const Subject& subject : sweep.subjects) {
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
  std::map<std::string, DefenseStrength> swept;
  for (const MeasuredSet& set : source.sets()) {
    for (const auto& [name, sweep] : sweeps_of(set)) swept[name] = sweep.strength;
  }
  const bool only = swept.size() == 1;
  const DefenseStrength first = only ? swept.begin()->second : DefenseStrength{};
  Section section{"lambda",
                  only ? "The " + first.option + " of " + first.title : "The strength of defenses",
                  (only ? first.sign() + " = 0" : std::string("0")) +
                      " is the baseline. The best of a model's rows under one attack is bold.",
                  {}};
  std::size_t number = 0;  // of a table: by defense, then by data set
  for (const auto& [name, strength] : swept) {
    for (const MeasuredSet& set : source.sets()) {
      const auto sweeps = sweeps_of(set);
      const auto sweep = sweeps.find(name);
      if (sweep != sweeps.end() && !set.attacks.empty()) {
        section.blocks.push_back(lambda_table(source, set, number, sweep->second));
      }
      ++number;
    }
  }
  return section;
}

}  // namespace robiq
