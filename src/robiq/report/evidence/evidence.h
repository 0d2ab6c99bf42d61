#pragma once
#include <compare>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "robiq/core/defense_strength.h"
#include "robiq/store/attack_options.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// What was done to the pictures of one data set. Runs whose perturbations or surrogates are
/// different files of one kind are in one situation.
struct Situation {
  std::string dataset, attack;
  AttackOptions options;          ///< of files the bare names
  std::string level;              ///< view | image; "" of clean rows
  std::string surrogate;          ///< model the attack was made on; "": the attacked one
  std::string surrogate_defense;  ///< where that model is itself a subject of the evidence
  AttackRow card;                 ///< follows from the attack's name, and is not compared

  auto operator<=>(const Situation& other) const { return key() <=> other.key(); }
  bool operator==(const Situation& other) const { return key() == other.key(); }
  [[nodiscard]] std::tuple<const std::string&, const std::string&, const AttackOptions&,
                           const std::string&, const std::string&, const std::string&>
  key() const {
    return {dataset, attack, options, level, surrogate, surrogate_defense};
  }
  [[nodiscard]] bool clean() const { return attack == "none"; }
};

/// That of the clean pictures of a data set.
[[nodiscard]] Situation clean_situation(const std::string& dataset);

/// Whether the attack sees no gradient of the model it is used on: a transferred one, one that asks
/// for scores only, or one whose perturbation comes from elsewhere (the asterisk of the
/// supplement's tables).
[[nodiscard]] bool is_black_box(const Situation& situation);

/// A model by what it is called, so that rows of several databases can be set side by side.
/// Defense "none" is the baseline, any other a defended twin of it.
struct Subject {
  std::string run;    ///< which of several compared runs; "" where they are taken together
  std::string model;  ///< with options that are not the defaults, "cnniqa:filters=8"
  std::string defense;
  DefenseStrength strength = {};  ///< as the weights' card says it; is not compared

  auto operator<=>(const Subject& other) const { return key() <=> other.key(); }
  bool operator==(const Subject& other) const { return key() == other.key(); }
  [[nodiscard]] std::tuple<const std::string&, const std::string&, const std::string&> key() const {
    return {run, model, defense};
  }
  [[nodiscard]] bool baseline() const { return defense == "none"; }
};

/// One subject trained with one seed; "" where the weights do not say.
struct Trained {
  Subject subject;
  std::string seed;
  auto operator<=>(const Trained&) const = default;
};

struct MeasureKey {
  Situation situation;
  Subject subject;
  std::string block, measure;
  auto operator<=>(const MeasureKey&) const = default;
};

struct ScoreKey {
  Situation situation;
  Trained trained;
  std::string split_sha256, image;
  auto operator<=>(const ScoreKey&) const = default;
};

/// A row, and the run folder it comes from.
template <class Row>
struct Found {
  Row row;
  std::string folder;
  std::int64_t run = 0;
};

/// One picture's part in a table or figure; scores are on the normalised scale.
struct PictureScore {
  double mos = ScoreRow::kNone, before = ScoreRow::kNone, after = ScoreRow::kNone,
         after_8bit = ScoreRow::kNone;
  double gradient_l1 = ScoreRow::kNone;  ///< of the normalised score, by values in [0,1]
  double linf = ScoreRow::kNone, ssim = ScoreRow::kNone, seconds = ScoreRow::kNone;
  double forwards = ScoreRow::kNone, backwards = ScoreRow::kNone;  ///< passes of the model
  double psnr_db = ScoreRow::kNone;     ///< between the clean picture and the attacked one
  [[nodiscard]] double change() const;  ///< |after - before|
};

/// The same thing measured with several seeds.
struct Statistic {
  double mean = ScoreRow::kNone;
  double deviation = ScoreRow::kNone;  ///< of a sample; NaN for less than two
  std::size_t count = 0;
  /// Of one seed the ends of its 95 % interval over the pictures, where there is one.
  double low = ScoreRow::kNone, high = ScoreRow::kNone;
  bool refused = false;  ///< a flag says that it is no evidence of robustness: it is never the best
};
/// NaN among the values makes the mean NaN.
[[nodiscard]] Statistic statistic_of(const std::vector<double>& values);

/// Pixels of one attacked picture; `key` is that of its score.
struct FoundExample {
  ScoreKey key;
  double change = 0, draw = 0;
  std::string clean, attacked;  ///< PNG bytes
};

/// A quantity of a training by epoch.
using Curve = std::vector<std::pair<std::int64_t, double>>;

/// A doubt, and what it is about.
struct FoundFlag {
  std::string folder;
  std::int64_t run = 0;
  Trained trained;
  FlagRow row;
};

/// What a run worked with, by SHA-256.
struct RunHashes {
  std::set<std::string> weights, splits;
};

/// Everything that some run folders hold, under names instead of the ids of one database. Where two
/// runs of one folder measured the same thing the newer one counts.
struct Evidence {
  std::vector<Found<RunRow>> runs;
  std::vector<std::string> compared;  ///< names of runs set side by side, in the order given
  std::map<MeasureKey, std::map<std::string, Found<MeasureRow>>> measures;  ///< by seed
  std::map<ScoreKey, Found<PictureScore>> scores;
  std::map<std::pair<std::string, std::string>, std::string> thumbnails;  ///< by dataset, picture
  std::vector<FoundExample> examples;
  std::map<Trained, std::map<std::string, Curve>> histories;  ///< by quantity
  std::vector<FoundFlag> flags;
  std::set<std::pair<Situation, Subject>> refused;    ///< of which a flag refuses the numbers
  std::map<std::string, std::string> defense_titles;  ///< as the weights' cards say, by defense
  std::map<std::string, std::string> model_titles;    ///< as the models' cards say, by name
  std::map<std::pair<std::string, std::int64_t>, RunHashes> hashes;  ///< by folder and run

  [[nodiscard]] std::vector<std::string> datasets() const;
  /// The attacks on a data set in the order of tables and figures (sort_attacks());
  /// without the clean rows ("none").
  [[nodiscard]] std::vector<Situation> attacks(const std::string& dataset) const;
  [[nodiscard]] std::vector<Subject> subjects(const std::string& dataset) const;
  [[nodiscard]] std::vector<Subject> subjects() const;
  /// Over the seeds it was measured with; count 0 when it was not.
  [[nodiscard]] Statistic find(const MeasureKey& key) const;
};

/// What a run of kind "train" trained, from its label "MODEL DEFENSE".
[[nodiscard]] Subject trained_subject(const RunRow& run);

/// Reads RUN/results.sqlite of every folder.
/// \param compare  keeps what the folders say apart, under Subject::run
/// \throws Error{kData} as ResultsStore; unless they are compared, also when two folders disagree
///         about one number, or when models of one name were trained on different data
[[nodiscard]] Evidence gather_evidence(const std::vector<std::filesystem::path>& run_folders,
                                       bool compare = false);

/// Attacks in the supplement's order, those that it does not have before its black boxes, by name;
/// settings of one attack by the numbers in them, so that 5 steps stand before 10. Tables and
/// figures all go by it.
void sort_attacks(std::vector<Situation>& attacks);

}  // namespace robiq
