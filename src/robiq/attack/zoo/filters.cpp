#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/attack/attack.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/attack/objective.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

using NamedFilters = std::vector<std::shared_ptr<const PictureFilter>>;

/// What is ascended, row by row.
at::Tensor objective_rows(Objective objective, const at::Tensor& scores, const at::Tensor& clean,
                          const ScoreScale& scale) {
  std::vector<at::Tensor> rows;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    rows.push_back(
        objective_value(objective, scores.narrow(0, row, 1), clean.narrow(0, row, 1), scale));
  }
  return at::stack(rows);
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
    std::int64_t tiles = 8;
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"filter", &O::filter, "its name, or all of them; a wrong name shows which there are"},
          {"strength", &O::strength,
           "of that one filter, in its own unit; nothing is searched then"},
          {"search",
           &O::search,
           "grid: tries all graded strengths and keeps what moves the score most",
           {"grid", "none"}},
          {"loss", &O::loss, "what the search ascends (supplement S4)", objective_names()},
          {"grain", &O::grain, "noise has the same value in all three colours"},
          {"tiles", &O::tiles, "of clahe, along each side", 1, 256}};
    }
    static void settle(Options& o, const Params& given) {
      const OptionRules rules(given);
      const bool all = o.filter == "all";
      if (rules.was_given("strength") && !rules.was_given("search")) o.search = "none";
      rules.clash(o.search == "grid", {"strength"}, "search=grid, which tries them all");
      rules.clash(all, {"strength"}, "filter=all");
      rules.need(o.search == "grid", {"loss"}, "search=grid");
      rules.need(all || o.filter == "noise", {"grain"}, "filter=noise");
      rules.need(all || o.filter == "clahe", {"tiles"}, "filter=clahe");
      if (o.search == "grid" || rules.was_given("strength")) return;
      throw Error(ErrorKind::kUsage, {"search=none needs a filter and its strength", "filters",
                                      "give filter=gamma,strength=0.8, or search=grid"});
    }
  };

  explicit Filters(const Options& o)
      : searches_(o.search == "grid"), strength_(o.strength), objective_(parse_objective(o.loss)) {
    for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
      if (o.filter == "all" || o.filter == name) filters_.push_back(made(name, o));
    }
    if (filters_.empty()) filters_.push_back(made(o.filter, o));  // says which there are
    if (!searches_) filters_.front()->check_strength(strength_);
    card_ = {.name = kName,
             .paper = kPaper,
             .title = title_of(o),
             .rank = 65,
             .strength = "strength",
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
    return grid_search(victim, batch, draws, context);
  }

 private:
  static std::shared_ptr<const PictureFilter> made(const std::string& name, const Options& o) {
    Params params;
    if (name == "noise") params["grain"] = {o.grain, kName};
    if (name == "clahe") params["tiles"] = {o.tiles, kName};
    return Registry<PictureFilter>::instance().make(name, params);
  }
  static std::string title_of(const Options& o) {
    if (o.filter == "all") return "Filters";
    return "Filter " + o.filter + (o.search == "grid" ? "" : " " + number_text(o.strength));
  }

  /// Standard normal numbers, each row's from its id; undefined where no filter needs any.
  [[nodiscard]] at::Tensor row_draws(const AttackBatch& batch, const Rng& rng) const {
    bool needed = false;
    for (const auto& filter : filters_) needed = needed || filter->card().needs_draws;
    if (!needed) return {};
    const at::Tensor draws = at::empty(batch.images.sizes(), at::kFloat);
    const std::int64_t pixels = draws[0].numel();
    auto* value = draws.data_ptr<float>();
    for (const std::string& id : batch.ids) {
      RandomStream stream(rng.child(id));
      for (std::int64_t i = 0; i < pixels; ++i) *value++ = static_cast<float>(stream.normal());
    }
    return draws.to(batch.images.device());
  }

  /// Of every filter and strength what raises the objective most; else the clean picture.
  [[nodiscard]] AttackOutcome grid_search(QualityModel& victim, const AttackBatch& batch,
                                          const at::Tensor& draws,
                                          const AttackContext& context) const {
    const ScoreScale& scale = victim.card().scale;
    const at::Tensor& clean = batch.clean_scores;
    AttackOutcome best{batch.images.clone(), 0, 0};
    at::Tensor value = objective_rows(objective_, clean, clean, scale);
    for (const auto& filter : filters_) {
      for (const double strength : filter->card().strengths) {
        if (context.stop()) throw Interrupted("the attack was stopped");
        const at::Tensor images = filter->apply(batch.images, strength, draws);
        const at::Tensor reached = objective_rows(objective_, victim.score(images), clean, scale);
        const at::Tensor better = reached > value;
        best.images = at::where(better.view({-1, 1, 1, 1}), images, best.images);
        value = at::where(better, reached, value);
        ++best.forwards;
      }
    }
    return best;
  }

  AttackCard card_;
  NamedFilters filters_;
  bool searches_;
  double strength_;
  Objective objective_;
};

ROBIQ_REGISTER(Attack, Filters);

}  // namespace
}  // namespace robiq
