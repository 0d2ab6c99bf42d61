#include "robiq/app/check/check_run.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/check/check_perturbation.h"
#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/data/picture_identity.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/video/video.h"

namespace robiq {

namespace {

/// A picture or frame, 8 bits, and what its random numbers hang on.
struct NamedPicture {
  std::string id;
  at::Tensor bytes;
};

void stop_where_asked() {
  if (stop_requested()) throw Interrupted("nothing was checked; start again");
}

/// Keeps `count` of the frames, evenly spread.
void thin_out(std::vector<NamedPicture>& frames, std::int64_t count) {
  const std::int64_t all = std::ssize(frames);
  if (all <= count) return;
  for (std::int64_t i = 0; i < count; ++i) {
    frames[static_cast<std::size_t>(i)] = frames[static_cast<std::size_t>(i * all / count)];
  }
  frames.resize(static_cast<std::size_t>(count));
}

/// Evenly spread, whatever the container says of how many there are.
std::vector<NamedPicture> frames_of(const std::string& video, std::int64_t wanted) {
  const auto reader = open_video(video, {});
  warn_of_remarks(video, reader->info());
  std::vector<NamedPicture> frames;
  std::int64_t every = 1;
  for (std::int64_t number = 0; reader->advance(); ++number) {
    stop_where_asked();
    if (number % every != 0) continue;
    frames.push_back({"frame" + std::to_string(number), reader->frame()});
    if (std::ssize(frames) < 2 * wanted) continue;
    thin_out(frames, wanted);  // every second one
    every *= 2;
  }
  thin_out(frames, wanted);
  if (!reader->damage().empty() || frames.empty()) {
    throw Error(ErrorKind::kData, {frames.empty() ? "the video has no frames" : reader->damage(),
                                   video, "give a whole video"});
  }
  return frames;
}

/// The video or the pictures that the request names. Reads standard input where it says so, which
/// can be done once.
std::vector<std::filesystem::path> files_of(const GamingRequest& request) {
  if (request.names_one_video()) return {request.pictures.front()};
  return list_pictures(request.pictures);
}

NamedPicture read_named(const std::filesystem::path& file) {
  const at::Tensor bytes = read_picture(file);
  return {picture_identity(bytes), bytes};
}

/// The frames of a video, held; or pictures, one at a time.
class PictureSource {
 public:
  /// Reads all once, so that a damaged file is known before hours of work. What is no file, as a
  /// pipe, can be read once only, and is held.
  /// \param files  files_of() the request
  PictureSource(const GamingRequest& request, const std::vector<std::filesystem::path>& files) {
    if (request.names_one_video()) {
      frames_ = frames_of(request.pictures.front(), request.frames);
      return;
    }
    files_ = files;
    if (files.size() == 1) return;  // the work begins with it
    for (const auto& file : files) {
      stop_where_asked();
      NamedPicture picture = read_named(file);
      if (!std::filesystem::is_regular_file(file)) held_.emplace(file, std::move(picture));
    }
  }

  [[nodiscard]] std::int64_t count() const { return std::ssize(frames_) + std::ssize(files_); }

  [[nodiscard]] NamedPicture at(std::int64_t number) const {
    const auto place = static_cast<std::size_t>(number);
    if (!frames_.empty()) return frames_[place];
    const auto held = held_.find(files_[place]);
    return held == held_.end() ? read_named(files_[place]) : held->second;
  }

 private:
  std::vector<NamedPicture> frames_;
  std::vector<std::filesystem::path> files_;
  std::map<std::filesystem::path, NamedPicture> held_;
};

/// An edit at one strength, as a function of a picture [1,3,H,W].
struct Edit {
  std::string name;
  double strength;
  std::shared_ptr<const PictureFilter> filter;  ///< or null: the perturbation
};

constexpr double kPerturbationStrengths[] = {2 / 255.0, 4 / 255.0, 8 / 255.0, 16 / 255.0};

std::vector<Edit> edits_of(bool perturbation) {
  std::vector<Edit> edits;
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    const std::shared_ptr<const PictureFilter> filter =
        Registry<PictureFilter>::instance().make(name, {});
    for (const double strength : filter->card().strengths)
      edits.push_back({name, strength, filter});
  }
  if (!perturbation) return edits;
  for (const double strength : kPerturbationStrengths) {
    edits.push_back({kPerturbationEdit, strength, nullptr});
  }
  return edits;
}

/// What is left of the sums: means over the pictures that an edit was scored on.
void settle_means(GamingResult& result) {
  std::erase_if(result.edits, [](const EditResult& edit) { return edit.pictures == 0; });
  result.before /= static_cast<double>(result.pictures);
  for (EditResult& edit : result.edits) {
    const auto count = static_cast<double>(edit.pictures);
    edit.gain /= count;
    edit.ssim /= count;
    edit.raised /= count;
    // Pictures that it leaves as they are have no finite PSNR.
    edit.psnr_db = edit.changed > 0 ? edit.psnr_db / static_cast<double>(edit.changed)
                                    : std::numeric_limits<double>::infinity();
  }
}

class GamingCheck {
 public:
  explicit GamingCheck(const GamingRequest& request)
      : request_(request),
        loaded_(
            load_model_flag(request.model, request.weights, request.scale, request.compute.device)),
        policy_(parse_views(request.views.policy, loaded_.model->card())),
        rng_(static_cast<std::uint64_t>(request.compute.seed)),
        ssim_(Registry<Fidelity>::instance().make("ssim", {})),
        psnr_(Registry<Fidelity>::instance().make("psnr", {})) {}

