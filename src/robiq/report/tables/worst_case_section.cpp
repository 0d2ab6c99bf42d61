#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/attack_sets.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// A measure of a set, and how its column looks.
struct WorstColumn {
  const char *title, *key, *block, *measure, *group;
  int decimals;
  bool smaller_is_better;
};

constexpr const char* kMosGroup = "MOS & worst case";
constexpr const char* kChangeGroup = "Clean score & worst case";
constexpr WorstColumn kWorstColumns[]{
    {"RMSE ↓", "mos_rmse", "mos_after", "worst_case_rmse", kMosGroup, 3, true},
    {"SROCC ↑", "mos_srocc_rank", "mos_after", "srocc_rank", kMosGroup, 4, false},
    {"SROCC, weakest member ↑", "mos_srocc_min", "mos_after", "srocc_min", kMosGroup, 4, false},
    {"KROCC ↑", "mos_krocc", "mos_after", "krocc", kMosGroup, 4, false},
    {"RMSE ↓", "change_rmse", "before_after", "rmse", kChangeGroup, 3, true},
    {"Mean change ↓", "change_mean", "before_after", "change_mean", kChangeGroup, 3, true},
    {"R ↑", "change_r", "before_after", "r", kChangeGroup, 3, false}};
constexpr WorstColumn kIntegralColumns[]{
    {"Mean change / 100 ↓", "change", "before_after", "irs_change", "", 4, true},
    {"The same, plain mean ↓", "change_mean", "before_after", "irs_change_mean", "", 4, true},
    {"RMSE to MOS ↓", "mos_rmse", "before_after", "irs_worst_case_rmse", "", 3, true},
    {"SROCC ↑", "mos_srocc_rank", "before_after", "irs_srocc_rank", "", 4, false},
    {"R ↑", "r", "before_after", "irs_r", "", 3, false}};
constexpr std::size_t kFirstNumber = 4;  ///< after attack, model, defense and budget

std::vector<Column> leading_columns() {
  return {{"Attack", {"attack"}},
          {"Model", {"model"}},
          {"Defense", {"defense"}},
          {"Budget", {"budget"}}};
}

/// What a row of one model under a set begins with.
Row leading_row(const TableSource& source, const AttackSet& set, const Subject& subject,
                const Situation& attack, const std::string& budget) {
  const About about = source.titles().about(subject, attack);
  return {
      {word(Titles::attack_name(set.common)), word(about.model), word(about.defense), word(budget)},
      about,
      false};
}

