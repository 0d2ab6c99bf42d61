#include "robiq/app/attack/aligned_attacks.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr const char* kStrengthMeasure = "strength";

double measured_of(const AttackedPicture& attacked, StrengthMeasure measure) {
  switch (measure) {
    case StrengthMeasure::kLinf:
      return attacked.linf;
    case StrengthMeasure::kL2:
      return attacked.l2;
    case StrengthMeasure::kSsim:
      break;
  }
  return attacked.ssim;
}

/// The trials of one attack. Strengths whose options are equal are measured once.
class StrengthTrials {
 public:
  StrengthTrials(const EvaluationSubject& subject, std::string name, const AttackStrength& attack,
                 StrengthMeasure measure, const AlignedPictures& pictures)
      : subject_(subject),
        name_(std::move(name)),
        attack_(attack),
        measure_(measure),
        pictures_(pictures) {}

  double mean_at(double strength) {
    const std::string text = attack_.text_at(strength);
    if (const auto known = means_.find(text); known != means_.end()) return known->second;
    const auto attack = Registry<Attack>::instance().make(parse_spec(text, "--align"), "--align");
    double sum = 0;
    for (std::int64_t i = 0; i < pictures_.count; ++i) {
      const AttackedPicture attacked =
          subject_.attack(*attack, name_, attack_.loss(), pictures_.see(i));
      sum += measured_of(attacked, measure_);
      forwards += attacked.forwards;
      backwards += attacked.backwards;
    }
    return means_[text] = sum / static_cast<double>(pictures_.count);
  }

  std::int64_t forwards = 0, backwards = 0;

 private:
  const EvaluationSubject& subject_;
  std::string name_;
  const AttackStrength& attack_;
  StrengthMeasure measure_;
  const AlignedPictures& pictures_;
  std::map<std::string, double> means_;
};

}  // namespace

FoundStrength find_strength(const EvaluationSubject& subject, const std::string& name,
                            const AttackStrength& attack, const StrengthTarget& target,
                            const AlignedPictures& pictures) {
  StrengthTrials trials(subject, name, attack, target.measure, pictures);
  const AlignedStrength aligned =
      align_strength([&](double strength) { return trials.mean_at(strength); }, target,
                     attack.start(target), attack.most());
  FoundStrength found{
      attack.option(),     aligned.best.parameter, attack.value_at(aligned.best.parameter),
      aligned.best.value,  pictures.count,         std::ssize(aligned.trials),
      trials.forwards,     trials.backwards,       aligned.reached,
      aligned.not_monotone};
  log::info(
      "{}: {}={} for {} (reached {} over {} pictures, tolerance {}; {} trials, {} forward "
      "and {} backward passes)",
      name, found.option, number_text(found.value), alignment_text(target),
      fmt::format("{:.5g}", found.reached), found.pictures, fmt::format("{:.2g}", target.tolerance),
      found.trials, found.forwards, found.backwards);
  return found;
}

namespace {

using StrengthNumber = std::pair<const char*, std::int64_t FoundStrength::*>;
constexpr std::array<StrengthNumber, 4> kStrengthCounts{
    {{"aligned_pictures", &FoundStrength::pictures},
     {"aligned_trials", &FoundStrength::trials},
     {"aligned_forwards", &FoundStrength::forwards},
     {"aligned_backwards", &FoundStrength::backwards}}};

MeasureRow strength_row(const std::string& measure, double value, const std::string& note = "") {
  MeasureRow row;
  row.block = "before_after";
  row.measure = measure;
  row.value = value;
  row.note = note;
  return row;
}

}  // namespace

std::vector<MeasureRow> strength_measures(const FoundStrength& found) {
  std::vector<MeasureRow> rows{strength_row(kStrengthMeasure, found.value, found.option),
                               strength_row("aligned_parameter", found.strength),
                               strength_row("aligned_value", found.reached),
                               strength_row("aligned_within", found.within ? 1 : 0),
                               strength_row("aligned_not_monotone", found.not_monotone ? 1 : 0)};
  for (const auto& [name, member] : kStrengthCounts) {
    rows.push_back(strength_row(name, static_cast<double>(found.*member)));
  }
  return rows;
}

std::optional<FoundStrength> strength_in(const std::vector<MeasureRow>& measures) {
  std::map<std::string, const MeasureRow*> named;
  for (const MeasureRow& row : measures) named[row.measure] = &row;
  FoundStrength found;
  for (const MeasureRow& wanted : strength_measures(found)) {
    if (!named.contains(wanted.measure)) return std::nullopt;
  }
  found.option = named.at(kStrengthMeasure)->note;
  found.value = named.at(kStrengthMeasure)->value;
  found.strength = named.at("aligned_parameter")->value;
  found.reached = named.at("aligned_value")->value;
  found.within = named.at("aligned_within")->value > 0;
  found.not_monotone = named.at("aligned_not_monotone")->value > 0;
  for (const auto& [name, member] : kStrengthCounts) {
    found.*member = static_cast<std::int64_t>(named.at(name)->value);
  }
  return found;
}

std::vector<FlagRow> strength_flags(const std::string& attack, const StrengthTarget& target,
                                    const FoundStrength& found) {
  std::vector<FlagRow> flags;
  const auto add = [&](const char* flag, Severity severity, const std::string& text) {
    FlagRow row;
    row.attack = attack;
    row.flag = flag;
    row.severity = severity;
    row.text = text;
    flags.push_back(std::move(row));
  };
  if (!found.within) {
    add("not-aligned", Severity::kWarning,
        fmt::format("{} was asked, and {}={} is the nearest that was found: it reaches {:.5g}",
                    alignment_text(target), found.option, number_text(found.value), found.reached));
  }
  if (found.not_monotone) {
    add("not-monotone", Severity::kNote,
        "a larger " + found.option +
            " gave a weaker attack somewhere: another search may end "
            "elsewhere");
  }
  return flags;
}

}  // namespace robiq
