#include "robiq/app/evaluate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/evaluation_measures.h"
#include "robiq/app/evaluation_subject.h"
#include "robiq/app/inputs.h"
#include "robiq/app/run_folder.h"
#include "robiq/app/sanity_flags.h"
#include "robiq/core/files.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/data/split.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

constexpr const char* kClean = "none";

/// An attack of the request, ready to run.
struct NamedAttack {
  std::string name, options;
  std::string folder;  ///< of its pictures: "fgsm", or "fgsm-epsilon=0.01" for other options
  std::unique_ptr<Attack> attack;
};

/// An id or a spec as a file name: two of them never share one.
std::string file_stem_of(const std::string& id) {
  std::string stem;
  for (const char c : id) stem += c == '/' ? "%2F" : c == '%' ? "%25" : std::string(1, c);
  return stem;
}

/// One evaluation: what its pictures share.
class Evaluation {
 public:
  explicit Evaluation(const EvaluateRequest& request);
  nlohmann::ordered_json run();

 private:
  using Key = std::pair<std::int64_t, std::string>;  // image, attack with its options

  void choose_pictures();
  void open_run();
  void evaluate_picture(std::size_t position);
  [[nodiscard]] ScoreRow attacked_row(const NamedAttack& attack, const SeenPicture& seen,
                                      bool save) const;
  void store_flags();
  void warn_of_leakage() const;
  /// Other models that are evaluated into the same run have folders of their own.
  [[nodiscard]] std::filesystem::path artifacts_of(const NamedAttack& attack) const {
    const std::filesystem::path folder = folder_.artifacts(attack.folder);
    return model_ == 1 ? folder : folder / ("model" + std::to_string(model_));
  }

  EvaluateRequest request_;
  RunFolder folder_;
  std::optional<EvaluationSubject> subject_;
  std::unique_ptr<Dataset> dataset_;
  std::vector<NamedAttack> attacks_;
  Split split_;
  std::vector<std::size_t> records_;
  std::unique_ptr<ResultsStore> store_;
  std::int64_t run_ = 0, model_ = 0;
  std::set<Key> done_;
};

Evaluation::Evaluation(const EvaluateRequest& request) : request_(request), folder_(request.out) {
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the run", "--out", "name a folder to write to"});
  }
  request_.threads = prepare_arithmetic(request.threads);
  for (const std::string& text : request.attack) {
    const Spec spec = parse_spec(text, "--attack");
    std::unique_ptr<Attack> attack = make_attack(text);
    std::string folder = file_stem_of(spec.text);
    std::replace(folder.begin(), folder.end(), ':', '-');
    attacks_.push_back({spec.name, attack_options_text(spec), folder, std::move(attack)});
  }
  subject_.emplace(request);
  dataset_ = make_dataset(request.data);
  choose_pictures();
}

void Evaluation::choose_pictures() {
  const bool same_data = subject_->loaded().card.dataset == dataset_->card().spec;
  std::int64_t seed = request_.split_seed;
  if (seed < 0) seed = same_data ? subject_->loaded().card.seed : request_.seed;
  split_ =
      make_split(dataset_->records(), {}, Rng(static_cast<std::uint64_t>(seed)).child("split"));
  if (request_.split == "all") {
    for (std::size_t i = 0; i < dataset_->records().size(); ++i) records_.push_back(i);
  } else {
    records_ = request_.split == "test"  ? split_.test
               : request_.split == "val" ? split_.val
                                         : split_.train;
  }
  if (request_.limit > 0 && request_.limit < std::ssize(records_)) {
    // Evenly over the set, so that every kind and level of distortion stays represented.
    std::vector<std::size_t> kept;
    for (std::int64_t i = 0; i < request_.limit; ++i) {
      kept.push_back(records_[static_cast<std::size_t>(i * std::ssize(records_) / request_.limit)]);
    }
    records_ = std::move(kept);
  }
  if (records_.size() < 2) {
    throw Error(ErrorKind::kData,
                {"the split '" + request_.split + "' holds fewer than two pictures",
                 dataset_->card().spec, "choose another --split or --limit"});
  }
  warn_of_leakage();
}

void Evaluation::warn_of_leakage() const {
  const bool same_data = subject_->loaded().card.dataset == dataset_->card().spec;
  if (same_data && request_.split != "train" &&
      (request_.split == "all" || subject_->loaded().card.split_sha256 != split_.sha256)) {
    log::warning(
        "the model was trained on other parts of this very data set: some of the pictures "
        "evaluated here were in its training");
  }
}

