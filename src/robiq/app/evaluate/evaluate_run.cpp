#include "robiq/app/evaluate/evaluate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/evaluate/aligned_attacks.h"
#include "robiq/app/evaluate/certificates.h"
#include "robiq/app/evaluate/evaluation_beginning.h"
#include "robiq/app/evaluate/evaluation_measures.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/msu_files.h"
#include "robiq/app/evaluate/picture_rows.h"
#include "robiq/app/evaluate/sanity_flags.h"
#include "robiq/app/evaluate/standard_rows.h"
#include "robiq/app/evaluate/trained_pictures.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/inputs.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/data/picture_identity.h"
#include "robiq/dist/join_processes.h"
#include "robiq/dist/process_group.h"
#include "robiq/store/attack_options.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

constexpr const char* kClean = "none";

SubjectOptions options_of(const EvaluateRequest& request) {
  SubjectOptions options = subject_options(request);
  options.precision = request.precision;
  options.transfer = request.transfer;
  if (request.schema != "msu") return options;
  for (const char* name : {"ssim_skimage", "mse"}) {
    std::vector<std::string>& given = options.distances;
    if (std::find(given.begin(), given.end(), name) == given.end()) given.emplace_back(name);
  }
  return options;
}

CertificateRequest certificate_request(const EvaluateRequest& request) {
  return {request.certify, request.certify_sigma, request.certify_samples,
          request.certify_confidence, request.certify_denoiser};
}

/// One evaluation: what its pictures share.
class Evaluation {
 public:
  explicit Evaluation(const EvaluateRequest& request);
  nlohmann::ordered_json run();

 private:
  using Key = std::pair<std::string, std::string>;  // picture, attack with its options

  /// A picture on its way through the attacks.
  struct Target {
    const SeenPicture& seen;
    const CleanPicture& clean;
    bool save;  ///< the attacked pictures, too
  };

  void leave_out_missing();
  void open_run();
  [[nodiscard]] ImageRow image_row(std::size_t index, const std::string& thumbnail) const;
  void tell_others();
  [[nodiscard]] PictureRows evaluated(std::size_t position) const;
  void store(std::size_t position, PictureRows rows);
  void evaluate_all();
  void write_msu() const;
  void add_scales(nlohmann::ordered_json& rows) const;
  void measure_sets(nlohmann::ordered_json& rows);
  [[nodiscard]] double measured_pass(const SeenPicture& seen) const;
  void say_costs() const;
  void name_attacks();
  void align();
  [[nodiscard]] FoundStrength strength_of(std::size_t attack);
  void use_strengths(const std::vector<double>& strengths);
  void add_strengths(nlohmann::ordered_json& rows);
  void say_certificates() const;
  void show_set();
  [[nodiscard]] SeenPicture see(const ImageRecord& record) const {
    return subject_->see(record.id, dataset_->read(record));
  }
  void add_attacked(const NamedAttack& attack, const Target& target, PictureRows& rows) const;
  void store_flags();
  /// Other models and data sets that are evaluated into the same run have folders of their own.
  [[nodiscard]] std::filesystem::path artifacts_of(const NamedAttack& attack) const {
    std::filesystem::path folder = folder_.artifacts(attack.folder);
    if (model_ != 1) folder /= "model" + std::to_string(model_);
    if (dataset_place_ != 0) folder /= "data" + std::to_string(dataset_place_ + 1);
    return folder;
  }

  EvaluateRequest request_;
  RunFolder folder_;
  JoinedProcesses processes_;
  std::optional<EvaluationSubject> subject_;
  std::unique_ptr<Dataset> dataset_;
  std::vector<NamedAttack> attacks_;
  std::optional<StrengthTarget> target_;   ///< of --align
  std::vector<AttackStrength> alignable_;  ///< with --align one for each attack
  std::vector<FoundStrength> strengths_;   ///< likewise, in the first process
  ChosenPictures chosen_;
  AttackedSet set_;
  std::unique_ptr<ResultsStore> store_;
  std::int64_t run_ = 0, model_ = 0;
  std::size_t dataset_place_ = 0;  ///< among those of the run folder
  std::set<Key> done_;
  std::string pictures_used_;  ///< where some are missing
  CertificateSettings certificates_;
  std::optional<FlagRow> known_;  ///< where pictures stay that the model was trained on
};

