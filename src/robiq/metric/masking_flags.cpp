#include "robiq/metric/masking_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr double kMiddle = 50;
constexpr double kFew = 0.05, kMany = 0.2;
constexpr double kDisagreement = 0.2;  ///< of the larger gain
constexpr double kEndReached = 0.9;    ///< of the way to the nearer end
constexpr std::int64_t kUnboundedPictures = 8;

/// The largest share of pictures over the budgets.
struct ShareAtBudget {
  double share = 0, budget = 0;

  [[nodiscard]] bool reaches(double least) const { return share >= least - 1e-12; }
  /// "25 % of the pictures (4 levels)".
  [[nodiscard]] std::string text() const {
    return fmt::format("{:.0f} % of the pictures ({} levels)", 100 * share, number_text(budget));
  }
};

double mean_distance(const PictureScores& a, const PictureScores& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return a.empty() ? 0 : sum / static_cast<double>(a.size());
}

/// Asks one question after another of the scores and the evidence.
class MaskingChecks {
 public:
  MaskingChecks(const MemberScores& table, const MaskingEvidence& evidence)
      : table_(table), evidence_(evidence), pictures_(table.clean.size()) {
    check_evidence();
  }

  std::vector<MaskingFlag> run() {
    check_gradients();
    check_black_boxes();
    check_one_step();
    check_convergence();
    check_budgets();
    check_unbounded();
    if (evidence_.has_purifier && !evidence_.through_purifier) {
      raise("not-adaptive", FlagAction::kWarn, "the attacks were made without the purifier");
    }
    return std::move(flags_);
  }

 private:
  using Question = std::function<bool(std::size_t budget, std::size_t picture)>;

  void raise(std::string name, FlagAction action, std::string reason) {
    flags_.push_back({std::move(name), action, std::move(reason)});
  }
  void check_evidence() const;
  void check_gradients();
  void check_black_boxes();
  void check_one_step();
  void check_convergence();
  void check_budgets();
  void check_unbounded();

  [[nodiscard]] const PictureScores& of(const char* member, std::size_t budget) const {
    const auto place = std::find(table_.members.begin(), table_.members.end(), member);
    if (place != table_.members.end()) {
      return table_.scores[budget][static_cast<std::size_t>(place - table_.members.begin())];
    }
    throw Error(ErrorKind::kInternal,
                {std::string("the set has no member ") + member, "flags of the worst case", ""});
  }
  [[nodiscard]] ShareAtBudget share_over(std::size_t first, const Question& question) const {
    ShareAtBudget most;
    for (std::size_t b = first; b < table_.budgets.size(); ++b) {
      std::size_t count = 0;
      for (std::size_t i = 0; i < pictures_; ++i) count += question(b, i) ? 1 : 0;
      const double share = static_cast<double>(count) / static_cast<double>(pictures_);
      if (share > most.share) most = {share, table_.budgets[b]};
    }
    return most;
  }
  /// The question asked of both directions, +1 and -1, with their runs.
  [[nodiscard]] Question either_way(
      std::function<bool(const std::vector<ApgdRuns>&, double, std::size_t, std::size_t)> question)
      const {
    return [this, question = std::move(question)](std::size_t b, std::size_t i) {
      return question(evidence_.up, 1, b, i) || question(evidence_.down, -1, b, i);
    };
  }

  const MemberScores& table_;
  const MaskingEvidence& evidence_;
  std::size_t pictures_;
  std::vector<MaskingFlag> flags_;
};

void MaskingChecks::check_evidence() const {
  const auto fits = [&](const PictureScores& column) { return column.size() == pictures_; };
  bool sound = evidence_.gradient_norms.empty() || fits(evidence_.gradient_norms);
  sound = sound && evidence_.up.size() == evidence_.down.size();
  for (const auto* runs : {&evidence_.up, &evidence_.down}) {
    sound = sound && (runs->empty() || runs->size() == table_.budgets.size());
    for (const ApgdRuns& run : *runs) {
      sound = sound && fits(run.start1) && fits(run.start2) && fits(run.late_rise);
    }
  }
  if (sound) return;
  throw Error(ErrorKind::kInternal,
              {"the evidence does not fit the table of scores", "flags of the worst case", ""});
}

void MaskingChecks::check_gradients() {
  const PictureScores& norms = evidence_.gradient_norms;
  const auto flat =
      std::count_if(norms.begin(), norms.end(), [](double v) { return v == 0 || std::isnan(v); });
  const double share =
      norms.empty() ? 0 : static_cast<double>(flat) / static_cast<double>(pictures_);
  if (share > kFew) {
    raise("zero-gradient", FlagAction::kRefuse,
          fmt::format("the score has no gradient at {:.0f} % of the pictures", 100 * share));
  }
  if (evidence_.passes_differ && !evidence_.averages_draws) {
    raise("not-deterministic", FlagAction::kRefuse,
          "two passes of one picture differ, and the gradients are not averaged over draws");
  }
}