/// Of rows that differ in the model's defense alone the best numbers.
class BestOfRows {
 public:
  void add(Table& table, Row row, const std::string& budget) {
    places_[{row.about.model, row.about.attack, budget}].push_back(table.rows.size());
    table.rows.push_back(std::move(row));
  }
  template <std::size_t N>
  void mark(Table& table, const WorstColumn (&columns)[N]) const {
    for (const auto& [of, rows] : places_) {
      for (std::size_t c = 0; c < N; ++c) {
        std::vector<Value*> values;
        for (const std::size_t r : rows) {
          values.push_back(&table.rows[r].cells[kFirstNumber + c].values[0]);
        }
        mark_best(values, columns[c].smaller_is_better);
      }
    }
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<std::size_t>>
      places_;  ///< model, attack, budget
};

/// Columns and cells of measures, alike in every table of sets.
template <std::size_t N>
void add_columns(Table& table, const WorstColumn (&columns)[N]) {
  for (const WorstColumn& column : columns) {
    table.columns.push_back({column.title, {column.key}, column.group});
  }
}

template <std::size_t N>
void add_cells(const TableSource& source, const Situation& attack, const Subject& subject,
               const WorstColumn (&columns)[N], Row& row) {
  for (const WorstColumn& column : columns) {
    const Statistic value = source.evidence().find({attack, subject, column.block, column.measure});
    row.cells.push_back({{value_of(value, column.decimals)}});
  }
}

bool was_measured(const TableSource& source, const Subject& subject, const Situation& attack) {
  return source.evidence().find({attack, subject, "before_after", "change_mean"}).count > 0;
}

/// What the flags of a set say of each model.
std::vector<std::string> doubt_notes(const TableSource& source, const MeasuredSet& set,
                                     const std::vector<AttackSet>& attacks) {
  std::vector<std::string> notes;
  for (const AttackSet& attack : attacks) {
    for (const Subject& subject : set.subjects) {
      for (const std::string& text : doubts_about(source.evidence(), attack, subject).texts) {
        const About about = source.titles().about(subject);
        notes.push_back(about.model + " " + about.defense + ", " + text + ".");
      }
    }
  }
  return notes;
}

Table worst_table(const TableSource& source, const MeasuredSet& set,
                  const std::vector<AttackSet>& attacks) {
  Table table{set.table_id("worst"),
              source.caption("The worst case of every picture", set),
              leading_columns(),
              {},
              {}};
  add_columns(table, kWorstColumns);
  table.columns.push_back({"Flags", {"flags"}});
  BestOfRows best;
  for (const AttackSet& attack : attacks) {
    for (const auto& [budget, situation] : attack.budgets) {
      for (const Subject& subject : set.subjects) {
        if (!was_measured(source, subject, situation)) continue;
        const std::string text = situation.options.value("budget");
        Row row = leading_row(source, attack, subject, situation, text);
        add_cells(source, situation, subject, kWorstColumns, row);
        const SetDoubts doubts = doubts_about(source.evidence(), attack, subject, &situation);
        row.cells.push_back(word(doubts.names.empty() ? "none" : join(doubts.names, ", ")));
        best.add(table, std::move(row), text);
      }
    }
  }
  best.mark(table, kWorstColumns);
  table.notes = doubt_notes(source, set, attacks);
  add_notes(table, set.seeds_notes);
  return table;
}

/// The budgets that the integral scores beside one of them are over: what its evaluation noted
/// ("over 2, 4 levels"), or in older databases all at which the model was measured, up to that one.
std::string integral_budgets(const TableSource& source, const AttackSet& set,
                             const Subject& subject, const Situation& largest) {
  constexpr std::string_view kOver = "over ";
  const auto& measures = source.evidence().measures;
  const auto found = measures.find({largest, subject, "before_after", "irs_change"});
  if (found != measures.end() && !found->second.empty()) {
    const std::string& note = found->second.begin()->second.row.note;
    if (note.starts_with(kOver)) return note.substr(kOver.size());
  }
  std::vector<std::string> budgets;
  for (const auto& [budget, situation] : set.budgets) {
    if (was_measured(source, subject, situation)) {
      budgets.push_back(situation.options.value("budget"));
    }
    if (situation == largest) break;
  }
  return join(budgets, ", ");
}

Table integral_table(const TableSource& source, const MeasuredSet& set,
                     const std::vector<AttackSet>& attacks) {
  Table table{set.table_id("irs"),
              source.caption("Integral robustness scores", set),
              leading_columns(),
              {},
              {}};
  add_columns(table, kIntegralColumns);
  BestOfRows best;
  for (const AttackSet& attack : attacks) {
    for (const auto& [budget, largest] : attack.budgets) {
      for (const Subject& subject : set.subjects) {
        if (source.evidence().find({largest, subject, "before_after", "irs_change"}).count == 0) {
          continue;
        }
        const std::string budgets = integral_budgets(source, attack, subject, largest);
        Row row = leading_row(source, attack, subject, largest, budgets);
        add_cells(source, largest, subject, kIntegralColumns, row);
        best.add(table, std::move(row), budgets);
      }
    }
  }
  best.mark(table, kIntegralColumns);
  table.notes.emplace_back(
      "The mean of a measure over the budgets from 0 (the clean pictures) to the largest, by the "
      "trapezoid rule; R begins at the smallest budget. The plain mean is that over the budgets.");
  return table;
}

Table member_table(const TableSource& source, const MeasuredSet& set,
                   const std::vector<AttackSet>& attacks) {
  Table table{set.table_id("members"),
              source.caption("Share of pictures that each member of the set moved most, in %", set),
              leading_columns(),
              {},
              {}};
  std::vector<std::string> members;
  for (const AttackSet& attack : attacks) {
    members.insert(members.end(), attack.members.begin(), attack.members.end());
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  for (const std::string& member : members) table.columns.push_back({member, {"wins_" + member}});
  for (const AttackSet& attack : attacks) {
    for (const auto& [budget, situation] : attack.budgets) {
      for (const Subject& subject : set.subjects) {
        if (!was_measured(source, subject, situation)) continue;
        Row row =
            leading_row(source, attack, subject, situation, situation.options.value("budget"));
        for (const std::string& member : members) {
          Statistic share =
              source.evidence().find({situation, subject, "before_after", kWinsMeasure + member});
          constexpr double kPercent = 100;
          share.mean *= kPercent;
          share.deviation *= kPercent;
          row.cells.push_back({{value_of(share, 1)}});
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  table.notes.emplace_back(
      "A picture within one budget is also within a larger one, and counts for the member that "
      "made it. Pictures that nothing moved count for none.");
  return table;
}

}  // namespace

Section worst_case_section(const TableSource& source) {
  Section section{
      "worst",
      "The worst case",
      "Every picture counts with what moved its score most, over a fixed set of attacks. RMSE to "
      "MOS takes the score that is farthest from MOS; SROCC is the smallest that was found for any "
      "choice of the scores that were reached. Where a flag refuses the headline, the attacks were "
      "weaker than the model deserves, and its numbers say nothing of its robustness.",
      {}};
  for (const MeasuredSet& set : source.sets()) {
    const std::vector<AttackSet> attacks = attack_sets(source.evidence(), set.name);
    if (attacks.empty()) continue;
    section.blocks.push_back(worst_table(source, set, attacks));
    section.blocks.push_back(integral_table(source, set, attacks));
    section.blocks.push_back(member_table(source, set, attacks));
  }
  return section;
}

}  // namespace robiq