Evaluation::Evaluation(const EvaluateRequest& request) : request_(request), folder_(request.out) {
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the run", "--out", "name a folder to write to"});
  }
  check_run_folder(folder_.path());
  processes_ = join_processes({request.device, request.threads, request.process_timeout,
                               request.join_timeout, request.alone});
  request_.threads = processes_.threads;
  if (processes_.group) request_.device = processes_.device.str();
  name_attacks();
  subject_.emplace(options_of(request_));
  if (request_.certify > 0) {
    certificates_ =
        certificate_settings(certificate_request(request_), subject_->loaded().model->device());
  }
  dataset_ = make_dataset(request.data);
  const PictureChoice choice{request.split, request.split_file, request.split_seed, request.seed,
                             request.limit};
  chosen_ = choose_pictures(*dataset_, choice, subject_->loaded().card, 2);
  leave_out_missing();
  show_pictures_to(attacks_, *dataset_);
  chosen_.identities =
      picture_identities(*dataset_, chosen_.records, request.workers, processes_.group.get());
  known_ = leave_out_trained(*dataset_, {request.split, request.include_trained},
                             subject_->loaded().card, 2, chosen_);
}

void Evaluation::name_attacks() {
  if (request_.queries > 0) request_.attack = with_queries(request_.attack, request_.queries);
  target_ = parse_alignment(request_.align);
  for (const std::string& text : request_.attack) {
    NamedAttack attack = named_attack(text);
    if (target_) {
      alignable_.emplace_back(text, "--attack");
      attack.options = alignable_.back().key(*target_).stored();
      attack.folder = bounded_stem_of(attack.folder + "-align-" + request_.align);
    }
    attacks_.push_back(std::move(attack));
  }
}

void Evaluation::leave_out_missing() {
  const MissingPolicy policy{request_.allow_missing, request_.workers, {}, processes_.group.get()};
  const std::vector<MissingPicture> missing = find_missing(*dataset_, chosen_.records, policy);
  const std::int64_t expected = std::ssize(chosen_.records);
  leave_out(missing, chosen_.records);
  if (chosen_.records.size() < 2) {
    throw Error(ErrorKind::kData, {"fewer than two pictures can be read", dataset_->card().spec,
                                   "fix the data: `robiq data verify` says what is wrong"});
  }
  if (!processes_.first() || (missing.empty() && request_.allow_missing == 0)) return;
  make_folder(folder_.path());
  const std::string text = report_missing(*dataset_, missing, expected, folder_.missing());
  if (!missing.empty()) pictures_used_ = text;
}

void Evaluation::open_run() {
  make_folder(folder_.path());
  const WeightsCard& card = subject_->loaded().card;
  const std::string name = subject_->defended(request_.label.empty() ? card.model : request_.label);
  const ReadInputs read = evaluation_inputs(request_, *subject_, attacks_, *dataset_, chosen_);
  RunRow row = new_run_row("evaluate", name + " " + card.defense);
  row.config_toml = toml_text(option_values(request_)) + inputs_text(read);
  row.config_sha256 = sha256(toml_text(identity_values(request_)) + inputs_text(read));
  row.device = device_description(subject_->loaded().model->device());
  row.threads = request_.threads;
  row.seed = request_.seed;
  store_ = std::make_unique<ResultsStore>(folder_.results());
  run_ = begin_or_go_on(*store_, row);
  if (request_.began) request_.began(run_);
  model_ = store_->model_id(
      {0, name, card.defense, subject_->loaded().weights_sha256, card_to_json(card)});
  store_->add(attack_rows(attacks_));
  store_->add(subject_->model_titles());
  static_cast<void>(store_->image_id(image_row(chosen_.records.front(), "")));
  dataset_place_ = place_among_datasets(*store_, dataset_->card().spec);
  std::map<std::int64_t, std::string> names;
  for (const ImageRow& image : store_->images()) names[image.id] = image.name;
  for (const ScoreRow& score : store_->scores(run_)) {
    done_.emplace(names.at(score.image), score.attack + ":" + score.attack_options);
  }
  if (!done_.empty()) log::info("{} scores are there already", done_.size());
}

ImageRow Evaluation::image_row(std::size_t index, const std::string& thumbnail) const {
  const ImageRecord& record = dataset_->records()[index];
  return {0,
          dataset_->card().spec,
          chosen_.split.sha256,
          record.id,
          record.content,
          record.mos,
          dataset_->card().scale.normalise(record.mos),
          thumbnail};
}

/// The first process knows what is there already.
void Evaluation::tell_others() {
  const ProcessGroup* const group = processes_.group.get();
  if (group == nullptr) return;
  std::vector<double> strengths;
  for (const FoundStrength& found : strengths_) strengths.push_back(found.strength);
  const nlohmann::json state = {
      {"model", model_}, {"dataset", dataset_place_}, {"done", done_}, {"strengths", strengths}};
  const auto told = nlohmann::json::parse(group->broadcast(group->first() ? state.dump() : ""));
  model_ = told["model"].get<std::int64_t>();
  dataset_place_ = told["dataset"].get<std::size_t>();
  done_ = told["done"].get<std::set<Key>>();
  if (!group->first()) use_strengths(told["strengths"].get<std::vector<double>>());
}

