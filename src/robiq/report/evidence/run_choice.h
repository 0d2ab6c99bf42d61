#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

/// Equal, or both not known (NaN).
[[nodiscard]] bool same_value(double a, double b);

/// Which evaluation of a folder counts. One model may have been evaluated twice under one attack,
/// on other pictures or in another way; pictures of both, or pictures of one and measures of the
/// other, would say nothing. Under an attack the last finished run counts; of clean pictures, which
/// every run scores beside its attacks, the one with the most pictures.
class RunChoice {
 public:
  /// \param key     of a score of that run; its split is not looked at
  void add(const RunRow& run, const ScoreKey& key, double before, double after);
  /// After all were added, and before what follows is asked.
  void choose();

  /// Whether the run's results of that model under that attack count.
  [[nodiscard]] bool counts(std::int64_t run, const Trained& trained,
                            const Situation& situation) const;
  /// Whether the run's scores are those of the run that counts, picture by picture: what only this
  /// one measured holds too.
  [[nodiscard]] bool repeats(std::int64_t run, const Trained& trained,
                             const Situation& situation) const;
  [[nodiscard]] bool repeats_anything(std::int64_t run) const { return repeating_.contains(run); }
  /// Whether a report shows anything of the run, or it is not finished.
  [[nodiscard]] bool is_shown(std::int64_t run) const { return shown_.contains(run); }
  /// A sentence for every two runs of which one is left out.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  using Place = std::pair<Trained, Situation>;
  using Scores = std::map<std::string, std::pair<double, double>>;  ///< before and after, by image

  [[nodiscard]] std::int64_t chosen_of(const Place& place,
                                       const std::map<std::int64_t, Scores>& runs) const;

  std::map<Place, std::map<std::int64_t, Scores>> scores_;  ///< by run
  std::map<std::int64_t, RunRow> runs_;
  std::map<Place, std::int64_t> chosen_;
  std::map<std::int64_t, std::set<Place>> repeating_;
  std::set<std::int64_t> shown_;
  std::vector<std::string> remarks_;
};

}  // namespace robiq
