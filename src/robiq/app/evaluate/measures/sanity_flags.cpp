#include "robiq/app/evaluate/measures/sanity_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "robiq/attack/standard_set.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

constexpr double kUnusedShare = 0.9;    ///< of the budget; less is "unused"
constexpr double kClearlyWeaker = 0.9;  ///< than noise: the other side of chance
constexpr double kNarrowPoints = 5;     ///< of 0 to 100 that clean scores fill
constexpr const char* kNoAttack = "none";

/// Collects flags of one run.
struct Flags {
  std::vector<FlagRow> rows;

  void warn(const std::string& attack, const char* flag, std::string text) {
    rows.push_back({0, 0, attack, flag, Severity::kWarning, std::move(text)});
  }
};

/// The rows of one attack.
using Rows = std::vector<const ScoreRow*>;

Rows rows_of(const std::vector<ScoreRow>& all, const std::string& attack,
             const std::string& options) {
  Rows rows;
  for (const ScoreRow& row : all) {
    if (row.attack == attack && row.attack_options == options) rows.push_back(&row);
  }
  return rows;
}

double mean_change(const Rows& rows) {
  double sum = 0;
  for (const ScoreRow* row : rows) sum += std::abs(row->after - row->before);
  return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
}

void flag_model(const std::vector<ScoreRow>& all, const std::vector<FlaggedAttack>& attacks,
                const ScoreScale& native, bool deterministic, Flags& flags) {
  const Rows clean = rows_of(all, kNoAttack, "");
  if (clean.empty()) return;
  const auto flat = std::count_if(clean.begin(), clean.end(),
                                  [](const ScoreRow* row) { return row->gradient_l1 == 0; });
  if (flat > 0) {
    flags.warn(
        "", "zero-gradient",
        fmt::format("{} of {} clean pictures have no gradient: attacks that follow it cannot "
                    "move them",
                    flat, clean.size()));
  }
  if (!deterministic) {
    flags.warn("", "not-deterministic", "two passes over the same picture gave two scores");
  }
  const auto [low, high] = std::minmax_element(
      clean.begin(), clean.end(),
      [](const ScoreRow* a, const ScoreRow* b) { return a->before < b->before; });
  const double filled = (*high)->before - (*low)->before;
  if (filled < kNarrowPoints) {
    flags.warn("", "narrow-scores",
               fmt::format("clean scores fill only {:.2f} of the 100 points of the scale: R and "
                           "RMSE say little; check --scale",
                           filled));
  }
  const double bottom = native.least();
  const double top = native.greatest();
  std::size_t outside = 0, scores = 0;
  for (const ScoreRow& row : all) {
    const bool copied = std::ranges::any_of(attacks, [&](const FlaggedAttack& attack) {
      return attack.is_set && attack.name == row.attack;
    });
    if (copied) continue;
    ++scores;
    outside += row.after_native < bottom || row.after_native > top ? 1U : 0U;
  }
  if (outside > 0) {
    flags.rows.push_back(
        {0, 0, "", "outside-scale", Severity::kNote,
         fmt::format("{} of {} scores lie outside the declared scale {} to {}", outside, scores,
                     number_text(native.worst), number_text(native.best))});
  }
}

/// "ifgsm:steps=2,..."  \param options  as they are stored
std::string full_name(const std::string& attack, const std::string& options) {
  return attack + ":" + AttackOptions::from_stored(options).text();
}

/// steps * step_size of an attack's options; infinite when they name no step size.
double reach_of(const AttackOptions& options, double& epsilon) {
  std::map<std::string, double> numbers;
  for (const auto& [name, text] : options.values()) {
    double number = 0;
    if (parse_number(text, number)) numbers[name] = number;
  }
  epsilon = numbers.contains("epsilon") ? numbers["epsilon"] : 0;
  if (!numbers.contains("step_size")) return std::numeric_limits<double>::infinity();
  return numbers["step_size"] * (numbers.contains("steps") ? numbers["steps"] : 1);
}

void flag_attack(const FlaggedAttack& attack, const Rows& rows, Flags& flags) {
  if (rows.empty()) return;
  const std::string name = full_name(attack.name, attack.options);
  double largest = 0;
  for (const ScoreRow* row : rows) largest = std::max(largest, row->linf);
  if (attack.linf_budget < 1 && largest < kUnusedShare * attack.linf_budget) {
    flags.warn(name, "budget-unused",
               fmt::format("no picture was changed by more than {:.4g} of the allowed {:.4g}",
                           largest, attack.linf_budget));
  }
  double epsilon = 0;
  const double reach = reach_of(AttackOptions::from_stored(attack.options), epsilon);
  if (epsilon > 0 && reach < epsilon * (1 - 1e-9)) {
    flags.warn(name, "projection-idle",
               fmt::format("its steps reach {:.4g} at most, so that epsilon {:.4g} has no effect",
                           reach, epsilon));
  }
  Rows tried = rows;
  if (!attack.noise_images.empty()) {
    std::erase_if(tried, [&](const ScoreRow* row) {
      return std::ranges::find(attack.noise_images, row->image) == attack.noise_images.end();
    });
  }
  const double change = mean_change(tried);
  if (change < kClearlyWeaker * attack.noise_change) {
    flags.warn(
        name, "weaker-than-noise",
        fmt::format("it moves the scores of {} pictures by {:.3g} on average, random signs of "
                    "the same budget by {:.3g}",
                    tried.size(), change, attack.noise_change));
  }
}

