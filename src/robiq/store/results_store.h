#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/text/enum_words.h"

namespace robiq {

/// Rows of an attack whose name holds this letter are parts of another attack: they are kept for
/// its measures and stand in no table.
inline constexpr char kPartOfAttack = '/';

/// What tables and figures need to know of an attack, as its card says it.
struct AttackRow {
  std::string name;
  std::string title;                 ///< "I-FGSM"; "": the name
  std::int64_t rank = 50;            ///< its place among the attacks of a table
  std::string strength = "epsilon";  ///< the option by which it grows stronger; "" for none
  std::int64_t white_box = 1;        ///< 1: uses gradients of the attacked model
  std::int64_t score_only = 0;       ///< 1: asks the attacked model for scores only
};

/// The attacks that robiq had before its databases noted them (schema 1 to 3).
[[nodiscard]] const std::vector<AttackRow>& attacks_of_older_databases();

/// What tables and figures call a model, as its card says it.
struct ModelTitleRow {
  std::string name;   ///< registered name, "hyperiqa"
  std::string title;  ///< "HyperIQA"; "": the name
};

/// Those of the models that robiq had before its databases noted them (schema 1 to 4).
[[nodiscard]] const std::vector<ModelTitleRow>& model_titles_of_older_databases();

// A new word in one of these enums needs a new schema version: an older robiq takes it for damage.

/// What a run did.
enum class RunKind : std::uint8_t { kTrain, kEvaluate, kExperiment, kCell };
[[nodiscard]] constexpr std::array<std::string_view, 4> words_of(RunKind /*type*/) {
  return {"train", "evaluate", "experiment", "cell"};
}

/// How far a run came.
enum class RunStatus : std::uint8_t { kRunning, kFinished, kInterrupted, kFailed };
[[nodiscard]] constexpr std::array<std::string_view, 4> words_of(RunStatus /*type*/) {
  return {"running", "finished", "interrupted", "failed"};
}

/// One invocation of robiq that produced numbers.
struct RunRow {
  std::int64_t id = 0;
  RunKind kind = RunKind::kEvaluate;
  std::string label, command, config_toml, config_sha256;
  std::string robiq_version, torch_version, device;
  std::int64_t threads = 0, seed = 0;
  std::string started_utc, finished_utc;  ///< ISO 8601
  RunStatus status = RunStatus::kRunning;

  /// From its start to its end; NaN where either is not known.
  [[nodiscard]] double seconds() const;
};

/// A trained model: a baseline, or a defended twin of it.
struct ModelRow {
  std::int64_t id = 0;
  std::string name;     ///< registered name, "cnniqa"
  std::string defense;  ///< "none", or the defense with its options, "gradient-norm:weight=0.001"
  std::string weights_sha256;  ///< of the checkpoint file
  std::string card_json;
};

/// A rated picture that was scored.
struct ImageRow {
  std::int64_t id = 0;
  std::string dataset, split_sha256, name, content;
  double mos = 0, mos_normalised = 0;
  std::string thumbnail;  ///< JPEG bytes, may be empty
};

/// One picture under one attack; attack "none" is the clean row. NaN means not measured.
/// before, after and after_8bit are on the normalised 0..100 scale.
struct ScoreRow {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::int64_t run = 0, model = 0, image = 0;
  std::string attack;
  std::string attack_options;  ///< AttackOptions::stored()
  std::string level, surrogate;
  double before = kNone, after = kNone, after_8bit = kNone;
  double before_native = kNone, after_native = kNone;
  double linf = kNone, l2 = kNone, ssim = kNone, psnr_db = kNone, lpips = kNone;
  /// Of the native score, by picture values in [0,1]. In rows of level view the mean over the views
  /// of the norms of their own scores' gradients.
  double gradient_l1 = kNone;
  std::int64_t forwards = 0, backwards = 0;
  double seconds = kNone;
  std::string artifact;  ///< path of the saved picture, relative to the run folder
};

/// One measure over the pictures of a run.
struct MeasureRow {
  std::int64_t run = 0, model = 0;
  std::string dataset, attack, attack_options, level, surrogate;
  std::string block;    ///< mos_before | mos_after | before_after
  std::string measure;  ///< rmse | srocc | krocc | plcc | r
  double value = ScoreRow::kNone, low = ScoreRow::kNone, high = ScoreRow::kNone;
  std::string note;
};

/// How far one attacked picture is from the clean one, by a distance that `scores` has no column
/// for.
struct DistanceRow {
  std::int64_t run = 0, model = 0, image = 0;
  std::string attack, attack_options, level, surrogate;
  std::string distance;  ///< "dists"
  double value = ScoreRow::kNone;
};

/// Bytes of a file.
struct Blob {
  std::string bytes;
};

/// Pixels of one attacked picture, for people to look at.
struct ExampleRow {
  std::int64_t run = 0, model = 0, image = 0;
  std::string attack, attack_options, level, surrogate;
  double change = ScoreRow::kNone;  ///< |after - before| on the scale 0..100
  double draw = 0;                  ///< the picture's lot in [0,1): depends on its name alone
  Blob clean, attacked;             ///< PNGs of equal size
};

/// One quantity after one epoch of a model's training: "loss", "srocc" of the validation pictures.
struct HistoryRow {
  std::int64_t model = 0, epoch = 0;
  std::string quantity;
  double value = ScoreRow::kNone;
};

/// How far a study is with a cell that it has begun.
enum class CellState : std::uint8_t { kRunning, kDone, kFailed };
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(CellState /*type*/) {
  return {"running", "done", "failed"};
}

/// One of a study's cells.
struct CellRow {
  std::string study, cell;
  CellState state = CellState::kRunning;
  std::int64_t run = 0;  ///< 0: none
  std::string error;     ///< of a failed cell, one line
};

/// How much a doubt weighs. A number that is refused is no headline.
enum class Severity : std::uint8_t { kNote, kWarning, kRefused };
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(Severity /*type*/) {
  return {"note", "warning", "refused"};
}

/// A doubt about a run's numbers.
struct FlagRow {
  std::int64_t run = 0, model = 0;
  std::string attack;  ///< "" when it is about the model
  std::string flag;    ///< "budget-unused"
  Severity severity = Severity::kWarning;
  std::string text;  ///< one sentence with the numbers in it
};

/// Everything robiq measured, in one SQLite file with one writer and any number of readers; a
/// reader sees it as it was when it was opened. NaN is stored as NULL.
class ResultsStore {
 public:
  enum class Access { kWrite, kRead };

