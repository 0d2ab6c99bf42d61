#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/attack/filters/strength_evolution.h"
#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/objective.h"
#include "robiq/attack/search/score_only_attack.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

using NamedFilters = std::vector<std::shared_ptr<const PictureFilter>>;

/// The nearest strength that a filter takes: of those in whole numbers some are left out.
double strength_taken(const PictureFilter& filter, double strength) {
  if (!filter.card().whole_numbers) return strength;
  for (const double near : {std::round(strength), std::floor(strength), std::ceil(strength),
                            std::floor(strength) - 1, std::ceil(strength) + 1}) {
    if (filter.takes(near)) return near;
  }
  return filter.card().strengths.front();
}

/// Edits that look harmless, as attacks: one of a given strength, or of many the one that moves the
/// score most. The search is the same for every picture and knows the scores only.
class Filters final : public Attack {
 public:
  static constexpr const char* kName = "filters";
  static constexpr const char* kSummary =
      "everyday edits: sharpening, gamma, contrast, blur, compression and others";
  static constexpr const char* kPaper =
      "Siniukov et al., Hacking VMAF and VMAF NEG: Vulnerability to Different Preprocessing "
      "Methods, 2021";
  struct Options {
    std::string filter = "all", search = "grid", loss = "mid";
    double strength = 0;
    bool grain = false;
    std::int64_t tiles = 8, queries = 4000;
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"filter", &O::filter, "its name, or all of them; a wrong name shows which there are"},
          {"strength", &O::strength,
           "of that one filter, in its own unit; nothing is searched then"},
          {"search",
           &O::search,
           "grid tries all graded strengths, evolution looks between them for each picture; both "
           "keep "
           "what moves the score most",
           {"grid", "evolution", "none"}},
          {"queries", &O::queries, "the most scores asked for one picture; a search ends there", 1,
           1e7},
          {"loss", &O::loss, "what the search ascends (supplement S4)", objective_names()},
          {"grain", &O::grain, "noise has the same value in all three colours"},
          {"tiles", &O::tiles, "of clahe, along each side", 1, 256}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      const bool all = o.filter == "all";
      if (rules.was_given("strength") && !rules.was_given("search")) o.search = "none";
      rules.clash(o.search != "none", {"strength"}, "search=" + o.search + ", which finds it");
      rules.clash(all, {"strength"}, "filter=all");
      rules.need(o.search != "none", {"loss", "queries"}, "search=grid or evolution");
      rules.need(all || o.filter == "noise", {"grain"}, "filter=noise");
      rules.need(all || o.filter == "clahe", {"tiles"}, "filter=clahe");
      if (o.search != "none" || rules.was_given("strength")) return;
      throw Error(ErrorKind::kUsage, {"search=none needs a filter and its strength", "filters",
                                      "give filter=gamma,strength=0.8, or search=grid"});
    }
  };

  explicit Filters(const Options& o)
      : searches_(o.search != "none"),
        evolves_(o.search == "evolution"),
        strength_(o.strength),
        queries_(o.queries),
        objective_(parse_objective(o.loss)) {
    for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
      if (o.filter == "all" || o.filter == name) filters_.push_back(made(name, o));
    }
    if (filters_.empty()) filters_.push_back(made(o.filter, o));  // says which there are
    if (!searches_) filters_.front()->check_strength(strength_);
    card_ = {.name = kName,
             .paper = kPaper,
             .title = "Filters",  // one for all: results keep a title by the attack's name
             .rank = 65,
             // Of a median only odd strengths mean something: there is nothing to search between.
             .strength = searches_ || o.filter == "median" ? "" : "strength",
             .strength_identity = filters_.front()->card().identity,
             .strength_least = filters_.front()->card().least,
             .strength_most = filters_.front()->card().most,
             .strength_is_whole = filters_.front()->card().whole_numbers,
             .white_box = false,
             .score_only = true,
             .uses_model = searches_};
  }
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const at::NoGradGuard no_grad;
    const at::Tensor draws = row_draws(batch, context.rng.child("noise"));
    if (!searches_) return {filters_.front()->apply(batch.images, strength_, draws), 0, 0};
    if (evolves_) return evolution_search(victim, batch, draws, context);
    return grid_search(victim, batch, draws, context);
  }

 private:
  static std::shared_ptr<const PictureFilter> made(const std::string& name, const Options& o) {
    Params params;
    if (name == "noise") params["grain"] = {o.grain, kName};
    if (name == "clahe") params["tiles"] = {o.tiles, kName};
    return Registry<PictureFilter>::instance().make(name, params);
  }
  /// Standard normal numbers, each row's from its id; undefined where no filter needs any.
  [[nodiscard]] at::Tensor row_draws(const AttackBatch& batch, const Rng& rng) const {
    bool needed = false;
    for (const auto& filter : filters_) needed = needed || filter->card().needs_draws;
    if (!needed) return {};
    return row_normal_noise(batch, rng);
  }

  /// Of every filter and strength what raises the objective most; else the clean picture.
  [[nodiscard]] AttackOutcome grid_search(QualityModel& victim, const AttackBatch& batch,
                                          const at::Tensor& draws,
                                          const AttackContext& context) const {
    const ScoreScale& scale = victim.card().scale;
    const at::Tensor& clean = batch.clean_scores;
    AttackOutcome best{batch.images.clone(), 0, 0};
    at::Tensor value = row_objective(objective_, clean, clean, scale);
    for (const auto& filter : filters_) {
      for (const double strength : filter->card().strengths) {
        if (best.forwards == queries_) return best;
        if (context.stop()) throw Interrupted("the attack was stopped");
        const at::Tensor images = filter->apply(batch.images, strength, draws);
        const at::Tensor reached = row_objective(objective_, victim.score(images), clean, scale);
        const at::Tensor better = reached > value;
        best.images = at::where(better.view({-1, 1, 1, 1}), images, best.images);
        value = at::where(better, reached, value);
        ++best.forwards;
      }
    }
    return best;
  }

  /// Of every filter the strength that an evolution finds for each picture; else the clean picture.
  [[nodiscard]] AttackOutcome evolution_search(QualityModel& victim, const AttackBatch& batch,
                                               const at::Tensor& draws,
                                               const AttackContext& context) const {
    const Rng rng = context.rng.child("evolution");
    return search_rows(victim, objective_, queries_, batch, context,
                       [&](std::int64_t row, ScoreQueries& queries) {
                         const at::Tensor drawn = draws.defined() ? draws.narrow(0, row, 1) : draws;
                         return evolved(queries, batch.images.narrow(0, row, 1), drawn,
                                        rng.child(batch.ids[static_cast<std::size_t>(row)]));
                       });
  }

  [[nodiscard]] at::Tensor evolved(ScoreQueries& queries, const at::Tensor& picture,
                                   const at::Tensor& draws, const Rng& rng) const {
    at::Tensor best = picture;
    double value = queries.clean_value();
    for (const auto& filter : filters_) {
      if (queries.left() == 0) break;
      const auto& strengths = filter->card().strengths;
      const auto [least, most] = std::minmax_element(strengths.begin(), strengths.end());
      const auto filtered = [&](double strength) {
        return filter->apply(picture, strength, draws);
      };
      const EvolvedStrength end = evolved_strength(
          {.least = *least, .most = *most},
          [&](double strength) { return queries.value(filtered(strength)); },
          [&](double strength) { return strength_taken(*filter, strength); },
          [&] { return queries.left(); }, rng.child(filter->card().name));
      if (end.value <= value) continue;
      value = end.value;
      best = filtered(end.strength);
    }
    return best;
  }

  AttackCard card_;
  NamedFilters filters_;
  bool searches_, evolves_;
  double strength_;
  std::int64_t queries_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, Filters);

}  // namespace
}  // namespace robiq
