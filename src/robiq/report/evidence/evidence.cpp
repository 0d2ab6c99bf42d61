#include "robiq/report/evidence/evidence.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>

#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"
#include "robiq/store/training_label.h"

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
  if (colon == std::string::npos) return model;
  std::vector<std::string> options = spec_parts(model.substr(colon + 1));
  std::sort(options.begin(), options.end());
  for (std::string& option : options) option = with_doubled_commas(option);
  return model.substr(0, colon + 1) + join(options, ",");
}

}  // namespace

Subject trained_subject(const RunRow& run) {
  const TrainingLabel label = TrainingLabel::parse(run.label);
  return {"", with_sorted_options(label.model), label.defense};
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
  Statistic statistic = statistic_of(values);
  if (place->second.size() == 1) {
    statistic.low = place->second.begin()->second.row.low;
    statistic.high = place->second.begin()->second.row.high;
  }
  statistic.refused = !refused.empty() && refused.contains({key.situation, key.subject});
  return statistic;
}

namespace {

/// The number at the front of a text, taken off it. \return whether there is one
bool take_number(std::string_view& text, double& number) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

/// Letter by letter, numbers by their size. Below 0: `a` comes first
int compared(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    double of_a = 0, of_b = 0;
    std::string_view rest_a = a, rest_b = b;
    if (take_number(rest_a, of_a) && take_number(rest_b, of_b)) {
      if (of_a != of_b) return of_a < of_b ? -1 : 1;
      a = rest_a;
      b = rest_b;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front() ? -1 : 1;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

void sort_attacks(std::vector<Situation>& attacks) {
  std::stable_sort(attacks.begin(), attacks.end(), [](const Situation& a, const Situation& b) {
    const auto of_a = std::tuple{is_black_box(a), a.card.rank, std::string_view(a.attack)};
    const auto of_b = std::tuple{is_black_box(b), b.card.rank, std::string_view(b.attack)};
    if (of_a != of_b) return of_a < of_b;
    const int options = compared(a.options.text(), b.options.text());
    return options != 0 ? options < 0 : a < b;
  });
}

}  // namespace robiq