/// What an earlier run of this evaluation found, or what is searched for now.
FoundStrength Evaluation::strength_of(std::size_t attack) {
  const NamedAttack& named = attacks_[attack];
  std::vector<MeasureRow> kept = store_->measures(run_);
  std::erase_if(kept, [&](const MeasureRow& row) {
    return row.model != model_ || row.attack != named.name || row.attack_options != named.options;
  });
  if (const std::optional<FoundStrength> found = strength_in(kept)) return *found;
  const AlignedPictures pictures{
      std::min(kAlignedPictures, std::ssize(chosen_.records)), [&](std::int64_t number) {
        return see(dataset_->records()[chosen_.records[static_cast<std::size_t>(number)]]);
      }};
  const FoundStrength found =
      find_strength(*subject_, named.name, alignable_[attack], *target_, pictures);
  std::vector<MeasureRow> rows = strength_measures(found);
  for (MeasureRow& row : rows) {
    row.run = run_;
    row.model = model_;
    row.dataset = dataset_->card().spec;
    row.attack = named.name;
    row.attack_options = named.options;
    const AttackedPicture nothing;
    const ScoreRow like = subject_->row_of(*named.attack, nothing);
    row.level = like.level;
    row.surrogate = like.surrogate;
  }
  store_->add(rows);
  return found;
}

/// Attacks are made equally strong before any picture counts.
void Evaluation::align() {
  if (!target_) return;
  show_set();
  std::vector<double> strengths;
  for (std::size_t i = 0; i < attacks_.size(); ++i) {
    strengths_.push_back(strength_of(i));
    strengths.push_back(strengths_.back().strength);
    std::vector<FlagRow> flags = strength_flags(attacks_[i].name, *target_, strengths_.back());
    for (FlagRow& flag : flags) {
      log::warning("{} ({}): {}", flag.flag, flag.attack, flag.text);
      flag.run = run_;
      flag.model = model_;
    }
    store_->add(flags);
  }
  use_strengths(strengths);
}

void Evaluation::use_strengths(const std::vector<double>& strengths) {
  for (std::size_t i = 0; i < strengths.size(); ++i) {
    const std::string text = alignable_[i].text_at(strengths[i]);
    attacks_[i].attack = Registry<Attack>::instance().make(parse_spec(text, "--align"), "--align");
  }
}

void Evaluation::add_strengths(nlohmann::ordered_json& rows) {
  for (nlohmann::ordered_json& row : rows) {
    for (std::size_t i = 0; i < strengths_.size(); ++i) {
      if (row.at("block") != "before_after" || row.at("attack") != attacks_[i].name ||
          row.at("options") != AttackOptions::from_stored(attacks_[i].options).text()) {
        continue;
      }
      add_strength(strengths_[i], row);
    }
  }
}

void Evaluation::add_attacked(const NamedAttack& attack, const Target& target,
                              PictureRows& rows) const {
  if (dynamic_cast<const RunsStandardSet*>(attack.attack.get()) != nullptr) {
    add_standard_rows(*subject_, attack, target.seen, rows);
    return;
  }
  const std::string loss = AttackOptions::from_stored(attack.options).value("loss");
  const AttackedPicture attacked = subject_->attack(*attack.attack, attack.name, loss, target.seen);
  ScoreRow row = subject_->row_of(*attack.attack, attacked);
  row.attack = attack.name;
  row.attack_options = attack.options;
  if (row.level == level_name(AttackLevel::kView)) row.gradient_l1 = target.clean.view_l1;
  if (target.save) {
    const std::string stem = bounded_stem_of(target.seen.id, kPictureStemBytes);
    const auto files = save_attacked(attacked, artifacts_of(attack), stem);
    if (request_.triplet > 0) {
      save_triplets(attacked, request_.triplet, artifacts_of(attack), stem);
    }
    row.artifact = files.front().lexically_relative(folder_.path()).string();
  }
  if (request_.examples > 0) {
    rows.examples.push_back(example_of(attacked, row, target.seen.id, request_.example_side));
  }
  rows.add(std::move(row), attacked);
}

