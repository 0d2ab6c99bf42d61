#include "robiq/app/evaluate/measures/standard_rows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/model/picture_score.h"
#include "robiq/store/attack_options.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {
namespace {

constexpr const char* kStandard = "standard";
constexpr std::array<const char*, 2> kUpDown{"up", "down"};

std::string budget_options(double budget) {
  return AttackOptions({{"budget", budget_text(budget)}}).stored();
}

/// What one member did to one picture: means over the batch rows, largest linf.
struct MemberSums {
  double after = 0, after_8bit = 0, linf = 0, l2 = 0;
  double plain_won = 0;  ///< rows of which the picture made without the purifier was kept
};

/// The first members follow gradients, each up and then down.
constexpr std::size_t kGradientMembers = 4;

/// Sums over the views of a picture.
struct StandardSums {
  explicit StandardSums(std::size_t budgets)
      : members(budgets), start1(budgets), start2(budgets), late(budgets) {}

  double before = 0, gradient_l1 = 0, seconds = 0;
  std::int64_t views = 0;
  std::int64_t passes = 0;  ///< of the attacked model, for one score of all views
  ScoreScale maker_scale;   ///< of the model that the attack is made on
  std::vector<std::array<MemberSums, kStandardMembers.size()>> members;
  std::vector<std::array<double, 2>> start1, start2, late;

  /// Passes that were spent besides, without the purifier.
  std::int64_t plain_forwards = 0, plain_backwards = 0;
  /// Where there is a purifier, the clean rows and what was made of them, by batch.
  std::vector<at::Tensor> clean;
  std::vector<StandardOutcome> kept;

  void add(const AttackSides& sides, const AttackBatch& batch, const StandardOutcome& outcome);
  void take_stronger(const AttackSides& sides, const StandardOutcome& plain,
                     StandardOutcome& outcome);
  [[nodiscard]] double mean(double sum) const { return sum / static_cast<double>(views); }
};

double sum_of(const at::Tensor& values) { return values.to(at::kDouble).sum().item<double>(); }

void StandardSums::add(const AttackSides& sides, const AttackBatch& batch,
                       const StandardOutcome& outcome) {
  const at::NoGradGuard no_grad;
  const auto score = [&](const at::Tensor& images) {
    const at::Tensor scores = sides.victim.score(images);
    check_finite(scores, sides.victim.card().name);
    return sum_of(scores);
  };
  views += batch.images.size(0);
  passes += batch.images.size(0) * passes_of(sides.maker);
  before += score(batch.images);
  maker_scale = sides.maker.card().scale;
  gradient_l1 += sum_of(outcome.gradient_l1);
  for (std::size_t b = 0; b < outcome.budgets.size(); ++b) {
    for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
      const at::Tensor& images = outcome.budgets[b].images[m];
      MemberSums& sums = members[b][m];
      sums.after += score(images);
      sums.after_8bit += score(quantize_to_8bit(images));
      const at::Tensor moved = (images - batch.images).flatten(1);
      sums.linf = std::max(sums.linf, moved.abs().max().item<double>());
      sums.l2 += sum_of(moved.norm(2, 1));
    }
    for (std::size_t d = 0; d < kUpDown.size(); ++d) {
      const StandardWalk& walk = outcome.budgets[b].walks[d];
      start1[b][d] += sum_of(walk.start1);
      start2[b][d] += sum_of(walk.start2);
      late[b][d] += sum_of(walk.late_rise);
    }
  }
}

/// Takes over, row by row, the pictures that members with gradients made better without the
/// purifier.
void StandardSums::take_stronger(const AttackSides& sides, const StandardOutcome& plain,
                                 StandardOutcome& outcome) {
  const at::NoGradGuard no_grad;
  for (std::size_t b = 0; b < outcome.budgets.size(); ++b) {
    for (std::size_t m = 0; m < kGradientMembers; ++m) {
      const double way = (m % 2 == 0 ? 1 : -1) * sides.victim.card().scale.factor();
      at::Tensor& aware = outcome.budgets[b].images[m];
      const at::Tensor& bare = plain.budgets[b].images[m];
      const at::Tensor won = (sides.victim.score(bare) - sides.victim.score(aware)) * way > 0;
      aware = at::where(won.view({-1, 1, 1, 1}), bare, aware);
      members[b][m].plain_won += sum_of(won);
    }
  }
}