void MaskingChecks::check_black_boxes() {
  const ShareAtBudget square = share_over(0, [&](std::size_t b, std::size_t i) {
    const bool down = table_.clean[i] > kMiddle;
    const double reached = of("square", b)[i], apgd = of(down ? "apgd-down" : "apgd-up", b)[i];
    return (down ? apgd - reached : reached - apgd) > kFlagTolerance;
  });
  if (square.reaches(kFew)) {
    raise("black-box-wins", FlagAction::kRefuse,
          "random search beats the gradients on " + square.text() +
              ": they are masked; use --adaptive, or the black boxes at more queries");
  }
  const ShareAtBudget noise = share_over(0, [&](std::size_t b, std::size_t i) {
    double white = 0;
    for (const char* const name : {"fgsm-up", "fgsm-down", "apgd-up", "apgd-down"}) {
      white = std::max(white, std::abs(of(name, b)[i] - table_.clean[i]));
    }
    return std::abs(of("noise", b)[i] - table_.clean[i]) > white + kFlagTolerance;
  });
  if (noise.reaches(kFew)) {
    raise("noise-wins", FlagAction::kRefuse,
          "random noise moves the score further than the gradients on " + noise.text());
  }
}

void MaskingChecks::check_one_step() {
  const ShareAtBudget share = share_over(0, [&](std::size_t b, std::size_t i) {
    return of("fgsm-up", b)[i] - of("apgd-up", b)[i] > kFlagTolerance ||
           of("apgd-down", b)[i] - of("fgsm-down", b)[i] > kFlagTolerance;
  });
  if (!share.reaches(kFew)) return;
  raise("one-step-wins", FlagAction::kWarn, "one step beats fifty on " + share.text());
}

void MaskingChecks::check_convergence() {
  if (evidence_.up.empty()) return;
  const PictureScores& clean = table_.clean;
  const ShareAtBudget apart =
      share_over(0, either_way([&](const auto& runs, double d, std::size_t b, std::size_t i) {
                   const double first = d * (runs[b].start1[i] - clean[i]);
                   const double second = d * (runs[b].start2[i] - clean[i]);
                   const double larger = std::max({first, second, 0.0});
                   return std::abs(first - second) > kFlagTolerance + kDisagreement * larger;
                 }));
  if (apart.reaches(kMany)) {
    raise("starts-disagree", FlagAction::kWarn,
          "not converged: the two starts of APGD end apart on " + apart.text());
  }
  const ShareAtBudget rising =
      share_over(0, either_way([](const auto& runs, double, std::size_t b, std::size_t i) {
                   return runs[b].late_rise[i] > kFlagTolerance;
                 }));
  if (rising.reaches(kMany)) {
    raise("still-rising", FlagAction::kWarn,
          "not converged: APGD still gains in its last ten iterations on " + rising.text());
  }
}

void MaskingChecks::check_budgets() {
  if (evidence_.up.empty()) return;
  const ShareAtBudget share =
      share_over(1, either_way([](const auto& runs, double d, std::size_t b, std::size_t i) {
                   return d * (runs[b - 1].start2[i] - runs[b].start2[i]) > kFlagTolerance;
                 }));
  if (!share.reaches(kFew)) return;
  raise("budget-shrinks", FlagAction::kWarn,
        "from a random start a larger budget gains less than the one before on " + share.text());
}

void MaskingChecks::check_unbounded() {
  std::size_t reached = 0;
  for (const UnboundedRun& run : evidence_.unbounded) {
    const double direction = run.clean > kMiddle ? 1 : -1;
    const double way = direction > 0 ? 100 - run.clean : run.clean;
    reached += direction * (run.reached - run.clean) >= kEndReached * way ? 1U : 0U;
  }
  if (2 * reached >= evidence_.unbounded.size()) return;
  raise("unbounded-fails", FlagAction::kRefuse,
        fmt::format("even without a bound only {} of {} pictures come near the end of the scale; "
                    "an unbounded attack must succeed",
                    reached, evidence_.unbounded.size()));
}

}  // namespace

std::vector<std::int64_t> unbounded_pictures(std::int64_t count) {
  const std::int64_t chosen = std::min(count, kUnboundedPictures);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < chosen; ++i) rows.push_back(i * count / chosen);
  return rows;
}

bool needs_unbounded_runs(const MemberScores& table) {
  const std::vector<WorstCase> cases = worst_cases(table);
  return !cases.empty() && mean_distance(table.clean, cases.back().worst) < kUnboundedBelow;
}

std::vector<MaskingFlag> masking_flags(const MemberScores& table, const MaskingEvidence& evidence) {
  check_member_scores(table);
  return MaskingChecks(table, evidence).run();
}

bool refuses_headline(const std::vector<MaskingFlag>& flags) {
  return std::any_of(flags.begin(), flags.end(),
                     [](const MaskingFlag& flag) { return flag.action == FlagAction::kRefuse; });
}

bool lost_in_rounding(const PictureScores& clean, const PictureScores& worst,
                      const PictureScores& rounded) {
  const double change = mean_distance(clean, worst);
  return change > 0 && mean_distance(clean, rounded) <= change / 2;
}

}  // namespace robiq
