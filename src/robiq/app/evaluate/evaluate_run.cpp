#include "robiq/app/evaluate/evaluate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "robiq/app/attack/evaluation_strengths.h"
#include "robiq/app/evaluate/evaluation_beginning.h"
#include "robiq/app/evaluate/evaluation_ending.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/evaluation_measures.h"
#include "robiq/app/evaluate/measures/msu_files.h"
#include "robiq/app/evaluate/measures/picture_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/app/evaluate/picture_evaluator.h"
#include "robiq/app/evaluate/trained_pictures.h"
#include "robiq/app/run/chosen_pictures.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/output_files.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/run/run_record.h"
#include "robiq/app/score/certificate_rows.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/data/picture_identity.h"
#include "robiq/dist/deal_pictures.h"
#include "robiq/dist/join_processes.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

/// Correlations need two.
constexpr std::size_t kLeastPictures = 2;

/// One evaluation: what its pictures share.
class Evaluation {
 public:
  explicit Evaluation(const EvaluateRequest& request);
  std::vector<EvaluationRow> run();

 private:
  void leave_out_missing();
  void open_run();
  [[nodiscard]] ImageRow image_row(std::size_t index, const std::string& thumbnail) const;
  void tell_others();
  void store(std::size_t position, PictureRows rows);
  void evaluate_all();
  void write_msu() const;
  void make_attacks();
  void align();
  void show_set();
  [[nodiscard]] ScoredEvaluation scored();
  EvaluateRequest request_;
  RunFolder folder_;
  JoinedProcesses processes_;
  std::optional<EvaluationSubject> subject_;
  std::unique_ptr<Dataset> dataset_;
  std::vector<NamedAttack> attacks_;
  EvaluationStrengths strengths_;  ///< of --align
  ChosenPictures chosen_;
  AttackedSet set_;
  std::unique_ptr<ResultsStore> store_;
  std::int64_t run_ = 0, model_ = 0;
  std::size_t dataset_place_ = 0;  ///< among those of the run folder
  DoneScores done_;
  std::string pictures_used_;  ///< where some are missing
  CertificateSettings certificates_;
  std::optional<FlagRow>
      trained_pictures_flag_;  ///< where pictures stay that the model was trained on
};

Evaluation::Evaluation(const EvaluateRequest& request) : request_(request), folder_(request.out) {
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the run", "--out", "name a folder to write to"});
  }
  check_run_folder(folder_.path());
  processes_ = join_processes(process_flags(request.compute, request.waiting, request.alone));
  request_.compute.threads = processes_.threads;
  if (processes_.group) request_.compute.device = processes_.device.str();
  make_attacks();
  subject_.emplace(evaluation_subject_options(request_));
  if (request_.certificate.any()) {
    certificates_ = certificate_settings(request_.certificate, subject_->loaded().model->device());
  }
  dataset_ = make_dataset(request.data);
  const ProcessGroup* const group = processes_.group.get();
  const PictureChoice choice{request.split, request.split_file, request.split_seed,
                             request.compute.seed, request.limit};
  chosen_ = choose_pictures(*dataset_, choice, subject_->loaded().card, kLeastPictures);
  // Before pictures are dealt out.
  check_agreement(group, toml_text(identity_values(request_)) + chosen_.split.sha256 +
                             subject_->loaded().weights_sha256 +
                             fmt::format("{} pictures", chosen_.records.size()));
  leave_out_missing();
  show_pictures_to(attacks_, *dataset_);
  chosen_.identities =
      picture_identities(*dataset_, chosen_.records, request.missing.workers, group);
  trained_pictures_flag_ = leave_out_trained(*dataset_, {request.split, request.include_trained},
                                             subject_->loaded().card, kLeastPictures, chosen_);
  if (group == nullptr) return;
  check_agreement(
      group, inputs_text(evaluation_inputs(request_, *subject_, attacks_, *dataset_, chosen_)));
}

void Evaluation::make_attacks() {
  if (request_.queries > 0) request_.attack = with_queries(request_.attack, request_.queries);
  strengths_ = EvaluationStrengths(request_.align);
  for (const std::string& text : request_.attack) {
    NamedAttack attack = named_attack(text);
    strengths_.add(text, attack);
    attacks_.push_back(std::move(attack));
  }
}

void Evaluation::leave_out_missing() {
  const MissingPolicy policy{
      request_.missing.allowed, request_.missing.workers, {}, processes_.group.get()};
  const std::vector<MissingPicture> missing = find_missing(*dataset_, chosen_.records, policy);
  const std::int64_t expected = std::ssize(chosen_.records);
  leave_out(missing, chosen_.records);
  if (chosen_.records.size() < kLeastPictures) {
    throw Error(ErrorKind::kData, {"fewer than two pictures can be read", dataset_->card().spec,
                                   "fix the data: `robiq data verify` says what is wrong"});
  }
  if (!processes_.first() || (missing.empty() && request_.missing.allowed == 0)) return;
  make_folder(folder_.path());
  const std::string text = report_missing(*dataset_, missing, expected, folder_.missing());
  if (!missing.empty()) pictures_used_ = text;
}