/// The rows of one picture.
class StandardRows {
 public:
  StandardRows(const EvaluationSubject& subject, const NamedAttack& attack, const SeenPicture& seen,
               const StandardSums& sums, PictureRows& rows)
      : subject_(subject),
        attack_(attack),
        seen_(seen),
        set_(dynamic_cast<const RunsStandardSet&>(*attack.attack).standard_set()),
        sums_(sums),
        rows_(rows) {}

  void add() {
    ScoreRow worst = row();
    double farthest = -1;
    std::pair<std::size_t, std::size_t> place;  // budget and member of the worst
    std::vector<std::pair<ScoreRow, AttackedPicture>> worst_of_budgets;
    for (std::size_t b = 0; b < set_.budgets.size(); ++b) {
      const std::string options = budget_options(set_.budgets[b]);
      for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
        const ScoreRow member = member_row(b, m, options);
        rows_.add(member, walked(b, m));
        if (!(std::abs(member.after - member.before) > farthest)) continue;
        farthest = std::abs(member.after - member.before);
        worst = member;
        place = {b, m};
      }
      worst.attack = attack_.name;
      worst.attack_options = options;
      worst.forwards = set_.forwards() * sums_.passes + sums_.plain_forwards;
      worst.backwards = set_.backwards() * sums_.passes + sums_.plain_backwards;
      worst.seconds = sums_.seconds;
      worst_of_budgets.emplace_back(worst, behind_purifier(place.first, place.second));
    }
    for (auto& [score, attacked] : worst_of_budgets) rows_.add(score, attacked);
  }

 private:
  /// What a purifier's evaluation says of a member's picture; nothing without one.
  [[nodiscard]] AttackedPicture behind_purifier(std::size_t budget, std::size_t member) const {
    AttackedPicture attacked;
    if (sums_.kept.empty()) return attacked;
    std::vector<at::Tensor> images;
    for (const StandardOutcome& outcome : sums_.kept) {
      images.push_back(outcome.budgets[budget].images[member]);
    }
    attacked.clean = at::cat(sums_.clean).cpu();
    attacked.images = at::cat(images).cpu();
    subject_.add_purified(*attack_.attack, seen_, attacked);
    return attacked;
  }
  [[nodiscard]] ScoreRow row() const {
    AttackedPicture nothing;
    nothing.before = nothing.after = sums_.mean(sums_.before);
    ScoreRow score_row = subject_.row_of(*attack_.attack, nothing);
    score_row.ssim = score_row.psnr_db = ScoreRow::kNone;
    return score_row;
  }
  [[nodiscard]] ScoreRow member_row(std::size_t budget, std::size_t member,
                                    const std::string& options) const {
    const MemberSums& sums = sums_.members[budget][member];
    ScoreRow score_row = row();
    score_row.attack = part_name(member);
    score_row.attack_options = options;
    score_row.after_native = sums_.mean(sums.after);
    score_row.after = subject_.scale().normalise(score_row.after_native);
    score_row.after_8bit = subject_.scale().normalise(sums_.mean(sums.after_8bit));
    score_row.linf = sums.linf;
    score_row.l2 = sums_.mean(sums.l2);
    score_row.gradient_l1 = sums_.mean(sums_.gradient_l1);
    return score_row;
  }
  [[nodiscard]] std::string part_name(std::size_t member) const {
    return attack_.name + kPartOfAttack + std::string(kStandardMembers[member]);
  }
  /// How a member with gradients went, for the flags.
  [[nodiscard]] AttackedPicture walked(std::size_t budget, std::size_t member) const {
    constexpr std::size_t kFirstApgd = 2;
    AttackedPicture attacked;
    if (member >= kGradientMembers) return attacked;
    if (subject_.is_made_twice(*attack_.attack)) {
      attacked.distances["plain_won"] = sums_.mean(sums_.members[budget][member].plain_won);
    }
    if (member < kFirstApgd) return attacked;
    const std::size_t d = member - kFirstApgd;
    const ScoreScale& scale = sums_.maker_scale;
    attacked.distances["start1"] = scale.normalise(sums_.mean(sums_.start1[budget][d]));
    attacked.distances["start2"] = scale.normalise(sums_.mean(sums_.start2[budget][d]));
    attacked.distances["late_rise"] = sums_.mean(sums_.late[budget][d]);
    return attacked;
  }

  const EvaluationSubject& subject_;
  const NamedAttack& attack_;
  const SeenPicture& seen_;
  const StandardSet& set_;
  const StandardSums& sums_;
  PictureRows& rows_;
};

