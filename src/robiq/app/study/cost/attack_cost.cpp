#include <fmt/format.h>

#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/study/cost/cell_cost.h"
#include "robiq/attack/standard_set.h"
#include "robiq/core/log.h"
#include "robiq/core/options/params.h"
#include "robiq/defense/purify/purifier_chain.h"

namespace robiq {

bool CostMeter::is_fitted(const std::string& attack) const {
  const Spec spec = Registry<Attack>::instance().parse(attack, "[[attack]]");
  return fitted_.contains(spec.argument);
}

const PassCost& CostMeter::purifier(const EvaluateRequest& request, const Seen& seen) {
  const std::string key =
      fmt::format("{} {}x{}", request.purifier.spec, seen.whole.size(2), seen.whole.size(3));
  const auto [it, inserted] = purifiers_.try_emplace(key);
  if (!inserted) return it->second;
  it->second = measure_purifier(*make_purifier(request.purifier.spec, "[[purify]]"), seen.whole);
  return it->second;
}

const AttackPasses& CostMeter::passes(const std::string& attack, const at::Tensor& images,
                                      std::int64_t pictures) {
  const std::string key =
      fmt::format("{} {}x{} {}", attack, images.size(2), images.size(3), pictures);
  const auto [it, inserted] = passes_.try_emplace(key);
  if (inserted && !is_fitted(attack)) {
    log::info("counting the passes of {}", attack);
    const auto maker = Registry<Attack>::instance().make(parse_spec(attack, "[[attack]]"), "");
    it->second = attack_passes(*maker, images, pictures);
  }
  return it->second;
}

CostMeter::Asked CostMeter::all_surrogates(const EvaluateRequest& request, std::size_t record) {
  Asked all;
  for (const std::string& surrogate : surrogates_in(request.surrogate.model)) {
    const PassCost& pass = seen(request, surrogate, record).pass;
    all.forward += pass.forward_seconds;
    all.backward += pass.backward_seconds;
  }
  return all;
}

std::vector<CostMeter::Asked> CostMeter::victims(const EvaluateRequest& request,
                                                 const Seen& victim) {
  const Asked bare{victim.pass.forward_seconds, victim.pass.backward_seconds};
  if (!request.purifier.any()) return {bare};
  const bool randomised = make_purifier(request.purifier.spec, "")->card().randomised;
  const double draws = randomised ? static_cast<double>(request.purifier.draws) : 1;
  const PassCost& wall = purifier(request, victim);
  return {bare,
          {draws * (bare.forward + wall.forward_seconds),
           draws * (bare.backward + wall.backward_seconds), draws}};
}

void CostMeter::add_attack(const EvaluateRequest& request, const std::string& attack,
                           std::size_t record, std::int64_t pictures, CellCost& picture) {
  AttackCard card;
  bool several = false;
  if (!is_fitted(attack)) {
    const auto instance = Registry<Attack>::instance().make(parse_spec(attack, "[[attack]]"), "");
    card = instance->card();
    several = dynamic_cast<const RunsStandardSet*>(instance.get()) != nullptr;
  }
  const bool on_surrogate =
      !request.surrogate.model.empty() && card.asks_surrogate(request.transfer);
  const bool whole = on_surrogate || card.acts_on == AttackTarget::kPicture ||
                     request.level == AttackLevel::kImage;
  const Seen& victim = seen(request, request.model, record);
  const AttackPasses& counted = passes(attack, whole ? victim.whole : victim.view, pictures);
  const double parts = whole ? 1 : static_cast<double>(victim.pass.views);
  // Scores before, after, and after rounding to 8 bits; behind a purifier the bare ones too.
  const std::vector<Asked> graders = victims(request, victim);
  std::vector<Asked> makers = {graders.front()};
  if (on_surrogate) {
    makers = {all_surrogates(request, record)};
  } else if (request.adaptive) {
    // The stronger of two is kept: made through the purifier, and on the model alone.
    makers = several ? std::vector{graders.back()} : graders;
  }
  for (const Asked& maker : makers) {
    picture.forwards += counted.forwards * maker.passes;
    picture.backwards += counted.backwards * maker.passes;
    picture.seconds += counted.forwards * maker.forward + counted.backwards * maker.backward +
                       parts * counted.own_seconds;
  }
  const double grades = 3.0 * static_cast<double>(makers.size());
  for (const Asked& grader : graders) {
    picture.forwards += grades * grader.passes;
    picture.seconds += grades * grader.forward;
  }
}

}  // namespace robiq
