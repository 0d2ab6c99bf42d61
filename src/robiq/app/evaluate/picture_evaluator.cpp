#include "robiq/app/evaluate/picture_evaluator.h"

#include <algorithm>

#include "robiq/app/evaluate/measures/standard_rows.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/score/certificate_rows.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

/// Whether the picture's last row of the attack is there.
bool has_attack(const DoneScores& done, const std::string& id, const NamedAttack& attack) {
  const auto* const set = dynamic_cast<const RunsStandardSet*>(attack.attack.get());
  const std::string options =
      set != nullptr ? last_standard_options(set->standard_set()) : attack.options;
  return done.contains({id, attack.name + ":" + options});
}

}  // namespace

std::filesystem::path EvaluationPlace::pictures_of(const NamedAttack& attack) const {
  std::filesystem::path pictures = folder.artifacts(attack.folder);
  if (model != 1) pictures /= "model" + std::to_string(model);
  if (dataset != 0) pictures /= "data" + std::to_string(dataset + 1);
  return pictures;
}

void PictureEvaluator::add_attacked(const NamedAttack& attack, const Target& target,
                                    PictureRows& rows) const {
  if (dynamic_cast<const RunsStandardSet*>(attack.attack.get()) != nullptr) {
    add_standard_rows(subject_, attack, target.seen, rows);
    return;
  }
  const std::string loss = AttackOptions::from_stored(attack.options).value("loss");
  const AttackedPicture attacked = subject_.attack(*attack.attack, attack.name, loss, target.seen);
  ScoreRow row = subject_.row_of(*attack.attack, attacked);
  row.attack = attack.name;
  row.attack_options = attack.options;
  if (row.level == word_of(AttackLevel::kView)) row.gradient_l1 = target.clean.view_l1;
  if (target.save) {
    const std::string stem = bounded_stem_of(target.seen.id, kPictureStemBytes);
    const std::filesystem::path folder = place_.pictures_of(attack);
    const auto files = save_attacked(attacked, folder, stem);
    if (request_.triplet > 0) save_triplets(attacked, request_.triplet, folder, stem);
    row.artifact = files.front().lexically_relative(place_.folder.path()).string();
  }
  if (request_.examples > 0) {
    rows.examples.push_back(example_of(attacked, row, target.seen.id, request_.example_side));
  }
  rows.add(std::move(row), attacked);
}

PictureRows PictureEvaluator::evaluate(const std::string& id, const DoneScores& done, bool save,
                                       const std::function<at::Tensor()>& read) const {
  const bool clean_done = done.contains({id, "none:"});
  const bool all_done =
      clean_done && std::all_of(attacks_.begin(), attacks_.end(), [&](const NamedAttack& attack) {
        return has_attack(done, id, attack);
      });
  PictureRows rows;
  if (all_done) return rows;
  try {
    const SeenPicture seen = subject_.see(id, read());
    const CleanPicture clean = subject_.clean(seen);
    if (!clean_done) {
      rows.scores.push_back(clean.row);
      rows.thumbnail = thumbnail_of(seen.bytes);
      if (request_.certificate.any()) {
        rows.distances = certificate_rows(subject_.certify(seen, certificates_), subject_.scale());
      }
    }
    for (const NamedAttack& attack : attacks_) {
      if (!has_attack(done, id, attack)) add_attacked(attack, {seen, clean, save}, rows);
    }
  } catch (Error& error) {
    error.add_context("evaluating " + id);
    throw;
  }
  return rows;
}

}  // namespace robiq
