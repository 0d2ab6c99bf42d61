#include "robiq/app/check/gaming_run.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/video/video.h"

namespace robiq {

OptionTable<GamingRequest> GamingRequest::options() {
  using R = GamingRequest;
  return {
      {"pictures", &R::pictures, "pictures, folders of pictures, or one video"},
      {"model", &R::model, "the model, with options as NAME:key=value"},
      {"weights", &R::weights,
       "its checkpoint, or shipped:NAME; \"\": the one that comes with robiq"},
      {"gain", &R::gain, "how many points count as gamed", 0, 100, "of 0 (worst) to 100 (best)"},
      {"similarity", &R::similarity, "the least SSIM of an edit that counts", -1, 1},
      {"perturbation", &R::perturbation, "a file that `robiq uap` made, tried at graded strengths"},
      {"figure", &R::figure, "an SVG file: score gained against SSIM lost"},
      {"force", &R::force, "let --figure replace a file that robiq did not draw"},
      {"frames", &R::frames, "of a video: so many, evenly spread", 1, 1e6},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      {"views", &R::views, "how a picture becomes model inputs: grid, paper or how many"},
      {"fit", &R::fit, "enlarge pictures that are smaller than a crop"},
      {"seed", &R::seed, "of noise and random views", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

void GamingRequest::settle(GamingRequest& request, const Params& given) {
  const bool video = request.pictures.size() == 1 && has_video_ending(request.pictures.front());
  const OptionRules rules(given);
  rules.need(video, {"frames"}, "a video");
  rules.need(!request.figure.empty(), {"force"}, "--figure");
}

namespace {

/// A picture or frame, 8 bits, and what its random numbers hang on.
struct NamedPicture {
  std::string id;
  at::Tensor bytes;
};

std::vector<NamedPicture> frames_of(const std::string& video, std::int64_t wanted) {
  const auto reader = open_video(video, {});
  const std::int64_t every = std::max<std::int64_t>(1, reader->info().frames / wanted);
  std::vector<NamedPicture> frames;
  for (std::int64_t number = 0; std::ssize(frames) < wanted && reader->advance(); ++number) {
    if (number % every == 0) frames.push_back({"frame" + std::to_string(number), reader->frame()});
  }
  if (!reader->damage().empty() || frames.empty()) {
    throw Error(ErrorKind::kData, {frames.empty() ? "the video has no frames" : reader->damage(),
                                   video, "give a whole video"});
  }
  return frames;
}

std::vector<NamedPicture> pictures_of(const GamingRequest& request) {
  if (request.pictures.size() == 1 && has_video_ending(request.pictures.front())) {
    return frames_of(request.pictures.front(), request.frames);
  }
  std::vector<NamedPicture> pictures;
  for (const auto& file : list_pictures(request.pictures)) {
    pictures.push_back({file.string(), read_picture(file)});
  }
  return pictures;
}

/// Every file that the check reads.
std::vector<std::filesystem::path> inputs_of(const GamingRequest& request) {
  std::vector<std::filesystem::path> inputs{request.weights, request.perturbation};
  const bool video = request.pictures.size() == 1 && has_video_ending(request.pictures.front());
  const auto named = video ? std::vector<std::filesystem::path>{request.pictures.front()}
                           : list_pictures(request.pictures);
  inputs.insert(inputs.end(), named.begin(), named.end());
  return inputs;
}

/// An edit at one strength, as a function of a picture [1,3,H,W].
struct Edit {
  std::string name;
  double strength;
  std::shared_ptr<const PictureFilter> filter;  ///< or null: the perturbation
};

constexpr double kPerturbationStrengths[] = {2 / 255.0, 4 / 255.0, 8 / 255.0, 16 / 255.0};

std::vector<Edit> edits_of(const GamingRequest& request) {
  std::vector<Edit> edits;
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    const std::shared_ptr<const PictureFilter> filter =
        Registry<PictureFilter>::instance().make(name, {});
    for (const double strength : filter->card().strengths)
      edits.push_back({name, strength, filter});
  }
  if (request.perturbation.empty()) return edits;
  for (const double strength : kPerturbationStrengths) {
    edits.push_back({"universal perturbation", strength, nullptr});
  }
  return edits;
}

class GamingCheck {
 public:
  explicit GamingCheck(const GamingRequest& request)
      : request_(request),
        loaded_(load_model_flag(request.model, request.weights, request.scale, request.device)),
        policy_(parse_views(request.views, loaded_.model->card())),
        rng_(static_cast<std::uint64_t>(request.seed)),
        ssim_(Registry<Fidelity>::instance().make("ssim", {})),
        psnr_(Registry<Fidelity>::instance().make("psnr", {})) {}

  [[nodiscard]] GamingResult run() {
    const std::vector<NamedPicture> pictures = pictures_of(request_);
    const std::vector<Edit> edits = edits_of(request_);
    GamingResult result;
    result.model = loaded_.card.model;
    result.pictures = std::ssize(pictures);
    for (const Edit& edit : edits) result.edits.push_back({edit.name, edit.strength, 0, 0, 0});
    Progress progress("check", std::ssize(pictures) * std::ssize(edits), "edits");
    std::int64_t done = 0;
    for (const NamedPicture& picture : pictures) {
      within_error_boundary([&] {
        add_picture(picture, edits, result, [&] {
          if (stop_requested()) throw Interrupted("the check was stopped; nothing was saved");
          progress.update(++done);
        });
      });
    }
    const auto count = static_cast<double>(pictures.size());
    result.before /= count;
    for (EditResult& edit : result.edits) {
      edit.gain /= count;
      edit.ssim /= count;
      edit.psnr_db /= count;
    }
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
        RandomStream stream(rng_.child("noise").child(named.id));
        draws = at::empty(picture.sizes(), at::kFloat);
        auto* value = draws.data_ptr<float>();
        for (std::int64_t i = 0; i < draws.numel(); ++i) {
          *value++ = static_cast<float>(stream.normal());
        }
        draws = draws.to(picture.device());
      }
      changed = edit.filter->apply(picture, edit.strength, draws);
    } else {
      Params params;
      params["file"] = {request_.perturbation, "--perturbation"};
      params["scale"] = {edit.strength, "--perturbation"};
      const auto attack = Registry<Attack>::instance().make("uap", params);
      AttackBatch batch{picture, at::zeros({1}, picture.options()), {named.id}};
      changed = attack->run(*loaded_.model, batch, {rng_.child("perturbation")}).images;
    }
    return (changed * 255).round().div(255);
  }

  template <class Step>
  void add_picture(const NamedPicture& named, const std::vector<Edit>& edits, GamingResult& result,
                   const Step& step) {
    const at::NoGradGuard no_grad;
    QualityModel& model = *loaded_.model;
    const WholePicture whole = whole_picture(named.bytes, model.card(), policy_, request_.fit,
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
    for (std::size_t i = 0; i < edits.size(); ++i) {
      const at::Tensor picture = edited(edits[i], named, whole.picture);
      result.edits[i].gain += score(picture) - before;
      result.edits[i].ssim += ssim_->compare(whole.picture, picture).item<double>();
      result.edits[i].psnr_db += psnr_->compare(whole.picture, picture).item<double>();
      step();
    }
  }

  const GamingRequest& request_;
  LoadedModel loaded_;
  ViewPolicy policy_;
  Rng rng_;
  std::unique_ptr<Fidelity> ssim_, psnr_;
};

std::string edit_text(const EditResult& edit) {
  return fmt::format("{} {:.3g} gains {:.1f} of 100 points at SSIM {:.3f} and PSNR {:.1f} dB",
                     edit.edit, edit.strength, edit.gain, edit.ssim, edit.psnr_db);
}

/// Fills in what follows from the edits.
void judge(const GamingRequest& request, GamingResult& result) {
  std::optional<EditResult> most;
  for (const EditResult& edit : result.edits) {
    if (edit.ssim < request.similarity) continue;
    if (!most || edit.gain > most->gain) most = edit;
  }
  if (!most) {
    result.verdict = fmt::format("Not decided: no edit kept SSIM at {:g}", request.similarity);
    return;
  }
  result.most = *most;
  result.gamed = most->gain >= request.gain;
  result.verdict =
      result.gamed
          ? "Can be gamed: " + edit_text(*most)
          : fmt::format("Not gamed by these edits (SSIM at least {:g}, {:g} points): at most, {}",
                        request.similarity, request.gain, edit_text(*most));
}

}  // namespace

ResultColumns<EditResult> EditResult::columns() {
  using R = EditResult;
  ResultColumns<R> columns;
  columns.add("edit", &R::edit)
      .add("strength", &R::strength)
      .add("gain", &R::gain)
      .add("ssim", &R::ssim)
      .add("psnr_db", &R::psnr_db);
  return columns;
}

ResultColumns<GamingResult> GamingResult::columns() {
  using R = GamingResult;
  ResultColumns<R> columns;
  columns.add("model", &R::model)
      .add("pictures", &R::pictures)
      .add("before", &R::before)
      .add("gamed", &R::gamed)
      .add("verdict", &R::verdict)
      .add_cells([](const R& result, ResultColumns<R>::Cells& cells) {
        cells["edits"] = EditResult::columns().cells(result.edits, OutputFormat::kJson);
      })
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

GamingResult run_gaming_check(const GamingRequest& request) {
  if (!request.figure.empty()) check_figure_file(request, inputs_of(request));
  prepare_arithmetic(request.threads);
  GamingResult result = GamingCheck(request).run();
  judge(request, result);
  if (!request.figure.empty()) write_file(request.figure, gaming_figure(result, request));
  return result;
}

}  // namespace robiq
