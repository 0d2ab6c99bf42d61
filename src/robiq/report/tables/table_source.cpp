#include "robiq/report/tables/table_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "robiq/core/text/text.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

/// The options that say how strong an attack is (the supplement's Table S3).
std::vector<std::string> strength_keys(const AttackRow& card) {
  return {"norm", "constraint", "steps", card.strength, "align"};
}

std::string counted(std::size_t least, std::size_t most) {
  if (least == most) return std::to_string(most);
  return std::to_string(least) + " to " + std::to_string(most);
}

std::string seeds_text(const std::set<std::string>& seeds) {
  constexpr std::size_t kListed = 5;
  if (seeds.empty()) return "";
  if (seeds.size() > kListed) return ", " + std::to_string(seeds.size()) + " seeds";
  return (seeds.size() == 1 ? ", seed " : ", seeds ") + join({seeds.begin(), seeds.end()}, ", ");
}

struct Range {
  std::size_t least = SIZE_MAX, most = 0;
  void add(std::size_t count) {
    least = std::min(least, count);
    most = std::max(most, count);
  }
};

}  // namespace

std::string MeasuredSet::table_id(const std::string& id) const {
  return place == 0 ? id : id + "-" + std::to_string(place + 1);
}

TableSource::TableSource(const Evidence& evidence, ReportSettings settings)
    : evidence_(evidence), settings_(std::move(settings)), titles_(evidence) {
  for (const std::string& name : evidence.datasets()) {
    MeasuredSet set;
    set.name = name;
    set.place = sets_.size();
    set.attacks = evidence.attacks(name);
    set.subjects = evidence.subjects(name);
    sort_subjects(set.subjects);
    set.twins = pair_models(set.subjects);
    count_pictures_and_seeds(set);
    sets_.push_back(std::move(set));
  }
}

void TableSource::count_pictures_and_seeds(MeasuredSet& set) const {
  std::map<std::pair<Situation, Trained>, std::size_t> pictures;
  for (const auto& [key, score] : evidence_.scores) {
    if (key.situation.dataset == set.name) ++pictures[{key.situation, key.trained}];
  }
  Range counts;
  std::set<std::string> seeds;
  for (const auto& [key, count] : pictures) counts.add(count);
  std::map<Subject, Range> by_subject;
  Range all;
  for (const auto& [key, by_seed] : evidence_.measures) {
    if (key.situation.dataset != set.name) continue;
    by_subject[key.subject].add(by_seed.size());
    all.add(by_seed.size());
    for (const auto& [seed, found] : by_seed) {
      if (!seed.empty()) seeds.insert(seed);
    }
  }
  set.circumstances = with_short_numbers(set.name);
  if (counts.most > 0) set.circumstances += ", " + counted(counts.least, counts.most) + " pictures";
  set.circumstances += seeds_text(seeds) + ".";
  if (all.most > 1) {
    set.seeds_notes.emplace_back("±: standard deviation over seeds.");
  }
  if (all.most == 0 || all.least == all.most) return;
  std::vector<std::string> parts;
  for (const Subject& subject : set.subjects) {
    const auto range = by_subject.find(subject);
    if (range == by_subject.end()) continue;
    parts.push_back(titles_.model(subject) + " " + titles_.defense(subject) + ": " +
                    counted(range->second.least, range->second.most));
  }
  set.seeds_notes.push_back("The seeds differ in number. " + join(parts, "; ") + ".");
}

Statistic TableSource::clean(const std::string& dataset, const Subject& subject,
                             const std::string& measure) const {
  Statistic value;
  for (const auto& [key, found] : evidence_.measures) {
    if (key.situation.dataset != dataset || key.subject != subject || key.block != "mos_before" ||
        key.measure != measure) {
      continue;
    }
    value = evidence_.find(key);
    if (key.situation.clean()) break;
  }
  value.refused = false;  // a flag is about the attack
  return value;
}

std::string TableSource::caption(const std::string& what, const MeasuredSet& set,
                                 const std::vector<Situation>& attacks) const {
  constexpr std::size_t kListed = 8;
  std::string text = what + ". " + set.circumstances;
  if (attacks.empty() || attacks.size() > kListed) return text;
  std::vector<std::string> parts;
  for (const Situation& attack : attacks) {
    std::string part = titles_.attack(attack);
    for (const std::string& key : strength_keys(attack.card)) {
      const std::string option = key + "=" + with_short_numbers(attack.options.value(key));
      const bool known = !option.ends_with('=') && part.find(option) == std::string::npos;
      if (known) part += " " + option;
    }
    parts.push_back(part);
  }
  return text + " " + join(parts, "; ") + ".";
}

