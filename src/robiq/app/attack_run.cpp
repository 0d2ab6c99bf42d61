#include "robiq/app/attack_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/inputs.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
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

/// The mean score of the saved files, as a user would meet them.
double score_of_files(QualityModel& model, const std::vector<std::filesystem::path>& files,
                      const std::vector<View>& views, AttackLevel level) {
  double sum = 0;
  for (const auto& file : files) {
    const at::Tensor picture = picture_tensor(read_picture(file), 0, model.device());
    const std::vector<View> whole = {{0, 0, picture.size(2), picture.size(3)}};
    sum += score_picture(model, picture, level == AttackLevel::kImage ? views : whole);
  }
  return sum / static_cast<double>(files.size());
}

/// "photo.jpg" becomes "photo"; a second picture of that stem "photo.2".
std::string unique_stem(const std::filesystem::path& file, std::map<std::string, int>& used) {
  const std::string stem = file.stem().string();
  const int count = ++used[stem];
  return count == 1 ? stem : stem + "." + std::to_string(count);
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

}  // namespace

void run_attack(const AttackRequest& request,
                const std::function<void(const nlohmann::ordered_json&)>& row) {
  prepare_arithmetic(request.threads);
  if (request.out.empty()) {
    throw Error(ErrorKind::kUsage, {"no folder for the attacked pictures", "--out",
                                    "name a folder to write to"});
  }
  const Spec spec = parse_spec(request.attack, "ATTACK");
  const std::unique_ptr<Attack> attack = make_attack(request.attack);
  const AttackLevel level = parse_level(request.level);
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  LoadedModel loaded =
      load_model_flag(request.model, request.weights, request.scale, request.device);
  const ModelCard& card = loaded.model->card();
  const ViewPolicy policy = parse_views(request.views, card);
  const Rng rng(static_cast<std::uint64_t>(request.seed));
  std::map<std::string, int> used_stems;
  for (const auto& file : files) {
    const std::int64_t fit = request.fit ? std::max(card.min_side, policy.side) : 0;
    const at::Tensor picture = picture_tensor(read_picture(file), fit, loaded.model->device());
    const std::string id = file.filename().string();
    const std::vector<View> views =
        make_views(policy, picture.size(2), picture.size(3), rng.child("views").child(id));
    const AttackContext context{rng.child("attack").child(spec.name), stop_requested};
    const AttackedPicture attacked =
        attack_picture(*loaded.model, *attack, picture, views, level, id, context);
    const auto saved = save_attacked(attacked, request.out, unique_stem(file, used_stems));
    nlohmann::ordered_json result;
    result["image"] = file.string();
    result["attack"] = spec.text;
    result["level"] = level_name(level);
    result.update(result_row(attacked, score_of_files(*loaded.model, saved, views, level),
                             card.scale));
    result["files"] = static_cast<std::int64_t>(saved.size());
    result["first_file"] = saved.front().string();
    result["robiq_version"] = version();
    row(result);
  }
}

}  // namespace robiq
