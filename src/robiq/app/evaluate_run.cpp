#include "robiq/app/evaluate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/evaluation_measures.h"
#include "robiq/app/inputs.h"
#include "robiq/app/run_folder.h"
#include "robiq/core/files.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/data/split.h"
#include "robiq/model/picture_score.h"
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
  [[nodiscard]] ScoreRow clean_row(const at::Tensor& picture, const std::vector<View>& views) const;
  [[nodiscard]] ScoreRow attacked_row(const NamedAttack& attack, const ImageRecord& record,
                                      const at::Tensor& picture, const std::vector<View>& views,
                                      bool save) const;
  void warn_of_leakage() const;
  /// Other models that are evaluated into the same run have folders of their own.
  [[nodiscard]] std::filesystem::path artifacts_of(const NamedAttack& attack) const {
    const std::filesystem::path folder = folder_.artifacts(attack.folder);
    return model_ == 1 ? folder : folder / ("model" + std::to_string(model_));
  }

  EvaluateRequest request_;
  Rng rng_;
  RunFolder folder_;
  LoadedModel loaded_;
  std::unique_ptr<Dataset> dataset_;
  std::vector<NamedAttack> attacks_;
  AttackLevel level_;
  ViewPolicy policy_;
  Split split_;
  std::vector<std::size_t> records_;
  std::unique_ptr<ResultsStore> store_;
  std::int64_t run_ = 0, model_ = 0;
  std::set<Key> done_;
};

Evaluation::Evaluation(const EvaluateRequest& request)
    : request_(request),
      rng_(static_cast<std::uint64_t>(request.seed)),
      folder_(request.out),
      level_(parse_level(request.level)) {
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
  loaded_ = load_model_flag(request.model, request.weights, request.scale, request.device);
  policy_ = parse_views(request.views, loaded_.model->card());
  dataset_ = make_dataset(request.data);
  choose_pictures();
}

void Evaluation::choose_pictures() {
  const bool same_data = loaded_.card.dataset == dataset_->card().spec;
  std::int64_t seed = request_.split_seed;
  if (seed < 0) seed = same_data ? loaded_.card.seed : request_.seed;
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
  const bool same_data = loaded_.card.dataset == dataset_->card().spec;
  if (same_data && request_.split != "train" &&
      (request_.split == "all" || loaded_.card.split_sha256 != split_.sha256)) {
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
  same.out = same.device = same.weights = "";
  same.bootstrap = 0;
  RunRow row;
  row.kind = "evaluate";
  row.label = loaded_.card.model + " " + loaded_.card.defense;
  row.command = command_line();
  row.config_toml = config;
  row.config_sha256 = sha256(toml_text(option_values(same)) + loaded_.weights_sha256 +
                             split_.sha256 + labels_sha256(*dataset_));
  row.robiq_version = version();
  row.torch_version = torch_version();
  row.device = device_description(loaded_.model->device());
  row.threads = request_.threads;
  row.seed = request_.seed;
  row.started_utc = utc_now();
  const std::optional<RunRow> earlier = store_->find_run(row.config_sha256);
  run_ = earlier ? earlier->id : store_->begin_run(row);
  model_ = store_->model_id({0, loaded_.card.model, loaded_.card.defense, loaded_.weights_sha256,
                             card_to_json(loaded_.card)});
  for (const ScoreRow& score : store_->scores(run_)) {
    done_.emplace(score.image, score.attack + ":" + score.attack_options);
  }
  if (!done_.empty()) log::info("{} scores are there already", done_.size());
}

ScoreRow Evaluation::clean_row(const at::Tensor& picture, const std::vector<View>& views) const {
  const PictureGradient both = score_gradient(*loaded_.model, picture, views);
  ScoreRow row;
  row.attack = kClean;
  row.before_native = row.after_native = both.score;
  row.before = row.after = row.after_8bit = loaded_.model->card().scale.normalise(both.score);
  row.gradient_l1 = both.gradient.abs().sum(at::kDouble).item<double>();
  row.forwards = row.backwards = std::ssize(views);
  return row;
}

ScoreRow Evaluation::attacked_row(const NamedAttack& attack, const ImageRecord& record,
                                  const at::Tensor& picture, const std::vector<View>& views,
                                  bool save) const {
  const AttackContext context{rng_.child("attack").child(attack.name), stop_requested};
  const AttackedPicture attacked =
      attack_picture(*loaded_.model, *attack.attack, picture, views, level_, record.id, context);
  const ScoreScale& scale = loaded_.model->card().scale;
  ScoreRow row;
  row.attack = attack.name;
  row.attack_options = attack.options;
  row.before_native = attacked.before;
  row.after_native = attacked.after;
  row.before = scale.normalise(attacked.before);
  row.after = scale.normalise(attacked.after);
  row.after_8bit = scale.normalise(attacked.after_8bit);
  row.linf = attacked.linf;
  row.l2 = attacked.l2;
  row.ssim = attacked.ssim;
  row.psnr_db = attacked.psnr_db;
  row.forwards = attacked.forwards;
  row.backwards = attacked.backwards;
  row.seconds = attacked.seconds;
  if (save) {
    const auto files = save_attacked(attacked, artifacts_of(attack), file_stem_of(record.id));
    row.artifact = files.front().lexically_relative(folder_.path()).string();
  }
  return row;
}

void Evaluation::evaluate_picture(std::size_t position) {
  const ImageRecord& record = dataset_->records()[records_[position]];
  const std::int64_t image =
      store_->image_id({0, dataset_->card().spec, split_.sha256, record.id, record.content,
                        record.mos, dataset_->card().scale.normalise(record.mos), ""});
  std::vector<ScoreRow> rows;
  at::Tensor picture;
  std::vector<View> views;
  const auto need_picture = [&] {
    if (picture.defined()) return;
    const ModelCard& card = loaded_.model->card();
    const std::int64_t fit = request_.fit ? std::max(card.min_side, policy_.side) : 0;
    picture = picture_tensor(dataset_->read(record), fit, loaded_.model->device());
    views =
        make_views(policy_, picture.size(2), picture.size(3), rng_.child("views").child(record.id));
  };
  const auto add = [&](ScoreRow row) {
    row.run = run_;
    row.model = model_;
    row.image = image;
    row.level = row.attack == kClean ? "" : level_name(level_);
    rows.push_back(std::move(row));
  };
  try {
    if (!done_.contains({image, std::string(kClean) + ":"})) {
      need_picture();
      add(clean_row(picture, views));
    }
    for (const NamedAttack& attack : attacks_) {
      if (done_.contains({image, attack.name + ":" + attack.options})) continue;
      need_picture();
      const bool save = request_.save < 0 || static_cast<std::int64_t>(position) < request_.save;
      add(attacked_row(attack, record, picture, views, save));
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
