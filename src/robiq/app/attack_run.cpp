#include "robiq/app/attack_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/inputs.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"
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
      {"seed", &R::seed, "of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

namespace {

at::Tensor saved_picture(const std::filesystem::path& file, c10::Device device) {
  return to_float(read_picture(file).to(device)).unsqueeze(0);
}

/// The mean score of the saved views, as a user would meet them.
double score_of_views(QualityModel& model, const std::vector<std::filesystem::path>& files) {
  double sum = 0;
  for (const auto& file : files) {
    const at::Tensor view = saved_picture(file, model.device());
    sum += score_picture(model, view, {{0, 0, view.size(2), view.size(3)}});
  }
  return sum / static_cast<double>(files.size());
}

/// The score of a saved whole picture.
double score_of_whole(QualityModel& whole, const std::filesystem::path& file) {
  const at::NoGradGuard no_grad;
  const at::Tensor score = whole.score(saved_picture(file, whole.device()));
  check_finite(score, whole.card().name);
  return score.item<double>();
}

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

nlohmann::ordered_json result_row(const AttackedPicture& attacked, double after_file,
                                  const ScoreScale& scale) {
  nlohmann::ordered_json row;
  row["before"] = scale.normalise(attacked.before);
  row["after"] = scale.normalise(attacked.after);
  row["after_8bit"] = scale.normalise(after_file);
  row["linf"] = attacked.linf;
  row["l2"] = attacked.l2;
  row["ssim"] = attacked.ssim;
  row["psnr_db"] = attacked.psnr_db;
  row["seconds"] = attacked.seconds;
  return row;
}

/// What the pictures of one request share.
struct Job {
  const AttackRequest& request;
  Spec spec;
  std::unique_ptr<Attack> attack;
  AttackLevel level;
  LoadedModel loaded;
  ViewPolicy policy;

  /// Where the random views of a picture are drawn.
  [[nodiscard]] Rng views_of(const std::string& id) const {
    return Rng(static_cast<std::uint64_t>(request.seed)).child("views").child(id);
  }
};

AttackedPicture attacked_views(const Job& job, const at::Tensor& bytes, const std::string& id,
                               const AttackContext& context) {
  QualityModel& model = *job.loaded.model;
  const at::Tensor picture =
      picture_input(bytes, model.card(), job.policy, job.request.fit, model.device());
  const std::vector<View> views =
      make_views(job.policy, picture.size(2), picture.size(3), job.views_of(id));
  return attack_views(model, *job.attack, picture, views, id, context);
}

AttackedPicture attacked_whole(const Job& job, const WholePicture& whole, const std::string& id,
                               const AttackContext& context) {
  const auto victim = ensemble_for(*job.loaded.model, whole);
  return attack_whole(*victim, *victim, *job.attack, whole.picture, id, context);
}

nlohmann::ordered_json attack_file(const Job& job, const std::filesystem::path& file,
                                   const std::string& stem) {
  QualityModel& model = *job.loaded.model;
  const std::string id = file.filename().string();
  const AttackContext context{
      Rng(static_cast<std::uint64_t>(job.request.seed)).child("attack").child(job.spec.name),
      stop_requested};
  const at::Tensor bytes = read_picture(file);
  AttackedPicture attacked;
  std::vector<std::filesystem::path> saved;
  double after_file = 0;
  if (job.level == AttackLevel::kView) {
    attacked = attacked_views(job, bytes, id, context);
    saved = save_attacked(attacked, job.request.out, stem);
    after_file = score_of_views(model, saved);
  } else {
    const WholePicture whole = whole_picture(bytes, model.card(), job.policy, job.request.fit,
                                             model.device(), job.views_of(id));
    attacked = attacked_whole(job, whole, id, context);
    saved = save_attacked(attacked, job.request.out, stem);
    after_file = score_of_whole(*ensemble_for(model, whole), saved.front());
  }
  nlohmann::ordered_json result;
  result["image"] = file.string();
  result["attack"] = job.spec.text;
  result["level"] = level_name(job.level);
  result.update(result_row(attacked, after_file, model.card().scale));
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
  Job job{
      request, parse_spec(request.attack, "ATTACK"), make_attack(request.attack, "ATTACK"), {}, {},
      {}};
  job.level = level_of(*job.attack, parse_level(request.level));
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  refuse_to_overwrite(files, request.out);
  job.loaded = load_model_flag(request.model, request.weights, request.scale, request.device);
  job.policy = parse_views(request.views, job.loaded.model->card());
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
