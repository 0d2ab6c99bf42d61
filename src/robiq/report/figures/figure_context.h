#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "robiq/report/evidence/data_rows.h"
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/example_pictures.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/figures/vega_lite.h"
#include "robiq/report/report.h"

namespace robiq {

/// What the makers of figures share: the evidence, its titles, and the report that keeps the data
/// which figures name.
class FigureContext {
 public:
  FigureContext(const Evidence& evidence, const Titles& titles, const PictureIndex& pictures,
                Report& report);

  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  [[nodiscard]] const Titles& titles() const { return titles_; }
  [[nodiscard]] const PictureIndex& pictures() const { return pictures_; }

  /// Keeps a table in the report. \return its name there, "STEM-0" for the first of that stem
  std::string keep(const std::string& stem, DataTable table);
  [[nodiscard]] const DataTable& data(const std::string& name) const;

  /// One row a picture, model, defense and seed, with "change" and what it comes from; one table
  /// for all figures about that attack. "" when nothing was measured.
  std::string points(const Situation& attack);

  /// Baselines before their twins, twins by weight.
  [[nodiscard]] const std::vector<Subject>& subjects() const { return subjects_; }
  /// Titles of the defenses that `table` has.
  [[nodiscard]] Json colour(const DataTable& table) const;
  /// The same by shape, for grey print.
  [[nodiscard]] Json shape(const DataTable& table) const;

  /// The attacks that figures of every picture are drawn for: of an attack with more than
  /// kMostVariants settings so many from the mildest to the strongest.
  [[nodiscard]] std::vector<Situation> shown_attacks() const;
  static constexpr std::size_t kMostVariants = 4;
  /// Whether there are more.
  [[nodiscard]] bool leaves_attacks_out() const;

  /// "FAMILY-TITLE" in small letters, digits and hyphens, like no other figure's.
  std::string figure_id(const std::string& family, const std::string& title);
  /// "FGSM", "FGSM, koniq" where there are several data sets.
  [[nodiscard]] std::string title(const Situation& attack) const;
  /// "", or ", koniq" where there are several data sets.
  [[nodiscard]] std::string dataset_note(const std::string& dataset) const;

 private:
  [[nodiscard]] double mean_change(const Situation& attack) const;
  [[nodiscard]] Json by_defense(const DataTable& table) const;

  const Evidence& evidence_;
  const Titles& titles_;
  const PictureIndex& pictures_;
  Report& report_;
  std::vector<Subject> subjects_;
  std::vector<std::string> defenses_;  ///< titles, "base" first
  std::map<Situation, std::string> points_;
  std::map<std::string, int> stems_;
  std::set<std::string> ids_;
};

/// At most `most` places of 0..count-1, evenly apart, with the first and the last.
[[nodiscard]] std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most);

}  // namespace robiq