std::vector<std::string> TableSource::asterisk_notes(const std::vector<Situation>& attacks) const {
  if (std::none_of(attacks.begin(), attacks.end(), is_black_box)) return {};
  return {
      "*: a black box: it knows another model in place of the attacked one, or nothing but scores, "
      "or "
      "no model at all."};
}

void TableSource::add_refusals(const MeasuredSet& set, const std::vector<Situation>& attacks,
                               std::vector<std::string>& notes) const {
  for (const Situation& attack : attacks) {
    std::vector<std::string> models;
    for (const Subject& subject : set.subjects) {
      if (!evidence_.refused.contains({attack, subject})) continue;
      models.push_back(titles_.model(subject) + " " + titles_.defense(subject));
    }
    if (models.empty()) continue;
    notes.push_back(titles_.attack(attack) +
                    " (refused): a flag says that it was too weak to judge " + join(models, ", ") +
                    ". Its numbers are no evidence of robustness (the table " +
                    set.table_id("worst") + " of a whole report says why).");
  }
}

std::vector<std::string> TableSource::general_notes(const MeasuredSet& set,
                                                    const std::vector<Situation>& attacks) const {
  std::vector<std::string> notes = asterisk_notes(attacks);
  add_refusals(set, attacks, notes);
  notes.insert(notes.end(), set.seeds_notes.begin(), set.seeds_notes.end());
  return notes;
}

std::vector<std::string> TableSource::measure_notes(const std::string& dataset,
                                                    const std::vector<std::string>& blocks,
                                                    const std::string& measure) const {
  constexpr std::size_t kListed = 6;
  std::map<std::string, std::map<std::string, std::set<std::string>>> about;  // places and seeds
  for (const auto& [key, by_seed] : evidence_.measures) {
    if (key.situation.dataset != dataset || key.measure != measure ||
        std::find(blocks.begin(), blocks.end(), key.block) == blocks.end()) {
      continue;
    }
    for (const auto& [seed, found] : by_seed) {
      if (found.row.note.empty()) continue;
      std::string place = titles_.model(key.subject) + " " + titles_.defense(key.subject);
      if (!key.situation.clean()) place += " under " + titles_.attack(key.situation);
      std::set<std::string>& seeds = about[found.row.note][place];
      if (by_seed.size() > 1) seeds.insert(seed);
    }
  }
  std::vector<std::string> notes;
  for (const auto& [note, places] : about) {
    std::vector<std::string> parts;
    for (const auto& [place, seeds] : places) {
      if (parts.size() == kListed) break;
      parts.push_back(place);
      if (!seeds.empty()) parts.back() += ", seed " + join({seeds.begin(), seeds.end()}, ", ");
    }
    if (places.size() > kListed) {
      parts.push_back("and " + std::to_string(places.size() - kListed) +
                      " more, which measures.csv names");
    }
    notes.push_back(note + ": " + join(parts, "; ") + ".");
  }
  return notes;
}

std::string TableSource::twin_heading(const ModelPair& twins) const {
  const std::string model = titles_.model(twins.base);
  if (twins.paired()) return model + "\nbase / " + titles_.defense(twins.defended);
  return twins.base.baseline() ? model : model + "\n" + titles_.defense(twins.base);
}

std::vector<std::string> TableSource::twin_keys(const std::string& prefix,
                                                const ModelPair& twins) const {
  const std::string start = prefix + "." + titles_.model(twins.base) + ".";
  std::vector<std::string> keys{start + titles_.defense(twins.base)};
  if (twins.paired()) keys.push_back(start + titles_.defense(twins.defended));
  return keys;
}

void add_notes(Table& table, const std::vector<std::string>& notes) {
  table.notes.insert(table.notes.end(), notes.begin(), notes.end());
}

bool has_numbers(const Table& table) {
  const auto is_number = [](const Value& value) {
    const auto* number = std::get_if<double>(&value.value);
    return number != nullptr && !std::isnan(*number);
  };
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const Row& row) {
    return !row.reference && std::any_of(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
      return std::any_of(cell.values.begin(), cell.values.end(), is_number);
    });
  });
}

}  // namespace robiq
