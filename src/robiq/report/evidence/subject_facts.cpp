#include "robiq/report/evidence/subject_facts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "robiq/report/evidence/names/titles.h"

namespace robiq {
namespace {

constexpr const char* kChange = "before_after";

/// A measure of one seed, averaged over the attacks that have it; then over the seeds. A seed that
/// lacks one of them is left out.
Statistic mean_over_attacks(const Evidence& evidence, const std::vector<Situation>& attacks,
                            const Subject& subject, const std::string& block,
                            const std::string& measure, double factor = 1) {
  std::map<std::string, std::pair<double, std::size_t>> sums;  // by seed
  std::size_t having = 0;
  for (const Situation& attack : attacks) {
    const auto found = evidence.measures.find({attack, subject, block, measure});
    if (found == evidence.measures.end()) continue;
    ++having;
    for (const auto& [seed, entry] : found->second) {
      sums[seed].first += factor * entry.row.value;
      ++sums[seed].second;
    }
  }
  std::vector<double> means;
  for (const auto& [seed, sum] : sums) {
    if (sum.second == having) means.push_back(sum.first / static_cast<double>(sum.second));
  }
  return statistic_of(means);
}

/// The same of the pictures' |after - before|.
Statistic mean_change(const Evidence& evidence, const std::vector<Situation>& attacks,
                      const Subject& subject) {
  std::map<std::string, std::map<Situation, std::vector<double>>> changes;  // by seed
  for (const auto& [key, found] : evidence.scores) {
    if (key.trained.subject != subject || !std::isfinite(found.row.change())) continue;
    if (std::find(attacks.begin(), attacks.end(), key.situation) == attacks.end()) continue;
    changes[key.trained.seed][key.situation].push_back(found.row.change());
  }
  std::vector<double> means;
  for (const auto& [seed, by_attack] : changes) {
    if (by_attack.size() != attacks.size()) continue;
    double sum = 0;
    for (const auto& [attack, values] : by_attack) sum += statistic_of(values).mean;
    means.push_back(sum / static_cast<double>(attacks.size()));
  }
  return statistic_of(means);
}

}  // namespace

Subject without_purifier(const Subject& subject) {
  return {subject.run, DefendedName::parse(subject.model).model, subject.defense};
}

double training_minutes(const Evidence& evidence, const Subject& subject) {
  const Subject trained_one = without_purifier(subject);
  std::vector<double> minutes;
  for (const auto& [trained, quantities] : evidence.histories) {
    const auto seconds = quantities.find("seconds");
    if (trained.subject != trained_one || seconds == quantities.end()) continue;
    double sum = 0;
    for (const auto& [epoch, value] : seconds->second) sum += value;
    minutes.push_back(sum / 60);
  }
  if (!minutes.empty()) return statistic_of(minutes).mean;
  for (const auto& [run, folder, id] : evidence.runs) {
    if (run.kind != RunKind::kTrain || run.status != RunStatus::kFinished) continue;
    if (trained_subject(run) == trained_one) minutes.push_back(run.seconds() / 60);
  }
  return statistic_of(minutes).mean;
}

std::vector<Situation> common_attacks(const Evidence& evidence, const std::string& dataset,
                                      std::vector<Subject> subjects, const std::string& measure) {
  std::vector<Situation> attacks = evidence.attacks(dataset);
  std::erase_if(subjects, [&](const Subject& subject) {
    return std::ranges::none_of(attacks, [&](const Situation& attack) {
      return std::isfinite(evidence.find({attack, subject, kChange, measure}).mean);
    });
  });
  std::erase_if(attacks, [&](const Situation& attack) {
    return std::any_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
      return !std::isfinite(evidence.find({attack, subject, kChange, measure}).mean);
    });
  });
  return attacks;
}

DefenseNumbers defense_numbers(const Evidence& evidence, const std::vector<Situation>& attacks,
                               const Subject& subject) {
  DefenseNumbers numbers;
  if (attacks.empty()) return numbers;
  const auto mean = [&](const char* block, const char* measure, double factor = 1) {
    return mean_over_attacks(evidence, attacks, subject, block, measure, factor);
  };
  numbers.clean_srocc =
      evidence.find({clean_situation(attacks.front().dataset), subject, "mos_before", "srocc"});
  numbers.attacked_srocc = mean("mos_after", "srocc");
  numbers.gain = mean_change(evidence, attacks, subject);
  numbers.attacked_srocc.refused = numbers.gain.refused =
      std::ranges::any_of(attacks, [&](const Situation& attack) {
        return evidence.refused.contains({attack, subject});
      });
  const bool behind = !DefendedName::parse(subject.model).purifier.empty();
  if (behind) numbers.robust_gain = mean(kChange, "msu_robust_abs_gain", /*factor=*/100);
  numbers.similarity = mean(kChange, "msu_similarity_score");
  numbers.seconds = mean(kChange, "purifier_seconds");
  numbers.minutes = training_minutes(evidence, subject);
  return numbers;
}

bool has_defenses(const std::vector<Subject>& subjects) {
  return std::any_of(subjects.begin(), subjects.end(), [](const Subject& subject) {
    const bool beyond_nt = !subject.baseline() && strength_of(subject).title != "NT";
    return beyond_nt || !DefendedName::parse(subject.model).purifier.empty();
  });
}

}  // namespace robiq