void Evaluation::open_run() {
  make_folder(folder_.path());
  const WeightsCard& card = subject_->loaded().card;
  const std::string name = subject_->defended(request_.label.empty() ? card.model : request_.label);
  const ReadInputs read = evaluation_inputs(request_, *subject_, attacks_, *dataset_, chosen_);
  RunRow row = new_run_row(RunKind::kEvaluate, name + " " + card.defense);
  row.config_toml = toml_text(option_values(request_)) + inputs_text(read);
  row.config_sha256 = sha256(toml_text(identity_values(request_)) + inputs_text(read));
  row.device = device_description(subject_->loaded().model->device());
  row.threads = request_.compute.threads;
  row.seed = request_.compute.seed;
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
  const nlohmann::json state = {{"model", model_},
                                {"dataset", dataset_place_},
                                {"done", done_},
                                {"strengths", strengths_.values()}};
  // Not as text: names of pictures may be of any bytes.
  std::string bytes;
  if (group->first()) nlohmann::json::to_cbor(state, bytes);
  const auto first_state = nlohmann::json::from_cbor(group->broadcast(bytes));
  model_ = first_state["model"].get<std::int64_t>();
  dataset_place_ = first_state["dataset"].get<std::size_t>();
  done_ = first_state["done"].get<DoneScores>();
  if (!group->first()) {
    strengths_.use(first_state["strengths"].get<std::vector<double>>(), attacks_);
  }
}

/// Attacks are made equally strong before any picture counts.
void Evaluation::align() {
  if (!strengths_.asked()) return;
  show_set();
  const AlignedPictures pictures{
      std::min(kAlignedPictures, std::ssize(chosen_.records)), [&](std::int64_t number) {
        const std::size_t record = chosen_.records[static_cast<std::size_t>(number)];
        return see_picture(*subject_, *dataset_, dataset_->records()[record]);
      }};
  strengths_.find(*subject_, pictures, {run_, model_, dataset_->card().spec}, *store_, attacks_);
}

ScoredEvaluation Evaluation::scored() {
  return {request_, *subject_, attacks_, *dataset_, chosen_, *store_, run_, model_};
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

/// Attacks on what the scores of the set say together learn all of them first.
void Evaluation::show_set() {
  if (!uses_set(attacks_) || !set_.ids.empty()) return;
  set_ = attacked_set(*subject_, *dataset_, chosen_.records);
  subject_->show_set(set_);
}

void Evaluation::evaluate_all() {
  const auto index = [](std::int64_t position) { return static_cast<std::size_t>(position); };
  show_set();
  const PictureEvaluator evaluator(request_, *subject_, attacks_, {folder_, model_, dataset_place_},
                                   certificates_);
  const auto evaluated = [&](std::int64_t position) {
    const ImageRecord& record = dataset_->records()[chosen_.records[index(position)]];
    const bool save = request_.save < 0 || position < request_.save;
    return evaluator.evaluate(record.id, done_, save, [&] { return dataset_->read(record); });
  };
  Progress progress("evaluate", std::ssize(chosen_.records), "pictures");
  deal_pictures(processes_.group.get(), std::ssize(chosen_.records),
                {[&](std::int64_t position) { return evaluated(position).packed(); },
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

std::vector<EvaluationRow> Evaluation::run() {
  if (!processes_.first()) {
    tell_others();
    evaluate_all();
    return {};
  }
  open_run();
  const ScopedLogCopy log_copy(folder_.log());
  say_costs(request_, *subject_, attacks_, *dataset_, chosen_.records, done_);
  std::vector<EvaluationRow> rows;
  do_recorded(*store_, run_, [&] {
    try {
      align();
      tell_others();
      evaluate_all();
    } catch (const Interrupted&) {
      throw Interrupted("the evaluation was stopped; the same command goes on where it stopped");
    }
    const ScoredEvaluation evaluation = scored();
    store_flags(evaluation, pictures_used_, trained_pictures_flag_);
    rows = store_measures(
        *store_, run_,
        {request_.bootstrap, static_cast<std::uint64_t>(request_.compute.seed), subject_->scale(),
         request_.certificate.any() ? certificate_text(request_.certificate) : ""});
    measure_sets(evaluation, rows);
    strengths_.add_to(rows, attacks_);
    add_scales(subject_->scale(), rows);
    name_attacks(rows);
    say_certificates(evaluation);
    if (request_.schema == ResultSchema::kMsu) write_msu();
  });
  return rows;
}

}  // namespace

std::vector<EvaluationRow> run_evaluation(const EvaluateRequest& request) {
  return Evaluation(request).run();
}

}  // namespace robiq
