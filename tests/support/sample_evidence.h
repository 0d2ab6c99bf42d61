#pragma once
// Evidence that no run made: numbers that look like those of a study, the same on every machine.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "support/situations.h"

namespace robiq::test {

/// How large a study it looks like.
struct SampleStudy {
  std::vector<std::string> models{"cnniqa", "dbcnn"};
  std::vector<std::string> weights{"0.001"};   ///< of the +NT twins
  std::vector<std::string> epsilons{"0.005"};  ///< of FGSM
  std::vector<std::string> others{"korhonen", "perceptual", "uap"};
  int pictures = 40, seeds = 1, epochs = 6;
  bool transferred = false;  ///< FGSM made on the first model's baseline and on its first twin, too
  bool examples = false;     ///< of the first and last three pictures
  bool worst_case = false;   ///< a set of attacks at two budgets
};

/// A linear congruential generator: numbers in [0,1).
class SampleNumbers {
 public:
  explicit SampleNumbers(std::uint64_t seed) : state_(seed * 2654435761U + 1) {}
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11U) / 9007199254740992.0;
  }
  /// About Gaussian: sum of twelve.
  double gaussian() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += next();
    return sum;
  }

 private:
  std::uint64_t state_;
};

/// A PNG of one grey pixel.
inline std::string one_pixel_png() {
  constexpr unsigned char kBytes[]{
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
      0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
      0x00, 0x3A, 0x7E, 0x9B, 0x55, 0x00, 0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78,
      0x9C, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0x00,
      0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
  return {std::begin(kBytes), std::end(kBytes)};
}

/// Fills an Evidence as a study of that size would.
class SampleMaker {
 public:
  explicit SampleMaker(const SampleStudy& study) : study_(study) {}

  Evidence make() {
    for (std::size_t m = 0; m < study_.models.size(); ++m) {
      add_subject(m, "none", 0);
      for (const std::string& weight : study_.weights) {
        add_subject(m, "gradient-norm:weight=" + weight, std::stod(weight));
      }
    }
    return std::move(evidence_);
  }

 private:
  static constexpr const char* kDataset = "builtin";

  void add_subject(std::size_t model, const std::string& defense, double weight) {
    // Between 1 (baseline) and 0: how much of its weakness is left.
    const double weakness = weight == 0 ? 1 : 0.6 / (1 + std::sqrt(weight / 1e-3));
    const double gradient = 1500.0 * (static_cast<double>(model) + 1) * weakness;
    for (int seed = 0; seed < study_.seeds; ++seed) {
      const Trained trained{{"", study_.models[model], defense}, std::to_string(seed)};
      SampleNumbers numbers(1000 * model + 10 * static_cast<std::uint64_t>(seed) +
                            static_cast<std::uint64_t>(weight * 1e6));
      add_clean(trained, gradient, weight, numbers);
      for (const std::string& epsilon : study_.epsilons) {
        const Situation fgsm =
            situation(kDataset, "fgsm", "epsilon=" + epsilon + ",loss=mid", "image");
        const double reach = std::stod(epsilon);
        add_attack({fgsm, trained, "", ""}, reach, reach, numbers);
        if (study_.transferred) add_transferred(fgsm, trained, reach, numbers);
      }
      for (std::size_t i = 0; i < study_.others.size(); ++i) {
        const Situation other = situation(kDataset, study_.others[i], "steps=10", "image");
        add_attack({other, trained, "", ""}, 0.003 * (static_cast<double>(i) + 0.3), 0.03, numbers);
      }
      add_history(trained, weight, numbers);
      if (study_.worst_case) add_worst_case(trained, weakness);
    }
  }

  void add_transferred(Situation fgsm, const Trained& trained, double reach,
                       SampleNumbers& numbers) {
    for (const std::string& weight : {std::string(), study_.weights.front()}) {
      fgsm.surrogate = study_.models.front();
      fgsm.surrogate_defense = weight.empty() ? "none" : "gradient-norm:weight=" + weight;
      fgsm.level = "image";
      if (trained.subject.model == fgsm.surrogate &&
          trained.subject.defense == fgsm.surrogate_defense) {
        continue;
      }
      add_attack({fgsm, trained, "", ""}, reach / 4, reach, numbers);
    }
  }

  [[nodiscard]] double mos(int picture) const {
    return 8 + 86.0 * picture / std::max(1, study_.pictures - 1);
  }
  [[nodiscard]] static std::string name(int picture) {
    return "scene" + std::to_string(picture) + "-blur-2";
  }

  void add_clean(const Trained& trained, double gradient, double weight, SampleNumbers& numbers) {
    const Situation clean = situation(kDataset, "none");
    for (int i = 0; i < study_.pictures; ++i) {
      PictureScore score;
      score.mos = mos(i);
      score.before = score.mos + (6 + 400 * weight) * numbers.gaussian();
      score.gradient_l1 = gradient * std::exp(0.5 * numbers.gaussian());
      evidence_.scores[{clean, trained, "split", name(i)}] = {score, "run"};
    }
    measure(clean, trained, "mos_before", "srocc", 0.93 - 20 * weight + 0.01 * numbers.gaussian());
    measure(clean, trained, "mos_before", "rmse", 8 + 900 * weight + 0.3 * numbers.gaussian());
  }

  /// \param effect  of a unit of the gradient's norm: at most `reach`
  void add_attack(ScoreKey key, double effect, double reach, SampleNumbers& numbers) {
    key.split_sha256 = "split";
    double squares = 0;
    for (int i = 0; i < study_.pictures; ++i) {
      key.image = name(i);
      ScoreKey clean = key;
      clean.situation = situation(kDataset, "none");
      PictureScore score = evidence_.scores.at(clean).row;
      const double change = score.gradient_l1 * effect * (0.3 + 0.7 * numbers.next());
      score.after = score.before + (score.before > 50 ? -change : change);
      score.gradient_l1 = ScoreRow::kNone;
      score.linf = reach;
      score.ssim = 1 - 3 * reach;
      evidence_.scores[key] = {score, "run"};
      squares += change * change;
      if (study_.examples && (i < 3 || i >= study_.pictures - 3)) {
        evidence_.examples.push_back(
            {key, change, numbers.next(), one_pixel_png(), one_pixel_png()});
      }
    }
    const double rmse = std::sqrt(squares / study_.pictures);
    measure(key.situation, key.trained, "before_after", "rmse", rmse);
    measure(key.situation, key.trained, "before_after", "srocc", 1 - std::min(1.6, rmse / 40));
    measure(key.situation, key.trained, "before_after", "r", std::log10(40 / rmse) + 0.5);
  }

  void add_worst_case(const Trained& trained, double weakness) {
    for (const int levels : {4, 16}) {
      const Situation set =
          situation(kDataset, "standard", "budget=" + std::to_string(levels) + "/255", "image");
      measure(set, trained, "before_after", "change_mean", 3 * weakness * levels);
      measure(set, trained, "before_after", "wins_apgd-up", 0.6);
      measure(set, trained, "mos_after", "worst_case_rmse", 8 + 3 * weakness * levels);
      measure(set, trained, "mos_after", "srocc_rank", 0.9 - weakness * levels / 20);
    }
  }

  void measure(const Situation& situation, const Trained& trained, const std::string& block,
               const std::string& name, double value) {
    MeasureRow row;
    row.value = value;
    evidence_.measures[{situation, trained.subject, block, name}][trained.seed] = {row, "run"};
  }

  void add_history(const Trained& trained, double weight, SampleNumbers& numbers) {
    auto& quantities = evidence_.histories[trained];
    for (int epoch = 1; epoch <= study_.epochs; ++epoch) {
      quantities["loss"].emplace_back(epoch, 20.0 / epoch + numbers.next());
      quantities["penalty"].emplace_back(epoch, (weight == 0 ? 0 : 4.0) / epoch);
      quantities["validation_srocc"].emplace_back(epoch, 0.9 - 0.3 / epoch + 0.02 * numbers.next());
      quantities["validation_rmse"].emplace_back(epoch, 10 + 8.0 / epoch + numbers.next());
      quantities["seconds"].emplace_back(epoch, weight == 0 ? 30 : 65);
    }
  }

  SampleStudy study_;
  Evidence evidence_ = titled_evidence();
};

inline Evidence sample_evidence(const SampleStudy& study = {}) { return SampleMaker(study).make(); }

}  // namespace robiq::test