/// A black box that moves scores more than every white box of at least its budget.
void flag_black_boxes(const std::vector<ScoreRow>& all, const std::vector<FlaggedAttack>& attacks,
                      Flags& flags) {
  const auto largest_linf = [](const Rows& rows) {
    double largest = 0;
    for (const ScoreRow* row : rows) largest = std::max(largest, row->linf);
    return largest;
  };
  for (const FlaggedAttack& black : attacks) {
    if (black.white_box) continue;
    const Rows rows = rows_of(all, black.name, black.options);
    for (const FlaggedAttack& white : attacks) {
      if (!white.white_box) continue;
      const Rows others = rows_of(all, white.name, white.options);
      if (others.empty() || rows.empty() || largest_linf(others) < largest_linf(rows)) continue;
      if (mean_change(rows) <= mean_change(others)) continue;
      flags.warn(
          full_name(black.name, black.options), "black-box-stronger",
          fmt::format("it moves scores by {:.3g} on average, {} with a larger budget and the "
                      "model's own gradients by {:.3g}: the gradients may be masked",
                      mean_change(rows), white.name, mean_change(others)));
      break;
    }
  }
}

}  // namespace

std::vector<FlagRow> sanity_flags(const std::vector<ScoreRow>& rows,
                                  const std::vector<FlaggedAttack>& attacks,
                                  const ScoreScale& native, bool deterministic) {
  Flags flags;
  flag_model(rows, attacks, native, deterministic, flags);
  for (const FlaggedAttack& attack : attacks) {
    flag_attack(attack, rows_of(rows, attack.name, attack.options), flags);
  }
  flag_black_boxes(rows, attacks, flags);
  return flags.rows;
}

namespace {

FlaggedAttack flagged(const EvaluationSubject& subject, const NamedAttack& attack,
                      const std::vector<SeenPicture>& tried,
                      const std::vector<std::int64_t>& tried_images) {
  const AttackCard& card = attack.attack->card();
  // Without a surrogate an attack that needs gradients takes those of the model itself.
  const bool own_gradients =
      card.uses_model && !card.score_only && !subject.on_surrogate(*attack.attack);
  FlaggedAttack known{attack.name, attack.options, own_gradients, card.linf_budget};
  known.is_set = dynamic_cast<const RunsStandardSet*>(attack.attack.get()) != nullptr;
  if (card.linf_budget >= 1) return known;
  known.noise_change = 0;
  known.noise_images = tried_images;
  for (const SeenPicture& seen : tried) {
    known.noise_change +=
        subject.noise_change(seen, card.linf_budget) / static_cast<double>(tried.size());
  }
  return known;
}

void say_flags(const std::vector<FlagRow>& flags) {
  for (const FlagRow& flag : flags) {
    const std::string text = flag.flag + (flag.attack.empty() ? "" : " (" + flag.attack + ")");
    if (flag.severity == Severity::kWarning) {
      log::warning("{}: {}", text, flag.text);
    } else {
      log::info("{}: {}", text, flag.text);
    }
  }
}

}  // namespace

std::vector<FlagRow> evaluation_flags(const EvaluationSubject& subject,
                                      const std::vector<NamedAttack>& attacks,
                                      const std::vector<SeenPicture>& tried,
                                      const std::vector<std::int64_t>& tried_images,
                                      const std::vector<ScoreRow>& rows) {
  std::vector<FlaggedAttack> known;
  for (const NamedAttack& attack : attacks) {
    known.push_back(flagged(subject, attack, tried, tried_images));
  }
  std::vector<FlagRow> flags =
      sanity_flags(rows, known, subject.scale(), subject.repeats(tried.front()));
  if (std::ranges::any_of(attacks, [&](const NamedAttack& attack) {
        return subject.misses_purifier(*attack.attack);
      })) {
    FlagRow flag;
    flag.flag = "not-adaptive";
    flag.severity = Severity::kWarning;
    flag.text =
        "the attacks were made on the model without its purifier, which flatters it: "
        "--adaptive attacks through the purifier";
    flags.push_back(std::move(flag));
  }
  say_flags(flags);
  return flags;
}

std::vector<FlagRow> weak_adaptive_flags(const std::vector<DistanceRow>& distances) {
  constexpr double kWeakShare = 0.2;
  std::map<std::string, std::pair<double, double>> won;  // by attack: pictures won, all
  for (const DistanceRow& row : distances) {
    if (row.distance != "plain_won") continue;
    auto& [pictures, all] = won[full_name(row.attack, row.attack_options)];
    pictures += row.value;
    all += 1;
  }
  std::vector<FlagRow> flags;
  for (const auto& [attack, count] : won) {
    const double share = count.first / count.second;
    if (share <= kWeakShare) continue;
    FlagRow flag;
    flag.attack = attack;
    flag.flag = "adaptive-weak";
    flag.severity = Severity::kWarning;
    flag.text = fmt::format(
        "on {:.0f} % of the pictures the attack made without the purifier was the stronger one, "
        "and was kept: the purifier's gradient is a poor guide, and attacks that ask for scores "
        "alone may do better",
        100 * share);
    flags.push_back(std::move(flag));
  }
  say_flags(flags);
  return flags;
}

}  // namespace robiq
