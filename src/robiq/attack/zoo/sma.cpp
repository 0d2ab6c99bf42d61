#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "robiq/attack/gradient/walk_reach.h"
#include "robiq/attack/rank/rank_targets.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

/// A target score for every picture of a set.
struct SetTargets {
  std::vector<std::string> ids;
  std::vector<double> clean_scores;
  std::uint64_t key = 0;  ///< of the randomness that they were made with
  std::map<std::string, double> targets;
  double srocc = 0;  ///< between the targets and the clean scores

  [[nodiscard]] bool are_of(const AttackedSet& set, const Rng& rng) const {
    return key == rng.key() && ids == set.ids && clean_scores == set.clean_scores;
  }
};

/// The picture that a row is a view of, where rows are views: "ID#3" is of "ID".
std::string picture_of_row(const std::string& row) {
  const std::size_t mark = row.rfind('#');
  return mark == std::string::npos ? row : row.substr(0, mark);
}

/// Contradicts the order of a whole set: first target scores, then a small change of every picture
/// towards its own.
class Sma final : public Attack {
 public:
  static constexpr const char* kName = "sma";
  static constexpr const char* kSummary =
      "turns the order of a whole set round: every picture gets a target score of its own";
  static constexpr const char* kPaper =
      "Yang et al., Beyond Score Changes: Adversarial Attack on No-Reference Image Quality "
      "Assessment from Two Perspectives, 2024";
  struct Options {
    double epsilon = 0.005, step_size = 0.001;
    std::int64_t steps = 10, iterations = 100'000;
    std::string targets = "learned";
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"epsilon", &O::epsilon, "radius of the l_inf ball around the clean picture", 0, 1,
           "(pixel values: 0 to 1)"},
          {"step_size", &O::step_size, "length of one step; not given: twice epsilon over steps", 0,
           1, "(pixel values: 0 to 1)"},
          {"steps", &O::steps, "number of steps", 1, 100000},
          {"targets",
           &O::targets,
           "learned: as the paper; threshold: what that comes to, the best score for the lower "
           "half of the set and the worst for the upper",
           {"learned", "threshold"}},
          {"iterations", &O::iterations,
           "of learning; it ends earlier when no target moves any more", 1, 10'000'000}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      rules.need(o.targets == "learned", {"iterations"}, "targets=learned");
      if (rules.was_given("step_size")) return;
      // As far as the paper's steps reach: twice epsilon.
      o.step_size = std::min(1.0, 2 * o.epsilon / static_cast<double>(o.steps));
    }
  };

  explicit Sma(const Options& o)
      : card_{.name = kName,
              .paper = kPaper,
              .title = "SMA",
              .rank = 46,
              .strength = "epsilon",
              .linf_budget = o.epsilon,
              .uses_set = true},
        walk_{o.epsilon, o.step_size, o.steps},
        learned_(o.targets == "learned") {
    search_.iterations = o.iterations;
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::string warning() const override {
    return short_walk_warning(card_.name, {walk_.steps, walk_.step_size, walk_.epsilon});
  }
  [[nodiscard]] std::string note() const override {
    const std::lock_guard lock(mutex_);
    if (!known_) return "";
    const std::string said = "sma: the target scores have SROCC " + number_text(known_->srocc) +
                             " with the clean scores; ";
    if (known_->srocc < 0) return said + "what is reached depends on epsilon";
    return said + "learning did not turn their order round: use targets=threshold";
  }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    if (context.set == nullptr) {
      throw Error(ErrorKind::kUsage,
                  {"sma attacks the order of a whole set, and there is only a picture", kName,
                   "evaluate it on a data set of two pictures or more"});
    }
    const std::shared_ptr<const SetTargets> known = targets_of(*context.set, context);
    std::vector<double> targets;
    for (const std::string& id : batch.ids) targets.push_back(target_of(*known, id));
    return target_descent(victim, batch, walk_, at::tensor(targets, at::kDouble), context);
  }

 private:
  static double target_of(const SetTargets& known, const std::string& row) {
    auto found = known.targets.find(row);
    if (found == known.targets.end()) found = known.targets.find(picture_of_row(row));
    if (found != known.targets.end()) return found->second;
    throw Error(ErrorKind::kUsage, {"the picture " + row + " is not in the set that is attacked",
                                    kName, "attack the pictures of one set together"});
  }

  /// Made once for a set and kept: every batch of it asks.
  [[nodiscard]] std::shared_ptr<const SetTargets> targets_of(const AttackedSet& set,
                                                             const AttackContext& context) const {
    const std::lock_guard lock(mutex_);
    if (!known_ || !known_->are_of(set, context.rng)) known_ = made_targets(set, context);
    return known_;
  }

  [[nodiscard]] std::shared_ptr<const SetTargets> made_targets(const AttackedSet& set,
                                                               const AttackContext& context) const {
    const std::vector<double>& clean = set.clean_scores;
    if (set.ids.size() != clean.size() || clean.size() < 2) {
      throw Error(ErrorKind::kUsage, {"sma needs two scored pictures or more, and the set has " +
                                          std::to_string(clean.size()),
                                      kName, "evaluate it on a larger data set"});
    }
    std::vector<double> targets;
    if (learned_) {
      std::vector<double> noise;
      const Rng rng = context.rng.child("sma");
      for (const std::string& id : set.ids) {
        noise.push_back(RandomStream(rng.child(id)).below(2) == 0 ? -0.01 : 0);
      }
      targets = learned_targets(clean, noise, search_, context.stop);
    } else {
      targets = threshold_targets(clean);
    }
    auto set_targets = std::make_shared<SetTargets>();
    set_targets->ids = set.ids;
    set_targets->clean_scores = clean;
    set_targets->key = context.rng.key();
    set_targets->srocc = spearman(targets, clean);
    for (std::size_t i = 0; i < targets.size(); ++i) set_targets->targets[set.ids[i]] = targets[i];
    return set_targets;
  }

  AttackCard card_;
  TargetDescent walk_;
  RankTargetSearch search_;
  bool learned_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const SetTargets> known_;
};

ROBIQ_REGISTER(Attack, Sma);

}  // namespace
}  // namespace robiq
