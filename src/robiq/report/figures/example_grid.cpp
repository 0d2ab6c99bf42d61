#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/core/text/text.h"
#include "robiq/report/figures/figure_family.h"

namespace robiq {
namespace {

constexpr std::size_t kMostSubjects = 8, kMostAttacks = 7;
constexpr std::size_t kMostPictures = 4;  // of more, the best and the worst are shown
constexpr std::size_t kMostBytes = std::size_t{4} << 20;  // of a figure's PNGs

using Cells = decltype(ExampleGrid::cells);

/// Of the seed with most of them, the first of these.
Cells cells_of_one_seed(const Evidence& evidence, const std::string& dataset) {
  std::map<std::string, Cells> by_seed;
  for (const FoundExample& example : evidence.examples) {
    const ScoreKey& key = example.key;
    if (key.situation.dataset != dataset || !evidence.scores.contains(key)) continue;
    by_seed[key.trained.seed][{key.image, key.trained.subject, key.situation}] = &example;
  }
  const Cells* most = nullptr;
  for (const auto& [seed, cells] : by_seed) {
    if (most == nullptr || cells.size() > most->size()) most = &cells;
  }
  return most == nullptr ? Cells{} : *most;
}

/// By epsilon and steps where the options name them, else by how far pixels moved.
auto intensity(const Evidence& evidence, const Cells& cells, const Situation& attack) {
  const auto option = [&](const char* key) {
    double value = 0;
    return parse_number(attack.options.value(key), value) ? value : 0;
  };
  double linf = 0;
  for (const auto& [cell, example] : cells) {
    if (std::get<2>(cell) != attack) continue;
    const double reached = evidence.scores.at(example->key).row.linf;
    if (std::isfinite(reached)) linf = std::max(linf, reached);
  }
  return std::tuple{option("epsilon"), option("steps"), linf};
}

/// Attacks with several settings each for themselves, the others together; each in the order of the
/// report's tables.
std::vector<std::vector<Situation>> attack_groups(const Evidence& evidence,
                                                  const std::string& dataset, const Cells& cells) {
  std::set<Situation> shown;
  for (const auto& [cell, example] : cells) shown.insert(std::get<2>(cell));
  std::vector<std::vector<Situation>> groups;
  std::vector<Situation> rest;
  for (const Situation& attack : evidence.attacks(dataset)) {
    if (!shown.contains(attack)) continue;
    const auto is_sister = [&](const Situation& other) { return other.attack == attack.attack; };
    if (std::count_if(shown.begin(), shown.end(), is_sister) == 1) {
      rest.push_back(attack);
    } else if (const auto group =
                   std::find_if(groups.begin(), groups.end(),
                                [&](const auto& found) { return is_sister(found.front()); });
               group != groups.end()) {
      group->push_back(attack);
    } else {
      groups.push_back({attack});
    }
  }
  for (std::vector<Situation>& group : groups) {
    std::stable_sort(group.begin(), group.end(), [&](const Situation& a, const Situation& b) {
      return intensity(evidence, cells, a) < intensity(evidence, cells, b);
    });
  }
  if (!rest.empty()) groups.push_back(rest);
  return groups;
}

/// Where there are too many: the first and the last of each model.
std::vector<Subject> chosen_subjects(const FigureContext& context, const Cells& cells) {
  std::set<Subject> found;
  for (const auto& [cell, example] : cells) found.insert(std::get<1>(cell));
  std::vector<std::pair<std::string, std::vector<Subject>>> by_model;
  for (const Subject& subject : context.subjects()) {
    if (!found.contains(subject)) continue;
    const std::string model = context.titles().model(subject);
    if (by_model.empty() || by_model.back().first != model) by_model.push_back({model, {}});
    by_model.back().second.push_back(subject);
  }
  std::vector<Subject> chosen;
  for (auto& [model, subjects] : by_model) {
    if (found.size() > kMostSubjects && subjects.size() > 2) {
      subjects = {subjects.front(), subjects.back()};
    }
    if (chosen.size() + subjects.size() > kMostSubjects) break;
    chosen.insert(chosen.end(), subjects.begin(), subjects.end());
  }
  return chosen;
}

/// Keeps the cells of the grid's pictures, subjects and attacks. \return their bytes
std::size_t fill(ExampleGrid& grid, const Cells& cells) {
  grid.cells.clear();
  std::size_t bytes = 0;
  for (const std::string& picture : grid.pictures) {
    for (const Subject& subject : grid.subjects) {
      for (const Situation& attack : grid.attacks) {
        const auto place = cells.find({picture, subject, attack});
        if (place == cells.end()) continue;
        grid.cells.insert(*place);
        bytes += place->second->attacked.size();
      }
    }
  }
  return bytes;
}

void choose_pictures(ExampleGrid& grid, const Cells& cells, const FigureContext& context) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [cell, example] : cells) {
    const auto& [picture, subject, attack] = cell;
    const bool shown =
        std::find(grid.subjects.begin(), grid.subjects.end(), subject) != grid.subjects.end() &&
        std::find(grid.attacks.begin(), grid.attacks.end(), attack) != grid.attacks.end();
    if (shown) ++counts[picture];
  }
  std::size_t most = 0;
  for (const auto& [picture, count] : counts) most = std::max(most, count);
  const auto mos = [&](const std::string& picture) {
    return context.pictures().pictures()[context.pictures().at(grid.dataset, picture)].mos;
  };
  for (const auto& [picture, count] : counts) {
    // The other pictures would add gaps to the grid.
    if (count == most) grid.pictures.push_back(picture);
  }
  std::stable_sort(grid.pictures.begin(), grid.pictures.end(),
                   [&](const auto& a, const auto& b) { return mos(a) > mos(b); });
  if (grid.pictures.size() > kMostPictures) {
    grid.pictures = {grid.pictures.front(), grid.pictures.back()};
  }
}

ExampleGrid grid_of(const FigureContext& context, const std::string& dataset, const Cells& cells,
                    const std::vector<Situation>& attacks) {
  ExampleGrid grid{dataset, {}, chosen_subjects(context, cells), attacks, {}};
  choose_pictures(grid, cells, context);
  std::size_t most = std::min(kMostAttacks, attacks.size());
  for (;; --most) {
    grid.attacks.clear();
    for (const std::size_t place : evenly_chosen(attacks.size(), most)) {
      grid.attacks.push_back(attacks[place]);
    }
    if (fill(grid, cells) <= kMostBytes || most <= 1) return grid;
  }
}

}  // namespace

std::vector<ExampleGrid> example_grids(const FigureContext& context) {
  std::vector<ExampleGrid> grids;
  for (const std::string& dataset : context.evidence().datasets()) {
    const Cells cells = cells_of_one_seed(context.evidence(), dataset);
    for (const std::vector<Situation>& attacks :
         attack_groups(context.evidence(), dataset, cells)) {
      ExampleGrid grid = grid_of(context, dataset, cells, attacks);
      if (!grid.cells.empty()) grids.push_back(std::move(grid));
    }
  }
  return grids;
}

}  // namespace robiq
