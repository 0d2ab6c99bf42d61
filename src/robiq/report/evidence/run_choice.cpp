#include "robiq/report/evidence/run_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace robiq {
namespace {

constexpr const char* kNoAttack = "none";

/// Whether every picture of `some` is in `all`, with the same scores.
bool holds(const auto& all, const auto& some) {
  return std::all_of(some.begin(), some.end(), [&](const auto& entry) {
    const auto place = all.find(entry.first);
    return place != all.end() && same_value(place->second.first, entry.second.first) &&
           same_value(place->second.second, entry.second.second);
  });
}

}  // namespace

bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void RunChoice::add(const RunRow& run, const ScoreKey& key, double before, double after) {
  runs_.try_emplace(run.id, run);
  scores_[{key.trained, key.situation}][run.id][key.image] = {before, after};
}

std::int64_t RunChoice::chosen_of(const Place& place,
                                  const std::map<std::int64_t, Scores>& runs) const {
  const auto rank = [&](const auto& entry) {
    const RunRow& run = runs_.at(entry.first);
    const std::size_t pictures = place.second.attack == kNoAttack ? entry.second.size() : 0;
    return std::tuple(run.status == RunStatus::kFinished, pictures, run.finished_utc, run.id);
  };
  return std::max_element(runs.begin(), runs.end(),
                          [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
      ->first;
}

void RunChoice::choose() {
  std::set<std::pair<std::int64_t, std::int64_t>> told;
  for (const auto& [place, runs] : scores_) {
    const std::int64_t chosen = chosen_[place] = chosen_of(place, runs);
    const Scores& counted = runs.at(chosen);
    shown_.insert(chosen);
    for (const auto& [run, scores] : runs) {
      if (runs_.at(run).status != RunStatus::kFinished) shown_.insert(run);
      if (run == chosen) continue;
      if (holds(counted, scores)) {
        if (counted.size() != scores.size()) continue;
        repeating_[run].insert(place);
        shown_.insert(run);
      } else if (told.insert({run, chosen}).second) {
        const auto& [trained, situation] = place;
        remarks_.push_back(fmt::format(
            "run {} and run {} score {} (defense {}) {} on different pictures or in different "
            "ways; the report takes run {}",
            std::min(run, chosen), std::max(run, chosen), trained.subject.model,
            trained.subject.defense,
            situation.attack == kNoAttack ? "without an attack"
                                          : "under '" + situation.attack + "'",
            chosen));
      }
    }
  }
}

bool RunChoice::counts(std::int64_t run, const Trained& trained, const Situation& situation) const {
  const auto chosen = chosen_.find({trained, situation});
  return chosen == chosen_.end() || chosen->second == run;
}

bool RunChoice::repeats(std::int64_t run, const Trained& trained,
                        const Situation& situation) const {
  const auto places = repeating_.find(run);
  return places != repeating_.end() && places->second.contains({trained, situation});
}

}  // namespace robiq
