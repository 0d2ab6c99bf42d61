#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/names/perturbation_names.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// What a model row says of itself, for a report.
struct NamedModel {
  Trained trained;
  std::string dataset;  ///< that it was trained on; "" where the weights do not say
  std::string weights_sha256, defense_title;
  /// Of native scores on the way to the scale 0..100; NaN where the weights do not say.
  double factor = ScoreRow::kNone;
};

/// Who was attacked by way of the surrogates of one name, as hashes of their weights.
struct SurrogateUse {
  std::map<std::int64_t, std::set<std::string>> by_seed;  ///< of the run
  std::map<Subject, std::set<std::string>> by_victim;

  /// Whether they are one attack to a reader: a single one, or one that a study trains anew for
  /// each of its seeds.
  [[nodiscard]] bool one_attack() const;
};

/// What attacks were made of, in all folders that are taken together: what differs there has
/// different names.
struct AttackSources {
  std::map<std::string, SurrogateUse> surrogates;  ///< by the surrogate's model
  PerturbationNames perturbations;
};

/// Ids of one database to names.
struct RunNames {
  /// \param run      of Subject::run
  /// \param folder   of the runs
  /// \param sources  complete before situation() is asked; outlives this
  /// \throws Error{kData} where the card of a model is damaged
  RunNames(const ResultsStore& store, const std::string& run, std::string folder,
           AttackSources& sources);

  /// Notes a surrogate of a run. Models of one name are told apart by their hashes, unless they
  /// are SurrogateUse::one_attack().
  /// \param surrogate  "cnniqa:5a690797d6b1", the model and how its weights' hash begins
  /// \param seed       of the run
  /// \param victim     ModelRow::id of the attacked model
  void add_surrogate(const std::string& surrogate, std::int64_t seed, std::int64_t victim);
  [[nodiscard]] Situation situation(const std::string& dataset, const std::string& attack,
                                    const std::string& options, const std::string& level,
                                    const std::string& surrogate) const;

  std::map<std::int64_t, NamedModel> models;
  std::map<std::int64_t, ImageRow> images;
  std::map<std::string, AttackRow> attacks;
  std::string folder;
  AttackSources& sources;
};

}  // namespace robiq
