#include "robiq/report/evidence/example_pictures.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "robiq/report/figures/curves.h"

namespace robiq {
namespace {

/// Examples of one subject under one attack, all seeds together.
using Group = std::pair<Situation, Subject>;

/// Of all pictures that the group's numbers are about.
std::map<Group, double> median_changes(const Evidence& evidence) {
  std::map<Group, std::vector<double>> changes;
  for (const auto& [key, found] : evidence.scores) {
    const double change = found.row.change();
    if (std::isfinite(change)) changes[{key.situation, key.trained.subject}].push_back(change);
  }
  std::map<Group, double> medians;
  for (auto& [group, values] : changes) {
    std::sort(values.begin(), values.end());
    medians[group] = quantile_of_sorted(values, 0.5);
  }
  return medians;
}

struct Choice {
  const FoundExample* example;
  std::string kind;
};

/// One group's examples in the order in which they are worth being shown: largest change, typical,
/// then in turn by lot and by change.
std::vector<Choice> ranked(std::vector<const FoundExample*> remaining, double median) {
  std::vector<Choice> ranking;
  const auto take = [&](const std::string& kind, const auto& badness) {
    if (remaining.empty()) return;
    const auto place = std::min_element(remaining.begin(), remaining.end(), [&](auto* a, auto* b) {
      return std::pair{badness(*a), a->key} < std::pair{badness(*b), b->key};
    });
    ranking.push_back({*place, kind});
    remaining.erase(place);
  };
  const auto by_change = [](const FoundExample& example) { return -example.change; };
  take("largest change", by_change);
  take("typical", [&](const FoundExample& example) { return std::abs(example.change - median); });
  while (!remaining.empty()) {
    take("random", [](const FoundExample& example) { return example.draw; });
    take("largest change", by_change);
  }
  return ranking;
}

Example example_of(const Choice& choice, const Evidence& evidence, const Titles& titles,
                   const PictureIndex& pictures) {
  const ScoreKey& key = choice.example->key;
  const PictureScore& score = evidence.scores.at(key).row;
  return {pictures.at(key.situation.dataset, key.image),
          titles.about(key.trained.subject, key.situation),
          key.trained.seed,
          choice.kind,
          score.before,
          score.after,
          score.ssim,
          score.linf,
          choice.example->clean,
          choice.example->attacked};
}

/// Every group's first, then every group's second, and so on.
std::vector<Choice> spread(const std::vector<std::vector<Choice>>& rankings,
                           const ExampleLimits& limits) {
  std::vector<Choice> chosen;
  std::size_t bytes = 0;
  bool more = true;
  for (std::size_t round = 0; more; ++round) {
    more = false;
    for (const std::vector<Choice>& ranking : rankings) {
      if (round >= ranking.size()) continue;
      more = true;
      const FoundExample& example = *ranking[round].example;
      const std::size_t size = example.clean.size() + example.attacked.size();
      if (chosen.size() == limits.count || bytes + size > limits.bytes) return chosen;
      bytes += size;
      chosen.push_back(ranking[round]);
    }
  }
  return chosen;
}

}  // namespace

PictureIndex::PictureIndex(const Evidence& evidence) {
  std::map<std::pair<std::string, std::string>, double> found;
  for (const auto& [key, score] : evidence.scores) {
    found[{key.situation.dataset, key.image}] = score.row.mos;
  }
  for (const auto& [name, mos] : found) {
    const auto thumbnail = evidence.thumbnails.find(name);
    places_[name] = pictures_.size();
    pictures_.push_back({name.second, name.first, mos,
                         thumbnail == evidence.thumbnails.end() ? "" : thumbnail->second});
  }
}

std::vector<Example> chosen_examples(const Evidence& evidence, const Titles& titles,
                                     const PictureIndex& pictures, const ExampleLimits& limits) {
  std::map<Group, std::vector<const FoundExample*>> groups;
  for (const FoundExample& example : evidence.examples) {
    if (!evidence.scores.contains(example.key)) continue;  // a stopped run's last picture
    groups[{example.key.situation, example.key.trained.subject}].push_back(&example);
  }
  const std::map<Group, double> medians = median_changes(evidence);
  std::vector<std::vector<Choice>> rankings;
  for (const auto& [group, examples] : groups) {
    rankings.push_back(ranked(examples, medians.contains(group) ? medians.at(group) : 0));
  }
  std::vector<Choice> chosen = spread(rankings, limits);
  std::sort(chosen.begin(), chosen.end(), [](const Choice& a, const Choice& b) {
    const auto order = [](const Choice& choice) {
      const FoundExample& example = *choice.example;
      return std::tie(example.key.situation, example.change, example.key);
    };
    const auto [attack_a, change_a, key_a] = order(a);
    const auto [attack_b, change_b, key_b] = order(b);
    return std::tie(attack_a, change_b, key_a) < std::tie(attack_b, change_a, key_b);
  });
  std::vector<Example> examples;
  for (const Choice& choice : chosen) {
    examples.push_back(example_of(choice, evidence, titles, pictures));
  }
  return examples;
}

}  // namespace robiq
