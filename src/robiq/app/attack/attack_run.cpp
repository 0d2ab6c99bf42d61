#include "robiq/app/attack/attack_run.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/attack/attacked_names.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/ready_pictures.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

OptionTable<AttackRequest> AttackRequest::options() {
  using R = AttackRequest;
  OptionTable<R> surrogate = options_of<R>(&R::surrogate);
  surrogate.front().help = "make every attack on this model; --model then scores the pictures";
  return joined_tables<R>({
      {{"attack", &R::attack, "NAME or NAME:key=value,...; `robiq list attacks` names all"},
       {"pictures", &R::pictures,
        "pictures, folders of pictures, or - for paths on standard input"},
       {"model", &R::model, "the victim, with options as NAME:key=value"},
       {"weights", &R::weights, kWeightsHelp},
       {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
       {"out", &R::out, "folder for the attacked pictures"},
       {"level", &R::level, kLevelHelp},
       {"queries", &R::queries, kQueryBudgetHelp, 0, 1e9}},
      options_of<R>(&R::views),
      options_of<R>(&R::purifier),
      {{"adaptive", &R::adaptive, kAdaptiveHelp}, {"exact", &R::exact, kExactHelp}},
      surrogate,
      {{"distance", &R::distance,
        "one more distance to the clean picture, NAME:key=value,...; may be repeated"},
       {"triplet", &R::triplet,
        "also save clean, attacked and difference side by side; the factor that amplifies the "
        "difference; 0: off",
        0, 1e6},
       {"force", &R::force, "replace files in --out that robiq did not write"}},
      options_of<R>(&R::compute),
  });
}

namespace {

/// What the pictures of one request share.
struct Job {
  const AttackRequest& request;
  Spec spec;
  std::string options;  ///< of the attack, all of them
  std::unique_ptr<Attack> attack;
  EvaluationSubject subject;
  std::vector<std::string> ids;  ///< of the pictures
  std::string loss;              ///< the attack's option of that name, or ""
};

/// File names, and for those that several pictures share the whole paths.
std::vector<std::string> picture_ids(const std::vector<std::filesystem::path>& files) {
  std::map<std::string, int> count;
  for (const auto& file : files) ++count[file.filename().string()];
  std::vector<std::string> ids;
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    ids.push_back(count[name] > 1 ? file.lexically_normal().string() : name);
  }
  return ids;
}

void add_scores(const ScoreRow& row, AttackedFile& result) {
  result.before = row.before;
  result.after = row.after;
  result.after_8bit = row.after_8bit;
  result.before_native = row.before_native;
  result.after_native = row.after_native;
  result.linf = row.linf;
  result.l2 = row.l2;
  result.ssim = row.ssim;
  result.psnr_db = row.psnr_db;
  result.forwards = row.forwards;
  result.backwards = row.backwards;
  result.seconds = row.seconds;
}

AttackedFile attack_file(const Job& job, const std::filesystem::path& file, const std::string& id,
                         const std::function<std::string(std::size_t)>& stem_for) {
  const SeenPicture seen = job.subject.see(id, read_picture(file));
  const std::string stem = stem_for(job.subject.parts_of(*job.attack, seen));
  const AttackedPicture attacked = job.subject.attack(*job.attack, job.spec.name, job.loss, seen);
  const auto saved = save_attacked(attacked, job.request.out, stem);
  if (job.request.triplet > 0) {
    save_triplets(attacked, job.request.triplet, job.request.out, stem);
  }
  ScoreRow row = job.subject.row_of(*job.attack, attacked);
  row.after_8bit = job.subject.scale().normalise(job.subject.score_saved(*job.attack, seen, saved));
  AttackedFile result;
  result.image = file.string();
  result.attack = job.spec.text;
  result.attack_options = job.options;
  result.level = row.level;
  if (!row.surrogate.empty()) result.surrogate = row.surrogate;
  if (job.request.purifier.any()) result.purify = job.request.purifier.spec;
  result.adaptive = job.request.purifier.any() && !job.subject.misses_purifier(*job.attack);
  add_scores(row, result);
  if (job.attack->card().score_only) result.queries = row.forwards;
  result.native_scale = job.subject.scale();
  result.distances = attacked.distances;
  result.files = saved.size();
  result.first_file = saved.front().string();
  return result;
}

[[noreturn]] void stopped(std::size_t done, std::size_t all, const std::string& out) {
  throw Interrupted(
      fmt::format("the attack was stopped after {} of {} pictures; {}", done, all,
                  done == 0 ? "nothing was saved" : "what was attacked before is saved in " + out));
}

/// Stems for all pictures, where it is known without looking at them how many each becomes: what
/// would be replaced is then found before any work.
std::vector<std::string> early_stems(const Job& job, AttackedNames& names,
                                     const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> stems;
  const std::optional<std::size_t> count = job.subject.parts_of(*job.attack);
  for (const auto& file : files) {
    if (count) stems.push_back(names.stem_for(file, *count));
  }
  return stems;
}

}  // namespace

