#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/score_scale.h"
#include "robiq/metric/measures.h"

namespace robiq {

/// The block of that name. \throws Error{kInternal} for another name
[[nodiscard]] Block parse_block(std::string_view name);

/// A measure in a row of results: what is undefined is NaN, and `note` says why.
struct RowMeasure {
  std::string name;
  double value = std::numeric_limits<double>::quiet_NaN();
  std::string note;
  bool has_interval = false;
  double low = std::numeric_limits<double>::quiet_NaN();        ///< of the 95 % interval
  double high = std::numeric_limits<double>::quiet_NaN();       ///< likewise
  double deviation = std::numeric_limits<double>::quiet_NaN();  ///< over the seeds of a study
};

/// The measures of one attack between two columns of scores: what rows of an evaluation and of a
/// study share.
struct MeasuredRow {
  std::string attack;        ///< its name; "none" for the clean pictures
  std::string attack_title;  ///< what a table for people calls it; see name_attacks_of()
  std::string options;       ///< of the attack, all of them
  std::string level, surrogate;
  Block block = Block::kMosBefore;
  std::vector<RowMeasure> measures;

  /// The measure of that name, or null.
  [[nodiscard]] const RowMeasure* find(const std::string& name) const;
};

/// "apgd-up 62 %, square 38 %": who made the worst case of how many pictures, most first; "" of
/// nobody. \param shares  0 to 1, by member
[[nodiscard]] std::string wins_text(std::vector<std::pair<std::string, double>> shares);

/// Where a search for equal strength ended (--align).
struct FoundStrength {
  std::string option;              ///< that was moved: "epsilon"
  double strength = 0, value = 0;  ///< as AttackStrength counts it, and the option's value
  double reached = 0;              ///< the measure's mean over the pictures of the search
  std::int64_t pictures = 0, trials = 0, forwards = 0, backwards = 0;
  bool within = false;        ///< the tolerance
  bool not_monotone = false;  ///< somewhere a larger strength gave a weaker attack
};

/// A row of what `robiq evaluate` prints.
struct EvaluationRow : MeasuredRow {
  std::size_t n = 0;                      ///< pictures
  ScoreScale scale;                       ///< of the measures
  ScoreScale native_scale;                ///< of the model
  std::optional<FoundStrength> strength;  ///< with --align, of the block before_after

  static ResultColumns<EvaluationRow> columns();
};

/// Of a set of attacks (`standard`) what counts at one budget; a line of the second table that
/// `robiq evaluate` prints.
struct WorstCaseRow {
  std::string attack, options;
  std::vector<RowMeasure> measures;
  std::string wins;  ///< "apgd-up 75 %, square 25 %", the largest share first

  static ResultColumns<WorstCaseRow> columns();
};

/// A row for each budget: the worst case, who wins, and the integral scores beside the largest
/// budget. Empty where there is no set.
[[nodiscard]] std::vector<WorstCaseRow> worst_case_rows(const std::vector<EvaluationRow>& rows);

/// Gives each row its title: the attack's name, with those of its options, its level and its
/// surrogate in which rows of that name differ ("ifgsm epsilon=0.01").
void name_attacks_of(const std::vector<MeasuredRow*>& rows);

template <class Row>
void name_attacks(std::vector<Row>& rows) {
  std::vector<MeasuredRow*> measured;
  for (Row& row : rows) measured.push_back(&row);
  name_attacks_of(measured);
}

/// The five measures that a table for people has room for; "-" where a row lacks one.
void add_table_measures(const MeasuredRow& row, nlohmann::ordered_json& cells);

}  // namespace robiq