void Evaluation::store_flags() {
  constexpr std::size_t kTried = 8;
  std::vector<SeenPicture> tried;
  for (std::size_t i = 0; i < std::min(kTried, chosen_.records.size()); ++i) {
    tried.push_back(see(dataset_->records()[chosen_.records[i]]));
  }
  const auto of_other = [&](const auto& row) { return row.model != model_; };
  std::vector<ScoreRow> rows = store_->scores(run_);
  std::erase_if(rows, of_other);
  std::vector<DistanceRow> distances = store_->distances(run_);
  std::erase_if(distances, of_other);
  std::vector<FlagRow> flags = evaluation_flags(*subject_, attacks_, tried, rows);
  for (FlagRow& flag : weak_adaptive_flags(distances)) flags.push_back(std::move(flag));
  if (!pictures_used_.empty()) {
    flags.push_back({run_, model_, "", "pictures-missing", "warning", pictures_used_});
  }
  const auto warn = [&](const std::optional<FlagRow>& flag) {
    if (!flag) return;
    log::warning("{}: {}", flag->flag, flag->text);
    flags.push_back(*flag);
  };
  warn(known_);
  for (const NamedAttack& attack : attacks_) {
    warn(attack_knows_pictures(attack.name, attack.attack->trained_on(), chosen_.identities));
  }
  for (FlagRow& flag : flags) {
    flag.run = run_;
    flag.model = model_;
  }
  store_->add(flags);
}

/// The rows that one picture lacks, without the database's numbers.
PictureRows Evaluation::evaluated(std::size_t position) const {
  const ImageRecord& record = dataset_->records()[chosen_.records[position]];
  const auto is_done = [&](const std::string& attack, const std::string& options) {
    return done_.contains({record.id, attack + ":" + options});
  };
  const bool clean_done = is_done(kClean, "");
  const auto attack_done = [&](const NamedAttack& one) {
    const auto* const set = dynamic_cast<const RunsStandardSet*>(one.attack.get());
    return is_done(one.name, set ? last_standard_options(set->standard_set()) : one.options);
  };
  const bool all_done = std::all_of(attacks_.begin(), attacks_.end(), attack_done);
  PictureRows rows;
  if (clean_done && all_done) return rows;
  const bool save = request_.save < 0 || static_cast<std::int64_t>(position) < request_.save;
  try {
    const SeenPicture seen = see(record);
    const CleanPicture clean = subject_->clean(seen);
    if (!clean_done) {
      rows.scores.push_back(clean.row);
      rows.thumbnail = thumbnail_of(seen.bytes);
      if (request_.certify > 0) {
        rows.distances =
            certificate_rows(subject_->certify(seen, certificates_), subject_->scale());
      }
    }
    for (const NamedAttack& attack : attacks_) {
      if (!attack_done(attack)) add_attacked(attack, {seen, clean, save}, rows);
    }
  } catch (Error& error) {
    error.add_context("evaluating " + record.id);
    throw;
  }
  return rows;
}

void Evaluation::store(std::size_t position, PictureRows rows) {
  if (rows.scores.empty()) return;
  const std::int64_t image = store_->image_id(image_row(chosen_.records[position], rows.thumbnail));
  rows.set_key(run_, model_, image);
  // Scores last: what has a score is done.
  store_->add(rows.distances);
  store_->add_examples(rows.examples, request_.examples, request_.examples);
  store_->add(rows.scores);
}

void Evaluation::evaluate_all() {
  show_set();
  Progress progress("evaluate", std::ssize(chosen_.records), "pictures");
  const auto index = [](std::int64_t position) { return static_cast<std::size_t>(position); };
  deal_pictures(processes_.group.get(), std::ssize(chosen_.records),
                {[&](std::int64_t position) { return evaluated(index(position)).packed(); },
                 [&](std::int64_t position, const std::string& rows) {
                   store(index(position), PictureRows::unpacked(rows));
                   progress.update(position + 1);
                 },
                 stop_requested});
}

void Evaluation::write_msu() const {
  AttackFolders folders;
  for (const NamedAttack& attack : attacks_) folders[{attack.name, attack.options}] = attack.folder;
  write_msu_files(*store_, run_, folders, folder_.msu());
}

void Evaluation::measure_sets(nlohmann::ordered_json& rows) {
  const auto see_again = [&](const std::string& id) {
    for (const std::size_t record : chosen_.records) {
      if (dataset_->records()[record].id == id) return see(dataset_->records()[record]);
    }
    throw Error(ErrorKind::kInternal, {"a scored picture is not of the set", id, "report this"});
  };
  for (const NamedAttack& attack : attacks_) {
    if (dynamic_cast<const RunsStandardSet*>(attack.attack.get()) == nullptr) continue;
    std::vector<FlagRow> flags =
        measure_standard(*store_, run_, model_, *subject_, attack, request_.bootstrap,
                         static_cast<std::uint64_t>(request_.seed), see_again, rows);
    for (FlagRow& flag : flags) {
      flag.run = run_;
      flag.model = model_;
    }
    store_->add(flags);
  }
}