/// What the members with gradients make, by batch, where they know nothing of the purifier.
std::vector<StandardOutcome> made_without_purifier(const EvaluationSubject& subject,
                                                   const NamedAttack& attack,
                                                   const SeenPicture& seen, const StandardSet& set,
                                                   StandardSums& sums) {
  std::vector<StandardOutcome> outcomes;
  subject.over_bare_batches(
      *attack.attack, attack.name, seen,
      [&](const AttackSides& sides, const AttackBatch& batch, const AttackContext& context) {
        const ScopedFrozen frozen(sides.maker);
        const at::AutoGradMode gradients(true);
        outcomes.push_back(run_standard_set(sides.maker, batch, set, context));
        sums.plain_forwards += set.forwards() * batch.images.size(0);
        sums.plain_backwards += set.backwards() * batch.images.size(0);
      });
  return outcomes;
}

}  // namespace

std::string budget_text(double budget) {
  const std::optional<double> levels = whole_levels(budget);
  return levels ? fmt::format("{:.0f}/255", *levels) : number_text(budget);
}

void add_standard_rows(const EvaluationSubject& subject, const NamedAttack& attack,
                       const SeenPicture& seen, PictureRows& rows) {
  const StandardSet& set = dynamic_cast<const RunsStandardSet&>(*attack.attack).standard_set();
  StandardSums sums(set.budgets.size());
  const auto started = std::chrono::steady_clock::now();
  std::vector<StandardOutcome> plain;
  if (subject.is_made_twice(*attack.attack)) {
    plain = made_without_purifier(subject, attack, seen, set.without_queries(), sums);
  }
  std::size_t number = 0;
  subject.over_batches(
      *attack.attack, attack.name, seen,
      [&](const AttackSides& sides, const AttackBatch& batch, const AttackContext& context) {
        const ScopedFrozen frozen(sides.maker);
        const at::AutoGradMode gradients(true);
        StandardOutcome outcome = run_standard_set(sides.maker, batch, set, context);
        if (!plain.empty()) sums.take_stronger(sides, plain.at(number++), outcome);
        sums.add(sides, batch, outcome);
        if (!subject.has_purifier()) return;
        sums.clean.push_back(batch.images);
        sums.kept.push_back(std::move(outcome));
      });
  sums.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  StandardRows(subject, attack, seen, sums, rows).add();
}

std::string last_standard_options(const StandardSet& set) {
  return budget_options(set.budgets.back());
}

std::string standard_cost(const StandardSet& set, std::int64_t pictures, std::int64_t views,
                          double seconds, bool twice) {
  // A forward pass alone takes about a third of both.
  constexpr double kForwardShare = 1.0 / 3;
  std::int64_t forwards = set.forwards(), backwards = set.backwards();
  if (twice) {
    const StandardSet plain = set.without_queries();
    forwards += plain.forwards();
    backwards += plain.backwards();
  }
  const double both = static_cast<double>(backwards);
  const double alone = static_cast<double>(forwards) - both;
  const double total = static_cast<double>(pictures) * seconds * (both + alone * kForwardShare);
  return fmt::format(
      "{}: {} forward and {} backward passes for each of {} pictures with {} views; about {}, "
      "judged by one pass",
      kStandard, forwards, backwards, pictures, views, duration_text(total));
}

}  // namespace robiq