void AttackRequest::settle(AttackRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(!request.surrogate.model.empty(), {"surrogate_weights"}, "--surrogate");
  rules.need(request.purifier.any(), {"adaptive", "draws"}, "--purify SPEC");
  if (request.attack.empty() || (request.surrogate.model.empty() && !rules.was_given("level")))
    return;
  const AttackCard card = attack_card(request.attack, "ATTACK");
  rules.clash(!card.uses_model, {"surrogate"}, card.name + ", which asks no model");
  if (request.level != AttackLevel::kView) return;
  rules.clash(card.acts_on == AttackTarget::kPicture, {"level"},
              card.name + ", which acts on whole pictures");
  rules.clash(!request.surrogate.model.empty(), {"level"},
              "--surrogate: attacks are then made on whole pictures");
}

ResultColumns<AttackedFile> AttackedFile::columns() {
  using R = AttackedFile;
  const auto purified = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.purify) return;
    cells["purify"] = *row.purify;
    cells["adaptive"] = row.adaptive;
  };
  const auto scale_text = [](const R& row) {
    return number_text(row.scale.worst) + ":" + number_text(row.scale.best);
  };
  const auto distances = [](const R& row, nlohmann::ordered_json& cells) {
    for (const auto& [name, value] : row.distances) cells[name] = result_cell(value);
  };
  ResultColumns<R> columns;
  columns.add("image", &R::image)
      .add("attack", &R::attack)
      .add("attack_options", &R::attack_options, Shown::kData)
      .add("level", &R::level)
      .add_present("surrogate", &R::surrogate)
      .add_cells(purified)
      .add("before", &R::before)
      .add("after", &R::after)
      .add("after_8bit", &R::after_8bit)
      .add("scale", &R::scale, Shown::kData)
      .add("scale", scale_text, Shown::kTable)
      .add("before_native", &R::before_native, Shown::kData)
      .add("after_native", &R::after_native, Shown::kData)
      .add("native_scale", &R::native_scale, Shown::kData)
      .add("linf", &R::linf)
      .add("l2", &R::l2, Shown::kData)
      .add("ssim", &R::ssim)
      .add("psnr_db", &R::psnr_db)
      .add_cells(distances)
      .add("forwards", &R::forwards, Shown::kData)
      .add("backwards", &R::backwards, Shown::kData)
      .add_present("queries", &R::queries)
      .add("seconds", &R::seconds)
      .add("files", &R::files, Shown::kData)
      .add("first_file", &R::first_file)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

void run_attack(const AttackRequest& request, const std::function<void(const AttackedFile&)>& row) {
  prepare_arithmetic(request.compute.threads);
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage,
                {"no folder for the attacked pictures", "--out", "name a folder to write to"});
  }
  const std::string text = request.queries > 0
                               ? with_queries({request.attack}, request.queries).front()
                               : request.attack;
  const Spec spec = Registry<Attack>::instance().parse(text, "ATTACK");
  auto attack = make_attack(text, "ATTACK");
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  std::vector<std::string> endings = {".png"};
  if (request.triplet > 0) endings.emplace_back(".triplet.png");
  AttackedNames names(request.out, files, endings, request.force);
  SubjectOptions subject = request;  // what it has in common with an evaluation
  subject.transfer = !request.surrogate.model.empty();
  const Job job{request,
                spec,
                attack_options(spec).text(),
                std::move(attack),
                EvaluationSubject(subject),
                picture_ids(files),
                attack_options(spec).value("loss")};
  if (auto* reader = dynamic_cast<ReadsPictures*>(job.attack.get())) reader->know_pictures(job.ids);
  const std::vector<std::string> stems = early_stems(job, names, files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (stop_requested()) stopped(i, files.size(), request.out);
    AttackedFile result;
    try {
      result = attack_file(job, files[i], job.ids[i], [&](std::size_t count) {
        return stems.empty() ? names.stem_for(files[i], count) : stems[i];
      });
    } catch (const Interrupted&) {
      stopped(i, files.size(), request.out);
    } catch (Error& error) {
      if (error.text().where.empty()) error.add_context("attacking " + files[i].string());
      throw;
    }
    row(result);
  }
}

}  // namespace robiq