/// Seconds of a forward and a backward pass over one picture.
double Evaluation::measured_pass(const SeenPicture& seen) const {
  static_cast<void>(subject_->clean(seen));  // the first pass also fills caches
  const auto started = std::chrono::steady_clock::now();
  static_cast<void>(subject_->clean(seen));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

/// What long work will cost is said before it begins.
void Evaluation::say_costs() const {
  const SeenPicture seen = see(dataset_->records()[chosen_.records.front()]);
  const std::int64_t pictures = std::ssize(chosen_.records), views = std::ssize(seen.views);
  for (const NamedAttack& attack : attacks_) {
    const auto* const set = dynamic_cast<const RunsStandardSet*>(attack.attack.get());
    if (set == nullptr) continue;
    const std::string last = last_standard_options(set->standard_set());
    const auto left =
        std::count_if(chosen_.records.begin(), chosen_.records.end(), [&](std::size_t record) {
          return !done_.contains({dataset_->records()[record].id, attack.name + ":" + last});
        });
    if (left == 0) continue;
    log::info("{}", standard_cost(set->standard_set(), left, views, measured_pass(seen)));
  }
  if (request_.certify <= 0) return;
  constexpr double kForwardShare = 1.0 / 3;  // about, of a forward and a backward pass
  log::info("{}", certificate_cost(certificate_request(request_), pictures, views,
                                   measured_pass(seen) * kForwardShare));
}

/// What the certificates mean beside the attacks of this evaluation.
void Evaluation::say_certificates() const {
  if (request_.certify <= 0) return;
  const SeenPicture seen = see(dataset_->records()[chosen_.records.front()]);
  double budget = 0;
  for (const NamedAttack& attack : attacks_) {
    const double one = attack.attack->card().linf_budget;
    if (one < 1) budget = std::max(budget, one);
  }
  log::info("{}", certificate_meaning(certificate_request(request_), seen.bytes.size(1),
                                      seen.bytes.size(2), budget));
}

/// Attacks on what the scores of the set say together learn all of them first.
void Evaluation::show_set() {
  const bool wanted = std::any_of(attacks_.begin(), attacks_.end(), [](const NamedAttack& one) {
    return one.attack->card().uses_set;
  });
  if (!wanted || !set_.ids.empty()) return;
  for (const std::size_t record : chosen_.records) {
    const ImageRecord& image = dataset_->records()[record];
    set_.ids.push_back(image.id);
    set_.clean_scores.push_back(subject_->clean(see(image)).row.before);
    set_.mos.push_back(dataset_->card().scale.normalise(image.mos));
  }
  subject_->show_set(set_);
}

/// On which scale the measures are, and which one the model has by itself.
void Evaluation::add_scales(nlohmann::ordered_json& rows) const {
  const ScoreScale native = subject_->scale(), normalised;
  for (nlohmann::ordered_json& row : rows) {
    row["scale"] = {{"worst", normalised.worst}, {"best", normalised.best}};
    row["native_scale"] = {{"worst", native.worst}, {"best", native.best}};
  }
  log::info("measures are on the scale {} (worst) to {} (best); the model's own is {} to {}",
            normalised.worst, normalised.best, native.worst, native.best);
}

nlohmann::ordered_json Evaluation::run() {
  if (!processes_.first()) {
    tell_others();
    evaluate_all();
    return {};
  }
  open_run();
  const ScopedLogCopy log_copy(folder_.log());
  say_costs();
  nlohmann::ordered_json rows;
  do_recorded(*store_, run_, [&] {
    try {
      align();
      tell_others();
      evaluate_all();
    } catch (const Interrupted&) {
      throw Interrupted("the evaluation was stopped; the same command goes on where it stopped");
    }
    store_flags();
    rows = store_measures(
        *store_, run_,
        {request_.bootstrap, static_cast<std::uint64_t>(request_.seed), subject_->scale(),
         request_.certify > 0 ? certificate_text(certificate_request(request_)) : ""});
    measure_sets(rows);
    add_strengths(rows);
    add_scales(rows);
    say_certificates();
    if (request_.schema == "msu") write_msu();
  });
  return rows;
}

}  // namespace

nlohmann::ordered_json run_evaluation(const EvaluateRequest& request) {
  return Evaluation(request).run();
}

}  // namespace robiq
