#include "robiq/report/sections.h"
#include "robiq/report/twins.h"

namespace robiq {
namespace {

struct MeasuredBlock {
  std::string name, id, title;
  bool with_r;
};

const std::vector<MeasuredBlock>& blocks() {
  static const std::vector<MeasuredBlock> kBlocks{
      {"mos_after", "robustness-mos-after", "MOS & score after attack", false},
      {"before_after", "robustness-before-after", "Score before & after attack", true}};
  return kBlocks;
}

/// What the measures say about themselves, e.g. why one is undefined.
std::vector<std::string> measure_notes(const Evidence& evidence, const std::string& block,
                                       const std::string& dataset,
                                       const std::vector<Situation>& attacks) {
  std::vector<std::string> notes;
  for (const auto& [key, by_seed] : evidence.measures) {
    const Situation& attack = key.situation;
    if (key.block != block || attack.dataset != dataset || attack.clean()) continue;
    for (const auto& [seed, found] : by_seed) {
      if (found.row.note.empty()) continue;
      notes.push_back(key.measure + " of " + key.subject.model + " (defense " +
                      key.subject.defense + (seed.empty() ? "" : ", seed " + seed) + ") under " +
                      attack_label(attack, attacks) + ": " + found.row.note);
    }
  }
  return notes;
}

Table robustness_table(const Evidence& evidence, const MeasuredBlock& block,
                       const std::string& dataset, std::size_t index) {
  Table table{table_id(block.id, index),
              block.title + ", " + dataset + ": base / +NT",
              {{"Attack", {"attack"}}, {"Model", {"model"}}, {"Defense", {"defense"}}},
              {},
              {}};
  const std::vector<MeasureStyle> styles = measure_styles(block.with_r);
  for (const MeasureStyle& style : styles) table.columns.push_back(twin_column(style));
  const std::vector<Situation> attacks = evidence.attacks(dataset);
  for (const Situation& attack : attacks) {
    for (const Twins& twins : pair_twins(evidence.subjects(dataset))) {
      std::vector<Cell> row{word(attack_label(attack, attacks)), word(twins.base.model),
                            word(twins.defense())};
      for (const MeasureStyle& style : styles) {
        const auto value = [&](const Subject& subject) {
          return evidence.find({attack, subject, block.name, style.name});
        };
        row.push_back(
            twin_cell(value(twins.base), value(twins.nt), style.decimals, style.smaller_is_better));
      }
      table.rows.push_back({std::move(row), {}, false});
    }
  }
  table.notes = attack_notes(attacks);
  const std::vector<std::string> notes = measure_notes(evidence, block.name, dataset, attacks);
  table.notes.insert(table.notes.end(), notes.begin(), notes.end());
  return table;
}

}  // namespace

Section robustness_section(const Evidence& evidence) {
  Section section{"robustness",
                  "Robustness",
                  "Scores and MOS are on the scale 0..100. \"After\" is the score of the attacked "
                  "picture before it is rounded to 8 bits. An arrow points to where a model is "
                  "harder to attack; the better of two is bold.",
                  {}};
  const std::vector<std::string> datasets = evidence.datasets();
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (evidence.attacks(datasets[i]).empty()) continue;
    for (const MeasuredBlock& block : blocks()) {
      section.blocks.push_back(robustness_table(evidence, block, datasets[i], i));
    }
  }
  if (section.blocks.empty()) section.text = "No attack was evaluated.";
  return section;
}

}  // namespace robiq