void Evaluation::open_run() {
  make_folder(folder_.path());
  store_ = std::make_unique<ResultsStore>(folder_.results());
  const std::string config = toml_text(option_values(request_));
  EvaluateRequest same = request_;
  same.out = same.device = same.weights = same.surrogate_weights = "";
  same.bootstrap = 0;
  RunRow row;
  row.kind = "evaluate";
  row.label = subject_->loaded().card.model + " " + subject_->loaded().card.defense;
  row.command = command_line();
  row.config_toml = config;
  row.config_sha256 =
      sha256(toml_text(option_values(same)) + subject_->loaded().weights_sha256 +
             subject_->surrogate_sha256() + split_.sha256 + labels_sha256(*dataset_));
  row.robiq_version = version();
  row.torch_version = torch_version();
  row.device = device_description(subject_->loaded().model->device());
  row.threads = request_.threads;
  row.seed = request_.seed;
  row.started_utc = utc_now();
  const std::optional<RunRow> earlier = store_->find_run(row.config_sha256);
  run_ = earlier ? earlier->id : store_->begin_run(row);
  model_ =
      store_->model_id({0, subject_->loaded().card.model, subject_->loaded().card.defense,
                        subject_->loaded().weights_sha256, card_to_json(subject_->loaded().card)});
  for (const ScoreRow& score : store_->scores(run_)) {
    done_.emplace(score.image, score.attack + ":" + score.attack_options);
  }
  if (!done_.empty()) log::info("{} scores are there already", done_.size());
}

ScoreRow Evaluation::attacked_row(const NamedAttack& attack, const SeenPicture& seen,
                                  bool save) const {
  const AttackedPicture attacked = subject_->attack(*attack.attack, attack.name, seen);
  ScoreRow row = subject_->row_of(*attack.attack, attacked);
  row.attack = attack.name;
  row.attack_options = attack.options;
  if (save) {
    const auto files = save_attacked(attacked, artifacts_of(attack), file_stem_of(seen.id));
    row.artifact = files.front().lexically_relative(folder_.path()).string();
  }
  return row;
}

/// On the first few pictures: what noise of the same budget does, and whether scores repeat.
void Evaluation::store_flags() {
  constexpr std::size_t kTried = 8;
  std::vector<SeenPicture> tried;
  for (std::size_t i = 0; i < std::min(kTried, records_.size()); ++i) {
    tried.push_back(subject_->see(*dataset_, dataset_->records()[records_[i]]));
  }
  std::vector<FlaggedAttack> attacks;
  for (const NamedAttack& attack : attacks_) {
    const AttackCard& card = attack.attack->card();
    FlaggedAttack flagged{attack.name, attack.options, card.white_box, card.linf_budget};
    if (card.linf_budget < 1) {
      flagged.noise_change = 0;
      for (const SeenPicture& seen : tried) {
        flagged.noise_change +=
            subject_->noise_change(seen, card.linf_budget) / static_cast<double>(tried.size());
      }
    }
    attacks.push_back(std::move(flagged));
  }
  std::vector<ScoreRow> rows = store_->scores(run_);
  std::erase_if(rows, [&](const ScoreRow& row) { return row.model != model_; });
  std::vector<FlagRow> flags =
      sanity_flags(rows, attacks, subject_->scale(), subject_->repeats(tried.front()));
  for (FlagRow& flag : flags) {
    flag.run = run_;
    flag.model = model_;
    const std::string text = flag.flag + (flag.attack.empty() ? "" : " (" + flag.attack + ")");
    if (flag.severity == "warning") {
      log::warning("{}: {}", text, flag.text);
    } else {
      log::info("{}: {}", text, flag.text);
    }
  }
  store_->add(flags);
}

void Evaluation::evaluate_picture(std::size_t position) {
  const ImageRecord& record = dataset_->records()[records_[position]];
  const std::int64_t image =
      store_->image_id({0, dataset_->card().spec, split_.sha256, record.id, record.content,
                        record.mos, dataset_->card().scale.normalise(record.mos), ""});
  std::vector<ScoreRow> rows;
  std::optional<SeenPicture> seen;
  const auto need_picture = [&]() -> const SeenPicture& {
    if (!seen) seen = subject_->see(*dataset_, record);
    return *seen;
  };
  const bool save = request_.save < 0 || static_cast<std::int64_t>(position) < request_.save;
  const auto add = [&](ScoreRow row) {
    row.run = run_;
    row.model = model_;
    row.image = image;
    rows.push_back(std::move(row));
  };
  try {
    if (!done_.contains({image, std::string(kClean) + ":"}))
      add(subject_->clean_row(need_picture()));
    for (const NamedAttack& attack : attacks_) {
      if (done_.contains({image, attack.name + ":" + attack.options})) continue;
      add(attacked_row(attack, need_picture(), save));
    }
  } catch (Error& error) {
    error.add_context("evaluating " + record.id);
    throw;
  }
  store_->add(rows);
}

nlohmann::ordered_json Evaluation::run() {
  open_run();
  const ScopedLogCopy log_copy(folder_.log());
  Progress progress("evaluate", std::ssize(records_), "pictures");
  try {
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (stop_requested()) throw Interrupted("");
      evaluate_picture(i);
      progress.update(static_cast<std::int64_t>(i) + 1);
    }
  } catch (const Interrupted&) {
    store_->set_run_status(run_, "interrupted", utc_now());
    throw Interrupted("the evaluation was stopped; the same command goes on where it stopped");
  } catch (...) {
    store_->set_run_status(run_, "failed", utc_now());
    throw;
  }
  store_flags();
  nlohmann::ordered_json rows = store_measures(
      *store_, run_, {request_.bootstrap, static_cast<std::uint64_t>(request_.seed)});
  store_->set_run_status(run_, "finished", utc_now());
  return rows;
}

}  // namespace

nlohmann::ordered_json run_evaluation(const EvaluateRequest& request) {
  return Evaluation(request).run();
}

}  // namespace robiq
