#include <cmath>

#include "robiq/core/text/text.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

/// Sums over the pictures of one seed.
struct Spent {
  double pictures = 0, seconds = 0, forwards = 0, backwards = 0;
  void add(const PictureScore& score) {
    if (std::isnan(score.seconds)) return;
    ++pictures;
    seconds += score.seconds;
    forwards += score.forwards;
    backwards += score.backwards;
  }
};
using SpentBySeed = std::map<Trained, Spent>;

/// A mean of each seed, then over seeds.
Cell spent_cell(const SpentBySeed& spent, double Spent::*sum, int decimals) {
  std::vector<double> values;
  for (const auto& [trained, of_seed] : spent) {
    if (of_seed.pictures > 0) values.push_back(of_seed.*sum / of_seed.pictures);
  }
  return {{value_of(statistic_of(values), decimals)}};
}

/// Every machine that evaluated.
std::vector<std::string> device_notes(const Evidence& evidence) {
  std::set<std::string> devices;
  for (const auto& [run, folder, id] : evidence.runs) {
    if (run.kind == RunKind::kEvaluate && !run.device.empty()) devices.insert(run.device);
  }
  if (devices.empty()) return {};
  return {"Measured on " + join({devices.begin(), devices.end()}, "; ") + "."};
}

Table attack_cost_table(const TableSource& source, const MeasuredSet& set,
                        const std::map<std::pair<Situation, Subject>, SpentBySeed>& spent) {
  Table table{set.table_id("cost"),
              source.caption("What an attack costs a picture", set, set.attacks),
              {{"Attack", {"attack"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Seconds ↓", {"seconds"}},
               {"Forwards", {"forwards"}},
               {"Backwards", {"backwards"}},
               {"Queries", {"queries"}}},
              {},
              {}};
  for (const Situation& attack : set.attacks) {
    for (const Subject& subject : set.subjects) {
      const auto place = spent.find({attack, subject});
      if (place == spent.end()) continue;
      const About about = source.titles().about(subject, attack);
      table.rows.push_back(
          {{word(about.attack), word(about.model), word(about.defense),
            spent_cell(place->second, &Spent::seconds, 4),
            spent_cell(place->second, &Spent::forwards, 1),
            spent_cell(place->second, &Spent::backwards, 1),
            attack.card.score_only != 0 ? spent_cell(place->second, &Spent::forwards, 1)
                                        : number(ScoreRow::kNone, 1)},
           about,
           false});
    }
  }
  table.notes = {
      "Forwards and backwards count the model's passes; a perturbation that was made "
      "before, for all pictures, is not counted. Queries are the forward passes of attacks that "
      "see scores alone. A set of attacks is made at all its budgets together."};
  add_notes(table, device_notes(source.evidence()));
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

Table training_table(const TableSource& source) {
  Table table{"training",
              "What the trainings took",
              {{"Model", {"model"}},
               {"Defense", {"defense"}},
               {"Seed", {"seed"}},
               {"Device", {"device"}},
               {"Threads", {"threads"}},
               {"Seconds ↓", {"seconds"}}},
              {},
              {"From start to end; of a training that was interrupted and resumed, with the pause "
               "between."}};
  for (const auto& [run, folder, id] : source.evidence().runs) {
    const double seconds = run.seconds();
    if (run.kind != RunKind::kTrain || run.status != RunStatus::kFinished || std::isnan(seconds))
      continue;
    const About about = source.titles().about(trained_subject(run));
    table.rows.push_back({{word(about.model), word(about.defense), word(std::to_string(run.seed)),
                           word(run.device), word(std::to_string(run.threads)), number(seconds, 0)},
                          about,
                          false});
  }
  return table;
}

}  // namespace

Section cost_section(const TableSource& source) {
  Section section{"cost", "Cost", "", {}};
  std::map<std::pair<Situation, Subject>, SpentBySeed> spent;
  for (const auto& [key, found] : source.evidence().scores) {
    spent[{key.situation, key.trained.subject}][key.trained].add(found.row);
  }
  for (const MeasuredSet& set : source.sets()) {
    if (!set.attacks.empty()) section.blocks.push_back(attack_cost_table(source, set, spent));
  }
  section.blocks.push_back(training_table(source));
  return section;
}

}  // namespace robiq
