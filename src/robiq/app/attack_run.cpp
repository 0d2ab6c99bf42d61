#include "robiq/app/attack_run.h"

#include <nlohmann/json.hpp>
#include <set>

#include "robiq/app/evaluation_subject.h"
#include "robiq/app/inputs.h"
#include "robiq/core/version.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_io.h"

namespace robiq {

OptionTable<AttackRequest> AttackRequest::options() {
  using R = AttackRequest;
  return {
      {"attack", &R::attack, "NAME or NAME:key=value,...; `robiq list attacks` names all"},
      {"pictures", &R::pictures, "pictures, folders of pictures, or - for paths on standard input"},
      {"model", &R::model, "the victim, with options as NAME:key=value"},
      {"weights", &R::weights, "its checkpoint"},
      {"out", &R::out, "folder for the attacked pictures"},
      {"level", &R::level, "attack each view by itself, or the whole picture", {"view", "image"}},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      {"views", &R::views, "how a picture becomes model inputs: grid, paper or how many"},
      {"fit", &R::fit, "enlarge pictures that are smaller than a crop"},
      {"surrogate", &R::surrogate,
       "make the attack on this model instead; --model then scores the pictures"},
      {"surrogate_weights", &R::surrogate_weights, "its checkpoint"},
      {"distance", &R::distance,
       "one more distance to the clean picture, NAME:key=value,...; may be repeated"},
      {"triplet", &R::triplet,
       "also save clean, attacked, and their difference times so much, side by side; 0: not", 0,
       1e6},
      {"seed", &R::seed, "of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

/// "photo.jpg" becomes "photo"; a second picture of that stem "photo.2".
std::string unique_stem(const std::filesystem::path& file, std::set<std::string>& used) {
  const std::string stem = file.stem().string();
  std::string name = stem;
  for (int count = 2; !used.insert(name).second; ++count) name = stem + "." + std::to_string(count);
  return name;
}

/// A PNG attacked into its own folder would be replaced.
void refuse_to_overwrite(const std::vector<std::filesystem::path>& files, const std::string& out) {
  for (const auto& file : files) {
    std::error_code code;
    if (file.extension() != ".png") continue;
    if (!std::filesystem::equivalent(file.parent_path() / ".", out, code)) continue;
    throw Error(ErrorKind::kUsage,
                {"the attacked pictures would overwrite the pictures in '" + out + "'", "--out",
                 "name another folder than that of " + file.string()});
  }
}

/// What the pictures of one request share.
struct Job {
  const AttackRequest& request;
  Spec spec;
  std::unique_ptr<Attack> attack;
  EvaluationSubject subject;
};

nlohmann::ordered_json result_row(const ScoreRow& row, const AttackedPicture& attacked) {
  nlohmann::ordered_json result;
  result["before"] = row.before;
  result["after"] = row.after;
  result["after_8bit"] = row.after_8bit;
  result["linf"] = row.linf;
  result["l2"] = row.l2;
  result["ssim"] = row.ssim;
  result["psnr_db"] = row.psnr_db;
  for (const auto& [name, value] : attacked.distances) result[name] = value;
  result["forwards"] = row.forwards;
  result["backwards"] = row.backwards;
  result["seconds"] = row.seconds;
  return result;
}

nlohmann::ordered_json attack_file(const Job& job, const std::filesystem::path& file,
                                   const std::string& stem) {
  const SeenPicture seen = job.subject.see(file.filename().string(), read_picture(file));
  const AttackedPicture attacked = job.subject.attack(*job.attack, job.spec.name, seen);
  const auto saved = save_attacked(attacked, job.request.out, stem);
  if (job.request.triplet > 0) {
    save_triplets(attacked, job.request.triplet, job.request.out, stem);
  }
  ScoreRow row = job.subject.row_of(*job.attack, attacked);
  row.after_8bit = job.subject.scale().normalise(job.subject.score_saved(*job.attack, seen, saved));
  nlohmann::ordered_json result;
  result["image"] = file.string();
  result["attack"] = job.spec.text;
  result["level"] = row.level;
  if (!row.surrogate.empty()) result["surrogate"] = row.surrogate;
  result.update(result_row(row, attacked));
  result["files"] = static_cast<std::int64_t>(saved.size());
  result["first_file"] = saved.front().string();
  result["robiq_version"] = version();
  return result;
}

}  // namespace

void run_attack(const AttackRequest& request,
                const std::function<void(const nlohmann::ordered_json&)>& row) {
  prepare_arithmetic(request.threads);
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage,
                {"no folder for the attacked pictures", "--out", "name a folder to write to"});
  }
  const Spec spec = parse_spec(request.attack, "ATTACK");
  auto attack = make_attack(request.attack, "ATTACK");
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  refuse_to_overwrite(files, request.out);
  SubjectOptions subject = subject_options(request);
  subject.transfer = !request.surrogate.empty();
  const Job job{request, spec, std::move(attack), EvaluationSubject(subject)};
  std::set<std::string> used_stems;
  for (const auto& file : files) {
    try {
      row(attack_file(job, file, unique_stem(file, used_stems)));
    } catch (Error& error) {
      if (error.text().where.empty()) error.add_context("attacking " + file.string());
      throw;
    }
  }
}

}  // namespace robiq
