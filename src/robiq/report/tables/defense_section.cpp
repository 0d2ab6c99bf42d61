#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/subject_facts.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

Table headed_defenses(const TableSource& source, const MeasuredSet& set,
                      const std::vector<Situation>& attacks) {
  return {set.table_id("defenses"),
          source.caption("Defenses: accuracy, gain of the attacks, cost", set, attacks),
          {{"Model", {"model"}},
           {"Training", {"training"}},
           {"Purifier", {"purifier"}},
           {"Attacks know it", {"adaptive"}},
           {"clean ↑", {"srocc_clean"}, "SROCC"},
           {"attacked ↑", {"srocc_attacked"}, "SROCC"},
           {"defended ↓", {"gain"}, "Gain"},
           {"from undefended ↓", {"robust_gain"}, "Gain"},
           {"Similarity ↑", {"similarity"}},
           {"purifier, s ↓", {"purifier_seconds"}, "Cost"},
           {"training, min ↓", {"training_minutes"}, "Cost"}},
          {},
          {}};
}

Row defense_row(const TableSource& source, const std::vector<Situation>& attacks,
                const Subject& subject) {
  const DefendedName name = DefendedName::parse(subject.model);
  const DefenseNumbers numbers = defense_numbers(source.evidence(), attacks, subject);
  const int srocc = measure_style("srocc").decimals;
  const bool behind = !name.purifier.empty();
  const auto cell = [](const Statistic& value, int decimals) -> Cell {
    return {{value_of(value, decimals)}};
  };
  return {{word(source.titles().model(without_purifier(subject))),
           word(source.titles().defense(subject)), word(behind ? name.purifier : "none"),
           word(!behind         ? ""
                : name.adaptive ? "yes"
                                : "not adaptive"),
           cell(numbers.clean_srocc, srocc), cell(numbers.attacked_srocc, srocc),
           cell(numbers.gain, 2), cell(numbers.robust_gain, 2), cell(numbers.similarity, 3),
           cell(numbers.seconds, 4), number(numbers.minutes, 1)},
          source.titles().about(subject),
          false};
}

/// In each column of numbers the best of a model's rows. Numbers of attacks that do not know the
/// purifier flatter, and are never the best.
void mark_best_defenses(Table& table) {
  constexpr std::size_t kFirst = 4, kSroccs = 6, kGains = 8, kAdaptive = 3;
  std::map<std::string, std::vector<Row*>> by_model;
  for (Row& row : table.rows) {
    const auto& word_of = [&](std::size_t c) {
      return std::get<std::string>(row.cells.at(c).values[0].value);
    };
    if (word_of(kAdaptive) != "not adaptive") by_model[word_of(0)].push_back(&row);
  }
  for (const auto& [model, rows] : by_model) {
    for (std::size_t c = kFirst; c < kGains; ++c) {
      std::vector<Value*> values;
      for (Row* row : rows) values.push_back(&row->cells.at(c).values[0]);
      mark_best(values, c >= kSroccs);
    }
  }
}

Table defense_table(const TableSource& source, const MeasuredSet& set) {
  const std::vector<Situation> attacks =
      common_attacks(source.evidence(), set.name, set.subjects, "rmse");
  Table table = headed_defenses(source, set, attacks);
  for (const Subject& subject : set.subjects) {
    table.rows.push_back(defense_row(source, attacks, subject));
  }
  mark_best_defenses(table);
  table.notes = {
      "Means over the attacks that every row was measured under. Gain: mean |change of score| in "
      "points of 0..100, from the defended score of the clean picture, or from its score without "
      "the purifier (not known of the worst case). Similarity: SSIM + PSNR/40 of the clean picture "
      "and the attacked one after "
      "the purifier. Seconds: of the purifier, for one picture."};
  const bool unaware =
      std::any_of(set.subjects.begin(), set.subjects.end(),
                  [](const auto& subject) { return !DefendedName::parse(subject.model).adaptive; });
  if (unaware) {
    table.notes.emplace_back(
        "Not adaptive: the attacks were made on the model without its purifier. Such numbers "
        "flatter the purifier; an attacker who knows it does better.");
  }
  add_notes(table, source.general_notes(set, attacks));
  return table;
}

Table certificate_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("certificates"),
              source.caption("Certificates of the smoothed score", set),
              {{"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Certified ↑", {"certified_share"}},
               {"Width ↓", {"certified_width"}},
               {"SROCC ↑", {"certified_srocc"}},
               {"RMSE, worst case ↓", {"certified_worst_rmse"}}},
              {},
              {}};
  for (const Subject& subject : set.subjects) {
    const auto value = [&](const char* measure, int decimals) -> Cell {
      return {{value_of(source.clean(set.name, subject, measure), decimals)}};
    };
    const About about = source.titles().about(subject);
    table.rows.push_back({{word(about.model), word(about.defense), value("certified_share", 3),
                           value("certified_width", 2), value("certified_srocc", 4),
                           value("certified_worst_rmse", 2)},
                          about,
                          false});
  }
  table.notes = {
      "Certified: share of the pictures whose interval has both ends. The interval holds for the "
      "smoothed score, which is the median under noise, and for every change up to the l2 radius. "
      "Width and RMSE in points of 0..100; a missing end counts as the end of the scale."};
  add_notes(table, source.measure_notes(set.name, {kCleanBlock.name}, "certified_share"));
  add_notes(table, set.seeds_notes);
  return table;
}

}  // namespace

Section defense_section(const TableSource& source) {
  Section section{"defenses",
                  "Defenses",
                  "What a defense keeps of the accuracy on clean pictures, how far attacks still "
                  "move the score, and what it costs.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    if (!set.attacks.empty() && has_defenses(set.subjects)) {
      section.blocks.push_back(defense_table(source, set));
    }
    section.blocks.push_back(certificate_table(source, set));
  }
  return section;
}

}  // namespace robiq