  /// False in a build without SQLiteCpp: constructing one is then Error{kUsage} that says so.
  [[nodiscard]] static bool available();

  /// Creates the file (kWrite) or opens it.
  /// \throws Error{kData} when it is no sound database of ours, newer than this program, missing
  ///         (kRead) or locked by another writer; all do so when the file was removed meanwhile.
  explicit ResultsStore(const std::filesystem::path& file, Access access = Access::kWrite);
  ~ResultsStore();
  ResultsStore(const ResultsStore&) = delete;
  ResultsStore& operator=(const ResultsStore&) = delete;

  /// \return the new run's id; its row begins as running.
  std::int64_t begin_run(const RunRow& run);
  void set_run_status(std::int64_t run, RunStatus status, const std::string& finished_utc);
  /// The newest run with that configuration, whatever its status.
  [[nodiscard]] std::optional<RunRow> find_run(const std::string& config_sha256) const;

  /// The id of an equal row, added when there is none.
  std::int64_t model_id(const ModelRow& model);
  std::int64_t image_id(const ImageRow& image);

  /// One transaction; a row whose key is there already is replaced.
  void add(const std::vector<ScoreRow>& rows);
  void add(const std::vector<DistanceRow>& rows);
  void add(const std::vector<MeasureRow>& rows);
  void add(const std::vector<FlagRow>& rows);
  void add(const std::vector<HistoryRow>& rows);
  void add(const std::vector<AttackRow>& rows);
  void add(const std::vector<ModelTitleRow>& rows);
  /// Adds them, then drops what is, among the examples of its run, model and attack, neither one of
  /// the `largest` changes nor one of the `drawn` smallest lots: what stays does not depend on the
  /// order in which they came.
  void add_examples(const std::vector<ExampleRow>& rows, std::int64_t largest, std::int64_t drawn);
  void set_cell(const CellRow& cell);

  [[nodiscard]] std::vector<RunRow> runs() const;
  [[nodiscard]] std::vector<ModelRow> models() const;
  /// Without thumbnails.
  [[nodiscard]] std::vector<ImageRow> images() const;
  [[nodiscard]] std::vector<ScoreRow> scores(std::int64_t run) const;
  [[nodiscard]] std::vector<DistanceRow> distances(std::int64_t run) const;
  [[nodiscard]] std::vector<MeasureRow> measures(std::int64_t run) const;
  [[nodiscard]] std::vector<FlagRow> flags(std::int64_t run) const;
  [[nodiscard]] std::vector<ExampleRow> examples(std::int64_t run) const;
  [[nodiscard]] std::vector<HistoryRow> history() const;
  [[nodiscard]] std::vector<CellRow> cells() const;
  /// Of a database that does not note them, those of its time.
  [[nodiscard]] std::vector<AttackRow> attacks() const;
  /// Of a database that does not note them, those of its time.
  [[nodiscard]] std::vector<ModelTitleRow> model_titles() const;
  /// JPEG bytes by the id of the image; of those that have one.
  [[nodiscard]] std::map<std::int64_t, std::string> thumbnails() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace robiq
