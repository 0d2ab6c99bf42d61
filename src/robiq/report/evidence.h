#pragma once
#include <compare>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "robiq/store/results_store.h"

namespace robiq {

/// What was done to the pictures of one data set.
struct Situation {
  std::string dataset, attack, attack_options, level, surrogate;
  auto operator<=>(const Situation&) const = default;
};

/// A model by what it is called, so that rows of several databases can be set side by side.
/// Defense "none" is the baseline, any other its +NT twin.
struct Subject {
  std::string model, defense;
  auto operator<=>(const Subject&) const = default;
};

struct MeasureKey {
  Situation situation;
  Subject subject;
  std::string block, measure;
  auto operator<=>(const MeasureKey&) const = default;
};

struct ScoreKey {
  Situation situation;
  Subject subject;
  std::string split_sha256, image;
  auto operator<=>(const ScoreKey&) const = default;
};

/// A row, and the run folder it comes from.
template <class Row>
struct Found {
  Row row;
  std::string folder;
};

/// One picture's part in a table; all on the normalised scale.
struct PictureScore {
  double mos = ScoreRow::kNone, before = ScoreRow::kNone, after = ScoreRow::kNone,
         after_8bit = ScoreRow::kNone;
};

/// Everything that some run folders hold, under names instead of the ids of one database. Where two
/// runs of one folder measured the same thing the newer one counts.
struct Evidence {
  std::vector<Found<RunRow>> runs;
  std::map<MeasureKey, Found<MeasureRow>> measures;
  std::map<ScoreKey, Found<PictureScore>> scores;

  [[nodiscard]] std::vector<std::string> datasets() const;
  /// The attacks on a data set, in order; without the clean rows ("none").
  [[nodiscard]] std::vector<Situation> attacks(const std::string& dataset) const;
  [[nodiscard]] std::vector<Subject> subjects(const std::string& dataset) const;
  /// nullptr when it was not measured.
  [[nodiscard]] const MeasureRow* find(const MeasureKey& key) const;
};

/// Reads RUN/results.sqlite of every folder.
/// \throws Error{kData} as ResultsStore, and when two folders disagree about one number
[[nodiscard]] Evidence gather_evidence(const std::vector<std::filesystem::path>& run_folders);

}  // namespace robiq
