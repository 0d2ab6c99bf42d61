#include "robiq/report/figures/figure_context.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/model_pairs.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

/// The clean row's gradient is that of the attacked picture too.
double gradient_of(const Evidence& evidence, const ScoreKey& key, const PictureScore& score) {
  // Views that overlap cancel in the clean row's, which would be no bound for them.
  if (!std::isnan(score.gradient_l1) || key.situation.level == "view") return score.gradient_l1;
  ScoreKey clean = key;
  clean.situation = clean_situation(key.situation.dataset);
  const auto place = evidence.scores.find(clean);
  return place == evidence.scores.end() ? ScoreRow::kNone : place->second.row.gradient_l1;
}

/// All scores under an attack, by subject.
std::map<Subject, std::vector<const std::pair<const ScoreKey, Found<PictureScore>>*>> scores_under(
    const Evidence& evidence, const Situation& attack) {
  std::map<Subject, std::vector<const std::pair<const ScoreKey, Found<PictureScore>>*>> found;
  for (auto place = evidence.scores.lower_bound({attack, {}, "", ""});
       place != evidence.scores.end() && place->first.situation == attack; ++place) {
    found[place->first.trained.subject].push_back(&*place);
  }
  return found;
}

}  // namespace

FigureContext::FigureContext(const Evidence& evidence, const Titles& titles,
                             const PictureIndex& pictures, Report& report)
    : evidence_(evidence), titles_(titles), pictures_(pictures), report_(report) {
  std::set<Subject> found;
  for (const Subject& subject : evidence.subjects()) found.insert(subject);
  for (const auto& [trained, quantities] : evidence.histories) found.insert(trained.subject);
  subjects_.assign(found.begin(), found.end());
  sort_subjects(subjects_);
  std::vector<Subject> by_defense = subjects_;
  std::stable_sort(by_defense.begin(), by_defense.end(), [](const Subject& a, const Subject& b) {
    return order_of_defense(a) < order_of_defense(b);
  });
  defenses_.push_back("base");
  for (const Subject& subject : by_defense) {
    const std::string title = titles.defense(subject);
    if (std::find(defenses_.begin(), defenses_.end(), title) == defenses_.end()) {
      defenses_.push_back(title);
    }
  }
}

std::string FigureContext::keep(const std::string& stem, DataTable table) {
  const std::string name = stem + "-" + std::to_string(stems_[stem]++);
  report_.data[name] = std::move(table);
  return name;
}

const DataTable& FigureContext::data(const std::string& name) const {
  return report_.data.at(name);
}

std::string FigureContext::points(const Situation& attack) {
  if (const auto place = points_.find(attack); place != points_.end()) return place->second;
  DataRows rows;
  const auto scores = scores_under(evidence_, attack);
  for (const Subject& subject : subjects_) {
    const auto own_scores = scores.find(subject);
    if (own_scores == scores.end()) continue;
    const About about = titles_.about(subject, attack);
    for (const auto* entry : own_scores->second) {
      const auto& [key, found] = *entry;
      const PictureScore& score = found.row;
      if (!std::isfinite(score.change())) continue;
      DataRows::Row row{{"picture", static_cast<double>(pictures_.at(attack.dataset, key.image))},
                        {"name", key.image}};
      for (auto& cell : about_cells(about)) row.push_back(std::move(cell));
      row.insert(row.end(), {{"seed", key.trained.seed},
                             {"mos", score.mos},
                             {"before", score.before},
                             {"after", score.after},
                             {"change", score.change()},
                             {"after_8bit", score.after_8bit},
                             {"gradient_l1", gradient_of(evidence_, key, score)},
                             {"linf", score.linf}});
      rows.add(row);
    }
  }
  return points_[attack] = rows.empty() ? "" : keep("points", rows.take());
}

Json FigureContext::by_defense(const DataTable& table) const {
  Json channel = ordered_nominal("defense", "Defense", defenses_);
  const std::vector<std::string> present = words_in(table, "defense");
  std::vector<std::string> shown;
  for (const std::string& defense : defenses_) {
    if (std::find(present.begin(), present.end(), defense) != present.end()) {
      shown.push_back(defense);
    }
  }
  channel["legend"] = {{"values", shown}};
  return channel;
}

Json FigureContext::colour(const DataTable& table) const { return by_defense(table); }

Json FigureContext::shape(const DataTable& table) const { return by_defense(table); }

double FigureContext::mean_change(const Situation& attack) const {
  double sum = 0;
  std::size_t count = 0;
  for (const auto& [subject, scores] : scores_under(evidence_, attack)) {
    for (const auto* entry : scores) {
      const double change = entry->second.row.change();
      if (!std::isfinite(change)) continue;
      sum += change;
      ++count;
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

std::vector<Situation> FigureContext::shown_attacks() const {
  std::vector<Situation> shown;
  for (const std::string& dataset : evidence_.datasets()) {
    using Settings = std::vector<std::pair<double, Situation>>;
    std::vector<std::pair<std::string, Settings>> variants;  // in the order of the attacks
    for (const Situation& attack : evidence_.attacks(dataset)) {
      const auto same = [&](const auto& entry) { return entry.first == attack.attack; };
      auto place = std::find_if(variants.begin(), variants.end(), same);
      if (place == variants.end()) place = variants.insert(place, {attack.attack, {}});
      place->second.emplace_back(mean_change(attack), attack);
    }
    std::vector<Situation> chosen;
    for (auto& [name, found] : variants) {
      if (found.size() > kMostVariants) std::sort(found.begin(), found.end());
      for (const std::size_t place : evenly_chosen(found.size(), kMostVariants)) {
        chosen.push_back(found[place].second);
      }
    }
    sort_attacks(chosen);
    shown.insert(shown.end(), chosen.begin(), chosen.end());
  }
  return shown;
}

bool FigureContext::leaves_attacks_out() const {
  std::size_t all = 0;
  for (const std::string& dataset : evidence_.datasets()) {
    all += evidence_.attacks(dataset).size();
  }
  return shown_attacks().size() < all;
}

std::string FigureContext::figure_id(const std::string& family, const std::string& title) {
  std::string id = family;
  bool gap = true;
  const auto is_digit = [&](std::size_t place) {
    return place < title.size() && title[place] >= '0' && title[place] <= '9';
  };
  for (std::size_t i = 0; i < title.size(); ++i) {
    const char letter = title[i];
    const auto code = static_cast<unsigned char>(letter);
    const bool kept = std::isalnum(code) != 0 || (letter == '.' && is_digit(i + 1));
    if (kept && gap) id += '-';
    if (kept) id += static_cast<char>(std::tolower(code));
    gap = !kept;
  }
  constexpr std::size_t kLongest = 100;  // file names have at most 255 bytes
  if (id.size() > kLongest) id.resize(kLongest);
  std::string unique = id;
  for (int i = 2; !ids_.insert(unique).second; ++i) unique = id + "-" + std::to_string(i);
  return unique;
}

std::string FigureContext::title(const Situation& attack) const {
  return titles_.attack(attack) + dataset_note(attack.dataset);
}

std::string FigureContext::dataset_note(const std::string& dataset) const {
  return evidence_.datasets().size() > 1 ? ", " + with_short_numbers(dataset) : "";
}

std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most) {
  std::vector<std::size_t> places;
  const std::size_t kept = std::min(count, most);
  for (std::size_t i = 0; i < kept; ++i) {
    places.push_back(kept == 1 ? 0 : (i * (count - 1) + (kept - 1) / 2) / (kept - 1));
  }
  return places;
}

}  // namespace robiq
