#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/app/train/nt_choice.h"
#include "robiq/core/options/options.h"
#include "robiq/core/options/params.h"

namespace robiq {

struct TomlNode;

/// The keys of a study file that stand in no table.
struct StudyHead {
  std::string name, title, description;
  std::vector<std::string> seeds = {"0"};
  std::vector<std::string> data = {"builtin"};
  std::string train_data;               ///< "": the first of `data`
  std::vector<std::string> split_file;  ///< none: drawn from the seed; one, or one a seed

  static OptionTable<StudyHead> options();
};

/// What stands in [[model]] beside its tables.
struct StudyModelKeys {
  std::string name, label, weights;

  static OptionTable<StudyModelKeys> options();
};

/// A model of the study.
struct StudyModel {
  StudyModelKeys keys;
  Params train, evaluate;  ///< options of `robiq train` and `robiq evaluate` for this model alone
  std::string where;
};

/// What stands in [[defense]]: how each model that is trained is trained.
struct StudyDefense {
  std::string name = "none";
  std::vector<std::string> weight = {"-1"};
  std::string weight_scale = "1";
  NtChoice nt;

  static OptionTable<StudyDefense> options();
};

/// What stands in [[purify]]: purifiers behind which models are evaluated too.
struct StudyPurify {
  std::vector<std::string> spec;                 ///< SPEC[+SPEC] as of --purify
  std::vector<std::string> adaptive = {"true"};  ///< true and false: both ways
  std::int64_t draws = 10;
  std::vector<std::string> defense;  ///< names of [[defense]] that it stands before; none: all

  static OptionTable<StudyPurify> options();
};

/// What stands in [[attack]] beside its table.
struct StudyAttackKeys {
  std::vector<std::string> spec;
  std::string surrogate;
  bool transfer = false;

  static OptionTable<StudyAttackKeys> options();
};

/// One or more attacks of the study.
struct StudyAttack {
  StudyAttackKeys keys;
  Params fit;  ///< options of `robiq uap`
  std::string where;
};

/// What stands in [report]: read by `robiq report`.
struct StudyReport {
  std::string title;
  std::vector<std::string> tables, figures;
  bool paper = false;

  static OptionTable<StudyReport> options();
};

/// A study file: models x defenses x seeds, under attacks, on data sets.
struct Study {
  StudyHead head;
  Params train, surrogate, evaluate;  ///< options for all models, all surrogates, all evaluations
  std::vector<StudyModel> models;
  std::vector<StudyDefense> defenses;  ///< never empty; the first is the baseline
  std::vector<StudyPurify> purifiers;  ///< every model is evaluated without any, too
  std::vector<StudyAttack> attacks;
  StudyReport report;

  [[nodiscard]] std::vector<std::int64_t> seeds() const;
  [[nodiscard]] const std::string& train_data() const {
    return head.train_data.empty() ? head.data.front() : head.train_data;
  }
  /// Of the position of a seed; "": drawn from it.
  [[nodiscard]] std::string split_file(std::size_t seed_position) const;
};

/// The keys of a study file that stand in no table, unchecked but for their names and types.
/// \throws Error{kUsage} with file, line and column, and the nearest known word
[[nodiscard]] StudyHead read_study_head(const TomlNode& root);

/// Reads and checks a study file: every key, every option of a table, every name of a model, a data
/// set, a defense.
/// \throws Error{kUsage} with file, line and column, and the nearest known word
[[nodiscard]] Study read_study(const std::filesystem::path& file);
/// The same from memory. \param name  of the text, for messages
[[nodiscard]] Study parse_study(std::string_view text, const std::string& name);

/// What a study file says of its report, its title among that; nothing else of it is checked, no
/// attack is made and no file is read. \throws Error{kUsage} as read_study() for these keys
[[nodiscard]] StudyReport parse_study_report(std::string_view text, const std::string& name);

/// The study as a file again, with every key of its tables: the same bytes for the same study,
/// however it was written.
[[nodiscard]] std::string study_text(const Study& study);

}  // namespace robiq
