#include "robiq/app/score/score_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "robiq/app/run/guard.h"
#include "robiq/app/run/inputs.h"
#include "robiq/app/score/purified_picture.h"
#include "robiq/app/score/score_certificate.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

OptionTable<ScoreRequest> ScoreRequest::options() {
  using R = ScoreRequest;
  return {
      {"pictures", &R::pictures, "pictures, folders of pictures, or - for paths on standard input"},
      {"model", &R::model, "the model, with options as NAME:key=value"},
      {"weights", &R::weights, "its checkpoint"},
      {"sensitivity", &R::sensitivity,
       "also the gradient's l1 norm and the first-order bound on how far an l_inf perturbation of "
       "this size moves the score; 0: no",
       0, 1, "of [0,1]"},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
      {"views", &R::views, "how a picture becomes model inputs: grid, paper or how many"},
      {"purify", &R::purify,
       "purifiers between picture and model, SPEC or SPEC+SPEC; \"\": none (robiq list purifiers)"},
      {"draws", &R::draws, "of a randomised purifier: scores are means over so many", 1, 1e6},
      {"certify", &R::certify,
       "also an interval that no change of the picture up to this l2 norm takes the smoothed score "
       "out of; 0: no",
       0, 1e4, "of [0,1]"},
      {"certify_sigma", &R::certify_sigma, "deviation of the noise that smooths", 1e-6, 10,
       "of [0,1]"},
      {"certify_samples", &R::certify_samples, "noisy copies of a picture", 1, 1e7},
      {"certify_confidence", &R::certify_confidence, "of each end of the interval", 0.5, 0.9999999},
      {"certify_denoiser", &R::certify_denoiser,
       "cleans the noisy copies: dncnn:FILE, or a purifier that draws nothing; \"\": none"},
      {"fit", &R::fit, "enlarge pictures that are smaller than a crop"},
      {"precision",
       &R::precision,
       "of products and convolutions; docs/performance.md says what bf16 costs the scores",
       {"fp32", "bf16"}},
      {"seed", &R::seed, "of random views", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

void ScoreRequest::settle(ScoreRequest& request, const Params& given) {
  const OptionRules rules(given);
  if (request.purify.empty()) rules.need(request.views == "paper", {"seed"}, "--views paper");
  rules.need(!request.purify.empty(), {"draws"}, "--purify");
  rules.clash(!request.purify.empty(), {"sensitivity", "certify"}, "--purify");
  rules.need(request.certify > 0,
             {"certify_sigma", "certify_samples", "certify_confidence", "certify_denoiser"},
             "--certify");
}

namespace {

/// What the pictures of one request are scored with.
struct Scoring {
  const ScoreRequest& request;
  LoadedModel loaded;
  std::shared_ptr<const Purifier> purifier;  ///< or null
  ViewPolicy policy;
  Rng rng;
  CertificateSettings certificates{};
};

/// The score behind the purifier, and how sure it is where draws are random.
void add_purified_score(const Scoring& scoring, const std::filesystem::path& file,
                        nlohmann::ordered_json& row) {
  QualityModel& model = *scoring.loaded.model;
  const Rng views = scoring.rng.child("views").child(file.string());
  const WholePicture whole = whole_picture(read_picture(file), model.card(), scoring.policy,
                                           scoring.request.fit, model.device(), views);
  const bool randomised = scoring.purifier->card().randomised;
  PurifiedPicture behind(model, scoring.purifier,
                         {.draws = randomised ? scoring.request.draws : 1,
                          .rng = scoring.rng.child("purify").child("grade")},
                         whole, {scoring.policy, views, scoring.request.fit});
  behind.model().begin({file.string()});
  const PurifiedScores scores = behind.model().score_draws(whole.picture);
  check_finite(scores.mean, model.card().name);
  row["score"] = scores.mean.item<double>();
  row["purify"] = scoring.request.purify;
  if (randomised && scoring.request.draws > 1) {
    row["score_standard_error"] = scores.standard_error.item<double>();
  }
}

nlohmann::ordered_json score_one(const Scoring& scoring, const std::filesystem::path& file) {
  const ScoreRequest& request = scoring.request;
  const LoadedModel& loaded = scoring.loaded;
  const ViewPolicy& policy = scoring.policy;
  nlohmann::ordered_json row;
  row["image"] = file.string();
  const ScoreScale& scale = loaded.model->card().scale;
  const auto finish = [&] {
    row["model"] = loaded.card.model;
    row["scale"] = {{"worst", scale.worst}, {"best", scale.best}};
    row["robiq_version"] = version();
    return row;
  };
  if (scoring.purifier) {
    add_purified_score(scoring, file, row);
    return finish();
  }
  const at::Tensor picture = picture_input(read_picture(file), loaded.model->card(), policy,
                                           request.fit, loaded.model->device());
  const std::vector<View> views = make_views(policy, picture.size(2), picture.size(3),
                                             scoring.rng.child("views").child(file.string()));
  if (request.sensitivity > 0) {
    const PictureGradient both = score_gradient(*loaded.model, picture, views);
    const double norm = both.gradient.abs().sum(at::kDouble).item<double>();
    row["score"] = both.score;
    row["gradient_l1"] = norm;
    row["score_bound"] = request.sensitivity * norm;
  } else {
    row["score"] = score_picture(*loaded.model, picture, views);
  }
  if (request.certify > 0) {
    const WholePicture whole =
        whole_picture(read_picture(file), loaded.model->card(), policy, request.fit,
                      loaded.model->device(), scoring.rng.child("views").child(file.string()));
    add_certificate(
        certify_whole(*loaded.model, whole, file.string(), scoring.rng, scoring.certificates),
        request.certify, row);
  }
  return finish();
}

}  // namespace

void run_scoring(const ScoreRequest& request,
                 const std::function<void(const nlohmann::ordered_json&)>& row,
                 const std::function<void(const Error&)>& failed) {
  prepare_arithmetic(request.threads);
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  Scoring scoring{request,
                  load_model_flag(request.model, request.weights, request.scale, request.device),
                  request.purify.empty() ? nullptr : make_purifier(request.purify, "--purify"),
                  {},
                  Rng(static_cast<std::uint64_t>(request.seed))};
  scoring.loaded.model = with_precision(std::move(scoring.loaded.model), request.precision);
  scoring.policy = parse_views(request.views, scoring.loaded.model->card());
  if (request.certify > 0) {
    scoring.certificates =
        certificate_settings({request.certify, request.certify_sigma, request.certify_samples,
                              request.certify_confidence, request.certify_denoiser},
                             scoring.loaded.model->device());
    log::info("certificates: {} passes over every view of each of {} pictures",
              request.certify_samples, files.size());
  }
  std::optional<Error> first;
  std::size_t failures = 0, seen = 0;
  for (const auto& file : files) {
    if (stop_requested()) {
      throw Interrupted(
          fmt::format("scoring was stopped after {} of {} pictures", seen, files.size()));
    }
    ++seen;
    nlohmann::ordered_json scored;
    try {
      guarded([&] { scored = score_one(scoring, file); });
    } catch (Error& error) {
      if (error.text().where.empty()) error.add_context("scoring " + file.string());
      if (!first) first = error;
      ++failures;
      if (files.size() > 1) failed(error);
      continue;
    }
    row(scored);
  }
  if (!first) return;
  if (files.size() == 1) throw *first;
  throw Error(first->kind(), {std::to_string(failures) + " of " + std::to_string(files.size()) +
                                  " pictures could not be scored",
                              "", "the errors above say which and why"});
}

}  // namespace robiq
