#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/store/defended_name.h"

namespace robiq {

/// The subject's model without the purifier before it.
[[nodiscard]] Subject without_purifier(const Subject& subject);

/// Minutes that its training took, a mean over the seeds: of the epochs where histories tell, else
/// from start to end. NaN where neither is known. A purifier before the model does not count.
[[nodiscard]] double training_minutes(const Evidence& evidence, const Subject& subject);

/// The attacks of a data set under which every one of `subjects` has the measure of before and
/// after: means over different attacks do not compare. Subjects that have it under none, whose
/// evaluation may still go on, do not count.
[[nodiscard]] std::vector<Situation> common_attacks(const Evidence& evidence,
                                                    const std::string& dataset,
                                                    std::vector<Subject> subjects,
                                                    const std::string& measure);

/// What one defended subject of a data set is worth: means over the seeds of means over attacks.
struct DefenseNumbers {
  Statistic clean_srocc;     ///< MOS and the score of the clean picture
  Statistic attacked_srocc;  ///< MOS and the score of the attacked picture
  Statistic gain;            ///< mean |after - before|, points of the scale 0..100
  Statistic robust_gain;     ///< from the clean score without the purifier; of purifiers
  Statistic similarity;  ///< SSIM + PSNR/40 of clean and purified attacked picture; of purifiers
  Statistic seconds;     ///< of the purifier, for one picture; of purifiers
  double minutes = ScoreRow::kNone;  ///< of training
};

/// \param attacks  over which means are taken; those of common_attacks()
[[nodiscard]] DefenseNumbers defense_numbers(const Evidence& evidence,
                                             const std::vector<Situation>& attacks,
                                             const Subject& subject);

/// Whether the subjects are defended by more than NT alone: by purifiers or other training.
[[nodiscard]] bool has_defenses(const std::vector<Subject>& subjects);

}  // namespace robiq
