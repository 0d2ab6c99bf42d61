#include "robiq/app/evaluate/evaluation_beginning.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/evaluate/measures/standard_rows.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/certificate_rows.h"
#include "robiq/attack/ready_pictures.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"

namespace robiq {

SubjectOptions evaluation_subject_options(const EvaluateRequest& request) {
  SubjectOptions options = request;
  if (request.schema != ResultSchema::kMsu) return options;
  for (const char* name : {"ssim_skimage", "mse"}) {
    std::vector<std::string>& given = options.distance;
    if (std::find(given.begin(), given.end(), name) == given.end()) given.emplace_back(name);
  }
  return options;
}

NamedAttack named_attack(const std::string& text) {
  const Spec spec = Registry<Attack>::instance().parse(text, "--attack");
  std::string folder = spec.text;
  if (const std::size_t colon = folder.find(':'); colon != folder.npos) folder[colon] = '-';
  return {spec.name, attack_options(spec).stored(), bounded_stem_of(folder), make_attack(text)};
}

std::vector<AttackRow> attack_rows(const std::vector<NamedAttack>& attacks) {
  std::vector<AttackRow> rows;
  for (const NamedAttack& attack : attacks) {
    const AttackCard& card = attack.attack->card();
    rows.push_back({card.name, card.title, card.rank, card.strength, card.white_box ? 1 : 0,
                    card.score_only ? 1 : 0});
  }
  return rows;
}

void show_pictures_to(const std::vector<NamedAttack>& attacks, const Dataset& dataset) {
  std::vector<std::string> ids;
  for (const ImageRecord& record : dataset.records()) ids.push_back(record.id);
  for (const NamedAttack& attack : attacks) {
    if (auto* reader = dynamic_cast<ReadsPictures*>(attack.attack.get()))
      reader->know_pictures(ids);
  }
}

SeenPicture see_picture(const EvaluationSubject& subject, const Dataset& dataset,
                        const ImageRecord& record) {
  return subject.see(record.id, dataset.read(record));
}

bool uses_set(const std::vector<NamedAttack>& attacks) {
  return std::any_of(attacks.begin(), attacks.end(),
                     [](const NamedAttack& attack) { return attack.attack->card().uses_set; });
}

AttackedSet attacked_set(const EvaluationSubject& subject, const Dataset& dataset,
                         const std::vector<std::size_t>& records) {
  AttackedSet set;
  for (const std::size_t index : records) {
    const ImageRecord& record = dataset.records()[index];
    set.ids.push_back(record.id);
    set.clean_scores.push_back(subject.clean(see_picture(subject, dataset, record)).row.before);
    set.mos.push_back(dataset.card().scale.normalise(record.mos));
  }
  return set;
}

namespace {

/// Seconds of a forward and a backward pass over one picture.
double measured_pass(const EvaluationSubject& subject, const SeenPicture& seen) {
  static_cast<void>(subject.clean(seen));  // the first pass also fills caches
  const auto started = std::chrono::steady_clock::now();
  static_cast<void>(subject.clean(seen));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

}  // namespace

void say_costs(const EvaluateRequest& request, const EvaluationSubject& subject,
               const std::vector<NamedAttack>& attacks, const Dataset& dataset,
               const std::vector<std::size_t>& records, const DoneScores& done) {
  const bool costly = std::any_of(attacks.begin(), attacks.end(), [](const NamedAttack& attack) {
    return dynamic_cast<const RunsStandardSet*>(attack.attack.get()) != nullptr;
  });
  if (!costly && !request.certificate.any()) return;  // the picture is not decoded for nothing
  const SeenPicture seen = see_picture(subject, dataset, dataset.records()[records.front()]);
  const std::int64_t pictures = std::ssize(records), views = std::ssize(seen.views);
  std::optional<double> measured;  // once for all lines
  const auto pass = [&] {
    if (!measured) measured = measured_pass(subject, seen);
    return *measured;
  };
  for (const NamedAttack& attack : attacks) {
    const auto* const set = dynamic_cast<const RunsStandardSet*>(attack.attack.get());
    if (set == nullptr) continue;
    const std::string last = last_standard_options(set->standard_set());
    const auto remaining = std::count_if(records.begin(), records.end(), [&](std::size_t record) {
      return !done.contains({dataset.records()[record].id, attack.name + ":" + last});
    });
    if (remaining == 0) continue;
    log::info("{}", standard_cost(set->standard_set(), remaining, views, pass(),
                                  subject.is_made_twice(*attack.attack)));
  }
  if (!request.certificate.any()) return;
  constexpr double kForwardShare = 1.0 / 3;  // about, of a forward and a backward pass
  log::info("{}", certificate_cost(request.certificate, pictures, views, pass() * kForwardShare));
}

namespace {

void add_attack(const std::string& text, const NamedAttack& attack, const Dataset& dataset,
                const ChosenPictures& chosen, ReadInputs& inputs) {
  const Spec spec = Registry<Attack>::instance().parse(text, "--attack");
  add_files_of(spec, "the attack " + spec.name, inputs);
  const auto* reader = dynamic_cast<const ReadsPictures*>(attack.attack.get());
  if (reader == nullptr) return;
  std::string contents;
  for (const std::size_t record : chosen.records) {
    contents += reader->content_for(dataset.records()[record].id);
  }
  inputs.emplace_back("the pictures of " + spec.text, sha256(contents));
}

/// Without those options that say where and how the work is done, and change no result.
std::string deciding_options_in(const std::string& config) {
  std::vector<std::string> lines = split(sorted_options_in(config), '\n');
  for (const Option<EvaluateRequest>& option : EvaluateRequest::options()) {
    if (option.changes_results) continue;
    std::erase_if(lines, [begin = option.name + " = "](const std::string& line) {
      return line.starts_with(begin);
    });
  }
  return join(lines, "\n");
}

/// The newest run with the options of `row`, whatever it read.
std::optional<RunRow> newest_like(const ResultsStore& store, const RunRow& row) {
  const std::string wanted = deciding_options_in(row.config_toml);
  std::optional<RunRow> newest;
  for (RunRow& run : store.runs()) {
    const bool alike = run.kind == row.kind && run.label == row.label &&
                       deciding_options_in(run.config_toml) == wanted;
    if (alike) newest = std::move(run);
  }
  return newest;
}

std::string changes_since(const RunRow& earlier, const RunRow& row) {
  const ReadInputs before = inputs_in(earlier.config_toml);
  if (before.empty()) return "an older robiq did not note which files it read";
  return "changed since an earlier evaluation with these options: " +
         join(changed_inputs(before, inputs_in(row.config_toml)), ", ");
}

}  // namespace

ReadInputs evaluation_inputs(const EvaluateRequest& request, const EvaluationSubject& subject,
                             const std::vector<NamedAttack>& attacks, const Dataset& dataset,
                             const ChosenPictures& chosen) {
  ReadInputs inputs = {
      {"the weights", subject.loaded().weights_sha256},
      {"the labels", labels_sha256(dataset)},
      {"the split", chosen.split.sha256},
      {"the pictures", pictures_sha256(dataset, chosen.records, chosen.identities)}};
  add_files_of(parse_spec(request.model, "--model"), "the model", inputs);
  if (!request.surrogate.model.empty()) {
    inputs.emplace_back("the surrogate's weights", subject.surrogate_sha256());
    for (const std::string& surrogate : surrogates_in(request.surrogate.model)) {
      add_files_of(parse_spec(surrogate, "--surrogate"), "the surrogate", inputs);
    }
  }
  for (const std::string& text : request.distance) {
    const Spec spec = parse_spec(text, "--distance");
    add_files_of(spec, "the distance " + spec.name, inputs);
  }
  if (!request.certificate.denoiser.empty()) {
    add_files_of(parse_spec(request.certificate.denoiser, "--certify-denoiser"), "the denoiser",
                 inputs);
  }
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    add_attack(request.attack[i], attacks[i], dataset, chosen, inputs);
  }
  return inputs;
}

std::int64_t begin_or_go_on(ResultsStore& store, const RunRow& row) {
  const std::optional<RunRow> same = store.find_run(row.config_sha256);
  // Where files were remade and then restored, the newest run must be that of the restored ones.
  const std::optional<RunRow> newest = newest_like(store, same ? *same : row);
  if (same && newest->id == same->id) return same->id;
  // An older robiq had the options in another order, and so another hash of them.
  const bool unchanged =
      newest && changed_inputs(inputs_in(newest->config_toml), inputs_in(row.config_toml)).empty();
  if (!same && unchanged) return newest->id;
  if (newest) log::warning("{}; everything is scored anew", changes_since(*newest, row));
  return store.begin_run(row);
}

std::size_t place_among_datasets(const ResultsStore& store, const std::string& spec) {
  std::vector<std::string> datasets;
  for (const ImageRow& image : store.images()) {
    if (std::find(datasets.begin(), datasets.end(), image.dataset) == datasets.end()) {
      datasets.push_back(image.dataset);
    }
  }
  const auto place = std::find(datasets.begin(), datasets.end(), spec);
  return static_cast<std::size_t>(place - datasets.begin());
}

}  // namespace robiq
