#include "robiq/report/evidence/filter_points.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/model_pairs.h"

namespace robiq {
namespace {

/// Sums over the pictures of one seed.
struct FilterSums {
  double gain = 0, ssim = 0, psnr = 0, pictures = 0;

  void add(const PictureScore& score) {
    gain += score.after - score.before;
    ssim += score.ssim;
    psnr += score.psnr_db;
    ++pictures;
  }
};
using FilterSumsBySeed = std::map<Trained, FilterSums>;

/// A mean of each seed, then over seeds.
Statistic filter_mean(const FilterSumsBySeed& sums, double FilterSums::*sum) {
  std::vector<double> means;
  for (const auto& [trained, of_seed] : sums) means.push_back(of_seed.*sum / of_seed.pictures);
  return statistic_of(means);
}

/// Whether the attack is one filter of one strength.
bool is_graded_filter(const Situation& attack, double& strength) {
  return attack.options.value("search") == "none" && !attack.options.value("filter").empty() &&
         parse_number(attack.options.value("strength"), strength);
}

}  // namespace

std::vector<FilterPoint> filter_points(const Evidence& evidence, const std::string& dataset) {
  std::map<std::pair<Situation, Subject>, FilterSumsBySeed> sums;
  for (const auto& [key, found] : evidence.scores) {
    double strength = 0;
    if (key.situation.dataset != dataset || !is_graded_filter(key.situation, strength)) continue;
    sums[{key.situation, key.trained.subject}][key.trained].add(found.row);
  }
  std::vector<Subject> subjects = evidence.subjects(dataset);
  sort_subjects(subjects);
  std::vector<FilterPoint> points;
  for (const Subject& subject : subjects) {
    for (const Situation& attack : evidence.attacks(dataset)) {
      const auto measured = sums.find({attack, subject});
      if (measured == sums.end()) continue;
      FilterPoint& point = points.emplace_back();
      point.subject = subject;
      point.attack = attack;
      point.filter = attack.options.value("filter");
      static_cast<void>(is_graded_filter(attack, point.strength));
      point.ssim = filter_mean(measured->second, &FilterSums::ssim);
      point.psnr = filter_mean(measured->second, &FilterSums::psnr);
      point.gain = filter_mean(measured->second, &FilterSums::gain);
    }
  }
  std::stable_sort(points.begin(), points.end(), [](const FilterPoint& a, const FilterPoint& b) {
    return std::tie(a.filter, a.strength) < std::tie(b.filter, b.strength);
  });
  return points;
}

}  // namespace robiq
