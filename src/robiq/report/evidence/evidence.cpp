#include "robiq/report/evidence/evidence.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/attack_order.h"

namespace robiq {
namespace {

/// What `take` makes of the keys of both maps, without repetitions.
template <class T, class Take>
std::vector<T> distinct(const Evidence& evidence, Take take) {
  std::set<T> found;
  for (const auto& [key, row] : evidence.measures) take(key.situation, key.subject, found);
  for (const auto& [key, row] : evidence.scores) take(key.situation, key.trained.subject, found);
  return {found.begin(), found.end()};
}

}  // namespace

Situation clean_situation(const std::string& dataset) {
  Situation clean;
  clean.dataset = dataset;
  clean.attack = "none";
  return clean;
}

bool is_black_box(const Situation& situation) {
  return !situation.surrogate.empty() || situation.card.white_box == 0;
}

double PictureScore::change() const { return std::abs(after - before); }

Statistic statistic_of(const std::vector<double>& values) {
  Statistic statistic;
  statistic.count = values.size();
  if (values.empty()) return statistic;
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  statistic.mean = sum / count;
  if (values.size() < 2) return statistic;
  double squares = 0;
  for (const double value : values) squares += std::pow(value - statistic.mean, 2);
  statistic.deviation = std::sqrt(squares / (count - 1));
  return statistic;
}

namespace {

/// "cnniqa:window=5,filters=8" as "cnniqa:filters=8,window=5": with its options in the order that
/// the models of a database have.
std::string with_sorted_options(const std::string& model) {
  const std::size_t colon = model.find(':');
  // Two commas are one inside a value.
  if (colon == std::string::npos || model.find(",,") != std::string::npos) return model;
  std::vector<std::string> options = split(model.substr(colon + 1), ',');
  std::sort(options.begin(), options.end());
  return model.substr(0, colon + 1) + join(options, ",");
}

}  // namespace

Subject trained_subject(const RunRow& run) {
  const std::size_t space = run.label.rfind(' ');
  if (space == std::string::npos) return {"", with_sorted_options(run.label), "none"};
  return {"", with_sorted_options(run.label.substr(0, space)), run.label.substr(space + 1)};
}

std::vector<std::string> Evidence::datasets() const {
  return distinct<std::string>(*this, [](const Situation& situation, const Subject&, auto& found) {
    found.insert(situation.dataset);
  });
}

std::vector<Situation> Evidence::attacks(const std::string& dataset) const {
  std::vector<Situation> attacks =
      distinct<Situation>(*this, [&](const Situation& situation, const Subject&, auto& found) {
        if (situation.dataset == dataset && !situation.clean()) found.insert(situation);
      });
  sort_attacks(attacks);
  return attacks;
}

std::vector<Subject> Evidence::subjects(const std::string& dataset) const {
  return distinct<Subject>(*this,
                           [&](const Situation& situation, const Subject& subject, auto& found) {
                             if (situation.dataset == dataset) found.insert(subject);
                           });
}

std::vector<Subject> Evidence::subjects() const {
  return distinct<Subject>(
      *this, [](const Situation&, const Subject& subject, auto& found) { found.insert(subject); });
}

Statistic Evidence::find(const MeasureKey& key) const {
  const auto place = measures.find(key);
  if (place == measures.end()) return {};
  std::vector<double> values;
  for (const auto& [seed, found] : place->second) values.push_back(found.row.value);
  return statistic_of(values);
}

}  // namespace robiq
