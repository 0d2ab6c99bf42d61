#include "robiq/app/attack/evaluation_strengths.h"

#include <utility>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

using Key = EvaluationStrengths::Key;

std::optional<FoundStrength> stored_strength(const ResultsStore& store, const Key& key,
                                             const NamedAttack& attack) {
  std::vector<MeasureRow> kept = store.measures(key.run);
  std::erase_if(kept, [&](const MeasureRow& row) {
    return row.model != key.model || row.attack != attack.name ||
           row.attack_options != attack.options;
  });
  return strength_in(kept);
}

void store_strength(const EvaluationSubject& subject, const Key& key, const NamedAttack& attack,
                    const FoundStrength& found, ResultsStore& store) {
  const ScoreRow like = subject.row_of(*attack.attack, AttackedPicture{});
  std::vector<MeasureRow> rows = strength_measures(found);
  for (MeasureRow& row : rows) {
    row.run = key.run;
    row.model = key.model;
    row.dataset = key.dataset;
    row.attack = attack.name;
    row.attack_options = attack.options;
    row.level = like.level;
    row.surrogate = like.surrogate;
  }
  store.add(rows);
}

void store_doubts(std::vector<FlagRow> flags, const Key& key, ResultsStore& store) {
  for (FlagRow& flag : flags) {
    log::warning("{} ({}): {}", flag.flag, flag.attack, flag.text);
    flag.run = key.run;
    flag.model = key.model;
  }
  store.add(flags);
}

}  // namespace

EvaluationStrengths::EvaluationStrengths(std::string align)
    : align_(std::move(align)), target_(parse_alignment(align_)) {}

void EvaluationStrengths::add(const std::string& text, NamedAttack& attack) {
  if (!target_) return;
  alignable_.emplace_back(text, "--attack");
  attack.options = alignable_.back().key(*target_).stored();
  attack.folder = bounded_stem_of(attack.folder + "-align-" + align_);
}

void EvaluationStrengths::find(const EvaluationSubject& subject, const AlignedPictures& pictures,
                               const Key& key, ResultsStore& store,
                               std::vector<NamedAttack>& attacks) {
  for (std::size_t i = 0; i < alignable_.size(); ++i) {
    std::optional<FoundStrength> found = stored_strength(store, key, attacks[i]);
    if (!found) {
      found = find_strength(subject, attacks[i].name, alignable_[i], *target_, pictures);
      store_strength(subject, key, attacks[i], *found, store);
    }
    store_doubts(strength_flags(attacks[i].name, *target_, *found), key, store);
    found_.push_back(*std::move(found));
  }
  use(values(), attacks);
}

std::vector<double> EvaluationStrengths::values() const {
  std::vector<double> strengths;
  for (const FoundStrength& found : found_) strengths.push_back(found.strength);
  return strengths;
}

void EvaluationStrengths::use(const std::vector<double>& strengths,
                              std::vector<NamedAttack>& attacks) const {
  for (std::size_t i = 0; i < strengths.size(); ++i) {
    const std::string text = alignable_[i].text_at(strengths[i]);
    attacks[i].attack = Registry<Attack>::instance().make(parse_spec(text, "--align"), "--align");
  }
}

void EvaluationStrengths::add_to(std::vector<EvaluationRow>& rows,
                                 const std::vector<NamedAttack>& attacks) const {
  for (EvaluationRow& row : rows) {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const bool same = row.attack == attacks[i].name &&
                        row.options == AttackOptions::from_stored(attacks[i].options).text();
      if (same && row.block == Block::kBeforeAfter) row.strength = found_[i];
    }
  }
}

}  // namespace robiq
