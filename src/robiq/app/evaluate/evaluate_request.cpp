#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/certificate_options.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/dist/process_place.h"
#include "robiq/store/defended_name.h"

namespace robiq {

OptionTable<EvaluateRequest> EvaluateRequest::options() {
  using R = EvaluateRequest;
  using O = Option<R>;
  OptionTable<R> table = {
      {"model", &R::model, "what to evaluate, with options as NAME:key=value"},
      O{"weights", &R::weights, kWeightsHelp}.where_only(),
      {"label", &R::label, "what the model is called in the results; \"\": its name"},
      {"data", &R::data, "what to evaluate on: builtin, csv:FILE, ..."},
      {"attack", &R::attack, "attacks, NAME or NAME:key=value,...; may be repeated"},
      O{"out", &R::out, "folder of the run"}.where_only(),
      {"split", &R::split, "which pictures"},
      {"split_seed", &R::split_seed,
       "seed of the split; -1: that of the weights if trained on the same data, else --seed", -1,
       9e18},
      {"split_file", &R::split_file,
       "a split that `robiq data split` wrote; \"\": drawn from split_seed"},
      {"include_trained", &R::include_trained,
       "keep pictures that the model was trained on or chosen by, and say so in the results"},
      {"level", &R::level, kLevelHelp},
      {"align", &R::align,
       "tune every attack to the same mean distortion: linf=4/255, l2=1.5 or ssim=0.95 (reached to "
       "within 0.1/255, 1 % or 0.002); \"\": off"},
      {"queries", &R::queries,
       "largest number of scores that a score-only attack may ask for per picture (or view); 0: "
       "the attack's own limit",
       0, 1e9},
      {"surrogate", &R::surrogate,
       "the model that black-box attacks see, or several with + between; \"\": the one evaluated"},
      O{"surrogate_weights", &R::surrogate_weights,
        "its checkpoint, or as many with + between as there are models"}
          .where_only(),
      {"transfer", &R::transfer, "white-box attacks too are made on the surrogate"},
      {"distance", &R::distance,
       "one more distance between clean and attacked picture, NAME:key=value,...; may be repeated"},
      {"schema",
       &R::schema,
       "msu: also tables as the MSU benchmark keeps them, OUT/msu/ATTACK/MODEL.csv",
       {"robiq", "msu"}},
      {"views", &R::views, kViewsHelp},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      {"purify", &R::purify,
       "purifiers between picture and model, SPEC or SPEC+SPEC; \"\": none (robiq list purifiers)"},
      {"adaptive", &R::adaptive, kAdaptiveHelp},
      {"draws", &R::draws, "draws of a randomised purifier; scores are means over them", 1, 1e6},
  };
  add_certificate_options(table);
  const OptionTable<R> rest = {
      {"fit", &R::fit, "enlarge pictures that are smaller than a crop"},
      {"precision",
       &R::precision,
       "number format of the model's products and convolutions, in attacks too",
       {"fp32", "bf16"}},
      {"exact", &R::exact, kExactHelp},
      {"limit", &R::limit, "at most so many pictures; 0: all", 0, 1e9},
      {"save", &R::save, "for how many pictures to save the attacked ones; -1: all", -1, 1e9},
      {"triplet", &R::triplet,
       "with --save: also clean, attacked and their difference side by side, amplified so much; 0: "
       "not",
       0, 1e6},
      {"examples", &R::examples,
       "for the report, keep pixels of the N pictures that each attack moves most, and of N "
       "drawn at random; 0: none",
       0, 1e4},
      {"example_side", &R::example_side, "side of the middle that --examples keeps, at most", 8,
       4096, "pixels"},
      O{"bootstrap", &R::bootstrap, "resamples for the 95 % intervals; 0: none", 0, 1e6}
          .where_only(),
      O{"allow_missing", &R::allow_missing, "how many unreadable pictures may be left out", 0, 1e9}
          .where_only(),
      O{"workers", &R::workers, "threads that look for unreadable pictures", 1, 256}.where_only(),
      O{"join_timeout", &R::join_timeout,
        "how long to wait until all processes of the run have come", 1, 1e6, "seconds"}
          .where_only(),
      O{"process_timeout", &R::process_timeout, "how long to wait for another process of the run",
        1, 1e6, "seconds"}
          .where_only(),
      {"seed", &R::seed, "seed of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      O{"device", &R::device, "cpu, cuda, cuda:N or auto"}.where_only(),
  };
  table.insert(table.end(), rest.begin(), rest.end());
  return table;
}

namespace {

/// What the attacks of a request know of their victim, and on what they act.
std::vector<AttackCard> cards_of(const EvaluateRequest& request) {
  std::vector<AttackCard> cards;
  for (const std::string& text : request.attack) cards.push_back(attack_card(text));
  return cards;
}

void check_attacks_of(const EvaluateRequest& request, const OptionRules& rules) {
  const bool with = !request.surrogate.empty();
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
    rules.need(any([](const AttackCard& card) { return card.white_box && card.uses_model; }),
               {"transfer"}, "a white-box attack");
  }
  if (!views) return;
  rules.need(any([&](const AttackCard& card) {
               return card.acts_on != AttackTarget::kPicture && !asks(card);
             }),
             {"level"}, "an attack that acts on views");
}

void check_twice(const std::vector<std::string>& attacks) {
  std::map<std::string, std::string> seen;
  for (const std::string& text : attacks) {
    const Spec spec = Registry<Attack>::instance().parse(text, "--attack");
    const auto [it, added] = seen.emplace(spec.name + ":" + attack_options(spec).stored(), text);
    if (added) continue;
    throw Error(ErrorKind::kUsage,
                {"the attacks '" + it->second + "' and '" + text + "' are the same", "--attack",
                 "leave out one of the two"});
  }
}

}  // namespace

void EvaluateRequest::settle(EvaluateRequest& request, const Params& given) {
  const OptionRules rules(given);
  if (request.triplet > 0) rules.need(request.save != 0, {"triplet"}, "--save");
  rules.need(request.examples > 0, {"example_side"}, "--examples above 0");
  rules.clash(!request.split_file.empty(), {"split_seed"},
              "--split-file, which is a split already");
  rules.clash(request.split == SplitPart::kAll, {"split_seed", "split_file"}, "--split all");
  rules.need(!request.purify.empty(), {"adaptive", "draws"}, "--purify");
  rules.clash(!request.purify.empty(), {"certify"}, "--purify");
  rules.need(!process_place().launcher.empty(), {"join_timeout", "process_timeout"},
             "a launcher of several processes, such as torchrun, srun or mpirun");
  check_certificate_options(request, rules);
  if (!DefendedName::parse(request.label).purifier.empty()) {
    throw Error(ErrorKind::kUsage,
                {"the label '" + request.label + "' would be read as a model behind a purifier",
                 "--label", "leave out the bar"});
  }
  check_twice(request.attack);
  check_attacks_of(request, rules);
}

}  // namespace robiq
