#pragma once
// Evidence filled by hand, without a database.
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "support/situations.h"

namespace robiq::test {

/// Adds rows for one subject at a time; `with_seed` and the others say of which.
class FilledEvidence {
 public:
  FilledEvidence& model(const std::string& name, const std::string& defense,
                        const std::string& run = "") {
    trained_.subject = {run, name, defense};
    return *this;
  }
  /// What the card of that model's defense says.
  FilledEvidence& strength(const DefenseStrength& strength) {
    trained_.subject.strength = strength;
    return *this;
  }
  FilledEvidence& seed(const std::string& seed) {
    trained_.seed = seed;
    return *this;
  }
  FilledEvidence& attack(const std::string& name, const std::string& options = "",
                         const std::string& surrogate = "",
                         const std::string& surrogate_defense = "") {
    situation_ = situation(dataset, name, options, name == "none" ? "" : "view", surrogate,
                           surrogate_defense);
    return *this;
  }
  /// In the order rmse, srocc, plcc, krocc, r.
  FilledEvidence& measures(const std::string& block, const std::vector<double>& values,
                           const std::string& note = "") {
    const std::vector<std::string> names{"rmse", "srocc", "plcc", "krocc", "r"};
    for (std::size_t i = 0; i < values.size(); ++i) measure(block, names[i], values[i], note);
    return *this;
  }
  FilledEvidence& measure(const std::string& block, const std::string& name, double value,
                          const std::string& note = "") {
    MeasureRow row;
    row.dataset = situation_.dataset;
    row.attack = situation_.attack;
    row.block = block;
    row.measure = name;
    row.value = value;
    row.note = note;
    evidence.measures[{situation_, trained_.subject, block, name}][trained_.seed] = {row, "RUN"};
    return *this;
  }
  FilledEvidence& score(const std::string& image, const PictureScore& score) {
    evidence.scores[{situation_, trained_, "split", image}] = {score, "RUN"};
    return *this;
  }

  Evidence evidence = titled_evidence();
  std::string dataset = "builtin";

 private:
  Trained trained_;
  Situation situation_;
};

}  // namespace robiq::test
