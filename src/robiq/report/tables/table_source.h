#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/model_pairs.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/report.h"

namespace robiq {

/// A block of measures: its name in the database, and for people.
struct MeasuredBlock {
  const char *name, *title;
};
inline constexpr MeasuredBlock kCleanBlock{"mos_before", "MOS & clean score"};
inline constexpr MeasuredBlock kAfterBlock{"mos_after", "MOS & score after attack"};
inline constexpr MeasuredBlock kBeforeAfterBlock{"before_after", "Score before & after attack"};

/// One data set's part of the evidence, in the order in which tables say it.
struct MeasuredSet {
  std::string name;
  std::size_t place = 0;           ///< 0 for the first data set
  std::vector<Situation> attacks;  ///< white boxes first; without the clean rows
  std::vector<Subject> subjects;
  std::vector<ModelPair> twins;
  std::string circumstances;             ///< "builtin, 100 pictures, seeds 0, 1, 2."
  std::vector<std::string> seeds_notes;  ///< where the seeds differ in number

  /// "rmse" for the first data set, "rmse-2" for the second.
  [[nodiscard]] std::string table_id(const std::string& id) const;
};

/// What every table is made from: the evidence, set in order once.
class TableSource {
 public:
  TableSource(const Evidence& evidence, ReportSettings settings);

  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  [[nodiscard]] const ReportSettings& settings() const { return settings_; }
  [[nodiscard]] const Titles& titles() const { return titles_; }
  [[nodiscard]] const std::vector<MeasuredSet>& sets() const { return sets_; }

  /// Between MOS and the scores of the clean pictures: from the clean rows where there are some; a
  /// model that was only attacked has the same numbers under its attacks.
  [[nodiscard]] Statistic clean(const std::string& dataset, const Subject& subject,
                                const std::string& measure) const;

  /// What it was, the circumstances, and what the attacks' strength was ("FGSM epsilon=0.005").
  [[nodiscard]] std::string caption(const std::string& what, const MeasuredSet& set,
                                    const std::vector<Situation>& attacks = {}) const;
  /// What the asterisk is, where one is used.
  [[nodiscard]] std::vector<std::string> asterisk_notes(
      const std::vector<Situation>& attacks) const;
  /// The same, whose numbers a flag refuses, and what there is to say about seeds.
  [[nodiscard]] std::vector<std::string> general_notes(const MeasuredSet& set,
                                                       const std::vector<Situation>& attacks) const;
  /// What the measures of these blocks say about themselves, e.g. why one is undefined.
  [[nodiscard]] std::vector<std::string> measure_notes(const std::string& dataset,
                                                       const std::vector<std::string>& blocks,
                                                       const std::string& measure) const;

  /// "CNNIQA", and below it "base / +NT" where there is a twin.
  [[nodiscard]] std::string twin_heading(const ModelPair& twins) const;
  /// "before_after.CNNIQA.base", for each of the twins.
  [[nodiscard]] std::vector<std::string> twin_keys(const std::string& prefix,
                                                   const ModelPair& twins) const;

 private:
  void count_pictures_and_seeds(MeasuredSet& set) const;
  void add_refusals(const MeasuredSet& set, const std::vector<Situation>& attacks,
                    std::vector<std::string>& notes) const;

  const Evidence& evidence_;
  ReportSettings settings_;
  Titles titles_;
  std::vector<MeasuredSet> sets_;
};

/// Appends.
void add_notes(Table& table, const std::vector<std::string>& notes);

/// Whether any of its own rows has a number.
[[nodiscard]] bool has_numbers(const Table& table);

}  // namespace robiq
