#include <fmt/format.h>

#include <algorithm>

#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace {

/// What is evaluated, and on what.
OptionTable<EvaluateRequest> evaluated_rows() {
  using R = EvaluateRequest;
  using O = Option<R>;
  return {{"model", &R::model, "what to evaluate, with options as NAME:key=value"},
          O{"weights", &R::weights, kWeightsHelp}.where_only(),
          {"label", &R::label, "what the model is called in the results; \"\": its name"},
          {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
          {"data", &R::data, "what to evaluate on: builtin, csv:FILE, ..."},
          O{"out", &R::out, "folder of the run"}.where_only(),
          {"split", &R::split, "which pictures"},
          {"split_seed", &R::split_seed,
           "seed of the split; -1: that of the weights if trained on the same data, else --seed",
           -1, 9e18},
          {"split_file", &R::split_file,
           "a split that `robiq data split` wrote; \"\": drawn from --split-seed"},
          {"limit", &R::limit,
           "at most so many pictures, spread evenly over the kinds of distortion; 0: all", 0, 1e9},
          {"include_trained", &R::include_trained,
           "keep pictures that the model was trained on or chosen by, and say so in the results"}};
}

OptionTable<EvaluateRequest> attacked_rows() {
  using R = EvaluateRequest;
  return joined_tables<R>(
      {{{"attack", &R::attack, "attacks, NAME or NAME:key=value,...; may be repeated"},
        {"level", &R::level, kLevelHelp},
        {"align", &R::align,
         "tune every attack to the same mean distortion: linf=4/255, l2=1.5 or ssim=0.95 (reached "
         "to within 0.1/255, 1 % or 0.002); \"\": off"},
        {"queries", &R::queries, kQueryBudgetHelp, 0, 1e9}},
       options_of<R>(&R::surrogate),
       {{"transfer", &R::transfer, "every attack that asks a model is made on the surrogate"}}});
}

/// What is measured and kept.
OptionTable<EvaluateRequest> kept_rows() {
  using R = EvaluateRequest;
  using O = Option<R>;
  return {
      {"distance", &R::distance,
       "one more distance between clean and attacked picture, NAME:key=value,...; may be repeated"},
      {"schema", &R::schema,
       "msu: also tables as the MSU benchmark keeps them, OUT/msu/ATTACK/MODEL.csv"},
      {"save", &R::save, "for how many pictures to save the attacked ones; -1: all", -1, 1e9},
      {"triplet", &R::triplet,
       "with --save: also clean, attacked and difference side by side; the factor that amplifies "
       "the difference; 0: off",
       0, 1e6},
      {"examples", &R::examples,
       "for the report, keep pixels of the N pictures that each attack moves most, and of N "
       "drawn at random; 0: none",
       0, 1e4},
      {"example_side", &R::example_side,
       "largest side of the square that --examples cuts from a picture's middle", 8, 4096,
       "pixels"},
      O{"bootstrap", &R::bootstrap, "resamples for the 95 % intervals; 0: none", 0, 1e6}
          .where_only()};
}

}  // namespace

OptionTable<EvaluateRequest> EvaluateRequest::options() {
  using R = EvaluateRequest;
  return joined_tables<R>({
      evaluated_rows(),
      attacked_rows(),
      options_of<R>(&R::views),
      options_of<R>(&R::purifier),
      {{"adaptive", &R::adaptive, kAdaptiveHelp}},
      options_of<R>(&R::certificate),
      {{"precision", &R::precision,
        "number format of the model's products and convolutions, in attacks too"},
       {"exact", &R::exact, kExactHelp}},
      kept_rows(),
      options_of<R>(&R::missing),
      options_of<R>(&R::waiting),
      options_of<R>(&R::compute),
  });
}

namespace {

/// What the attacks of a request know of their victim, and on what they act.
std::vector<AttackCard> cards_of(const EvaluateRequest& request) {
  std::vector<AttackCard> cards;
  for (const std::string& text : request.attack) cards.push_back(attack_card(text));
  return cards;
}

void check_attacks_of(const EvaluateRequest& request, const OptionRules& rules) {
  const bool with = !request.surrogate.model.empty();
  const bool views = request.level == AttackLevel::kView && rules.was_given("level");
  if (!with && !views) return;
  const std::vector<AttackCard> cards = cards_of(request);
  const auto any = [&](const auto& holds) {
    return std::any_of(cards.begin(), cards.end(), holds);
  };
  const auto asks = [&](const AttackCard& card) {
    return with && card.asks_surrogate(request.transfer);
  };
  if (with) {
    rules.need(any(asks), {"surrogate"},
               "an attack that is made on a surrogate (such as korhonen) or --transfer");
    rules.need(any([](const AttackCard& card) {
                 return card.asks_surrogate(true) && !card.asks_surrogate(false);
               }),
               {"transfer"}, "an attack that asks the attacked model");
  }
  if (!views) return;
  rules.need(any([&](const AttackCard& card) {
               return card.acts_on != AttackTarget::kPicture && !asks(card);
             }),
             {"level"}, "an attack that acts on views");
}

}  // namespace

void EvaluateRequest::settle(EvaluateRequest& request, const Params& given) {
  const OptionRules rules(given);
  if (request.triplet > 0) rules.need(request.save != 0, {"triplet"}, "--save N");
  rules.need(request.examples > 0, {"example_side"}, "--examples above 0");
  rules.clash(!request.split_file.empty(), {"split_seed"},
              "--split-file, which is a split already");
  rules.clash(request.split == SplitPart::kAll, {"split_seed", "split_file"}, "--split all");
  rules.need(request.purifier.any(), {"adaptive", "draws"}, "--purify SPEC");
  rules.clash(request.purifier.any(), {"certify"}, "--purify");
  WaitChoice::check(rules);
  request.certificate.check(rules, request.views.fit);
  check_label(request.label, "--label");
  check_no_attack_twice(request.attack, "--attack");
  check_attacks_of(request, rules);
}

}  // namespace robiq