  [[nodiscard]] GamingResult run(const std::vector<std::filesystem::path>& files,
                                 const std::function<void()>& scored) {
    const PictureSource pictures(request_, files);
    perturbation_ = check_perturbation(request_, loaded_);
    const std::vector<Edit> edits = edits_of(perturbation_.defined());
    GamingResult result;
    result.model = loaded_.card.model;
    result.weights = loaded_.weights_name;
    result.weights_sha256 = loaded_.weights_sha256;
    for (const Edit& edit : edits) {
      result.edits.push_back({.edit = edit.name, .strength = edit.strength, .ssim = 0});
      if (!edit.filter) continue;
      result.edits.back().identity = edit.filter->card().identity;
      result.edits.back().damages = edit.filter->card().damages;
    }
    const std::int64_t total = pictures.count() * std::ssize(edits);
    Progress progress("check", total, "edits");
    std::int64_t done = 0;
    for (std::int64_t number = 0; number < pictures.count(); ++number) {
      if (stop_requested()) break;
      within_error_boundary([&] {
        add_picture(pictures.at(number), edits, result, [&] {
          progress.update(++done);
          if (scored) scored();
        });
      });
    }
    if (done == 0) throw Interrupted("the check was stopped before an edit was scored");
    if (done < total) result.note = fmt::format("interrupted after {} of {} edits", done, total);
    settle_means(result);
    return result;
  }

 private:
  /// What an edit leaves of a picture, as a file would keep it: rounded to 8 bits.
  [[nodiscard]] at::Tensor edited(const Edit& edit, const NamedPicture& named,
                                  const at::Tensor& picture) const {
    at::Tensor changed;
    if (edit.filter) {
      at::Tensor draws;
      if (edit.filter->card().needs_draws) {
        draws = normal_tensor(rng_.child("noise").child(named.id), picture.sizes())
                    .to(picture.device());
      }
      changed = edit.filter->apply(picture, edit.strength, draws);
    } else {
      const at::Tensor added = tiled(perturbation_, picture.size(2), picture.size(3));
      changed = (picture + added * edit.strength).clamp(0, 1);
    }
    return (changed * 255).round().div(255);
  }

  template <class Step>
  void add_picture(const NamedPicture& named, const std::vector<Edit>& edits, GamingResult& result,
                   const Step& step) {
    const at::NoGradGuard no_grad;
    QualityModel& model = *loaded_.model;
    const WholePicture whole = whole_picture(named.bytes, model.card(), policy_, request_.views.fit,
                                             model.device(), rng_.child("views").child(named.id));
    const auto ensemble = ensemble_for(model, whole);
    const ScoreScale& scale = model.card().scale;
    const auto score = [&](const at::Tensor& picture) {
      const at::Tensor scores = ensemble->score(picture);
      check_finite(scores, model.card().name);
      return scale.normalise(scores.item<double>());
    };
    const double before = score(whole.picture);
    result.before += before;
    ++result.pictures;
    for (std::size_t i = 0; i < edits.size() && !stop_requested(); ++i) {
      const at::Tensor picture = edited(edits[i], named, whole.picture);
      EditResult& edit = result.edits[i];
      const double gain = score(picture) - before;
      edit.gain += gain;
      edit.raised += gain > 0 ? 1 : 0;
      edit.ssim += ssim_->compare(whole.picture, picture).item<double>();
      if (!at::equal(whole.picture, picture)) {
        edit.psnr_db += psnr_->compare(whole.picture, picture).item<double>();
        ++edit.changed;
      }
      ++edit.pictures;
      step();
    }
  }

  const GamingRequest& request_;
  LoadedModel loaded_;
  ViewPolicy policy_;
  Rng rng_;
  std::unique_ptr<Fidelity> ssim_, psnr_;
  at::Tensor perturbation_;  ///< its largest change is 1
};

}  // namespace

GamingResult run_gaming_check(const GamingRequest& request, const std::function<void()>& scored) {
  const std::vector<std::filesystem::path> files = files_of(request);
  if (!request.figure.empty()) {
    std::vector<std::filesystem::path> inputs = files;
    inputs.emplace_back(request.weights);
    if (reads_perturbation(request)) inputs.emplace_back(request.perturbation);
    check_figure_file(request, inputs);
  }
  prepare_arithmetic(request.compute.threads);
  GamingResult result = GamingCheck(request).run(files, scored);
  judge_edits(request, result);
  if (!request.figure.empty() && result.note.empty())
    write_file(request.figure, gaming_figure(result, request));
  return result;
}

}  // namespace robiq
