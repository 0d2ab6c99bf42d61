#include "robiq/app/score/score_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/score/purified_picture.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/data/picture_identity.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/video/video.h"

namespace robiq {

OptionTable<ScoreRequest> ScoreRequest::options() {
  using R = ScoreRequest;
  return joined_tables<R>({
      {{"pictures", &R::pictures,
        "pictures, folders of pictures, - for paths on standard input, or one video"},
       {"model", &R::model, "the model, with options as NAME:key=value"},
       {"weights", &R::weights, kWeightsHelp},
       {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
       {"sensitivity", &R::sensitivity,
        "also print the gradient's l1 norm, and the first-order bound on how far an l_inf "
        "perturbation of this size can move the score; 0: off",
        0, 1, "(pixel values: 0 to 1)"}},
      options_of<R>(&R::views),
      options_of<R>(&R::purifier),
      options_of<R>(&R::certificate),
      {{"precision", &R::precision,
        "number format of products and convolutions; docs/performance.md says what bf16 costs the "
        "scores"},
       {"exact", &R::exact, kExactHelp}},
      options_of<R>(&R::video),
      options_of<R>(&R::compute),
  });
}

bool names_video(const ScoreRequest& request) {
  return !request.video.raw.empty() ||
         std::any_of(request.pictures.begin(), request.pictures.end(),
                     [](const std::string& file) { return has_video_ending(file); });
}

void ScoreRequest::settle(ScoreRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(request.views.policy == "paper" || request.purifier.any() || request.certificate.any(),
             {"seed"}, "--views paper, --purify or --certify");
  rules.need(request.purifier.any(), {"draws"}, "--purify SPEC");
  rules.clash(request.purifier.any(), {"sensitivity", "certify"}, "--purify");
  const bool video = names_video(request);
  rules.need(video, {"every", "start", "frames", "raw", "matrix", "range"},
             "a file whose name ends as videos do (.mp4, .mkv, .y4m, ...)");
  rules.clash(video, {"sensitivity", "purify", "certify"}, "a video");
  if (video && request.pictures.size() != 1) {
    throw Error(ErrorKind::kUsage,
                {"a video is scored by itself, and " + std::to_string(request.pictures.size()) +
                     " files were named",
                 "pictures", "name one video"});
  }
  request.certificate.check(rules, request.views.fit);
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
                        ScoredPicture& row) {
  QualityModel& model = *scoring.loaded.model;
  const at::Tensor bytes = read_picture(file);
  // By what is in it: the same picture has the same numbers wherever it lies.
  const std::string id = picture_identity(bytes);
  const Rng views = scoring.rng.child("views").child(id);
  const PictureScorer scorer(model, scoring.policy, scoring.request.views.fit);
  const WholePicture whole = scorer.whole(bytes, views);
  const bool randomised = scoring.purifier->card().randomised;
  PurifiedPicture behind(model, scoring.purifier,
                         {.draws = randomised ? scoring.request.purifier.draws : 1,
                          .rng = scoring.rng.child("purify").child("grade")},
                         whole, {scoring.policy, views, scoring.request.views.fit});
  behind.model().begin({id});
  const PurifiedScores scores = behind.model().score_draws(whole.picture);
  check_finite(scores.mean, model.card().name);
  row.score = scores.mean.item<double>();
  row.purify = scoring.request.purifier.spec;
  if (randomised && scoring.request.purifier.draws > 1) {
    row.standard_error = scores.standard_error.item<double>();
  }
}

void add_bare_score(const Scoring& scoring, const std::filesystem::path& file, ScoredPicture& row) {
  const ScoreRequest& request = scoring.request;
  QualityModel& model = *scoring.loaded.model;
  const PictureScorer scorer(model, scoring.policy, request.views.fit);
  const at::Tensor bytes = read_picture(file);
  const bool draws = scoring.policy.kind == ViewPolicy::Kind::kRandom || request.certificate.any();
  const std::string id = draws ? picture_identity(bytes) : "";
  const Rng views = scoring.rng.child("views").child(id);
  const ModelInput input = scorer.input(bytes, views);
  if (request.sensitivity > 0) {
    const PictureGradient both = scorer.gradient(input);
    const double norm = both.gradient.abs().sum(at::kDouble).item<double>();
    row.score = both.score;
    row.sensitivity = {norm, request.sensitivity * norm};
  } else {
    row.score = scorer.score(input);
  }
  if (request.certificate.any()) {
    const PictureCertificate certificate =
        certify_whole(model, scorer.whole(bytes, views), id, scoring.rng, scoring.certificates);
    row.certified = certified_score(certificate, request.certificate.radius);
  }
}

ScoredPicture score_file(const Scoring& scoring, const std::filesystem::path& file) {
  ScoredPicture row;
  row.image = file.string();
  row.model = scoring.loaded.card.model;
  row.weights = scoring.loaded.weights_name;
  row.weights_sha256 = scoring.loaded.weights_sha256;
  row.scale = scoring.loaded.model->card().scale;
  if (scoring.purifier) {
    add_purified_score(scoring, file, row);
  } else {
    add_bare_score(scoring, file, row);
  }
  return row;
}

}  // namespace

ResultColumns<ScoredPicture> ScoredPicture::columns() {
  using R = ScoredPicture;
  ResultColumns<R> columns;
  const auto write_sensitivity = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.sensitivity) return;
    cells["gradient_l1"] = result_cell(row.sensitivity->gradient_l1);
    cells["score_bound"] = result_cell(row.sensitivity->score_bound);
  };
  const auto write_certificate = [](const R& row, nlohmann::ordered_json& cells) {
    if (row.certified) add_certificate(*row.certified, cells);
  };
  columns.add("image", &R::image)
      .add("score", &R::score)
      .add_cells(write_sensitivity)
      .add_cells(write_certificate)
      .add_present("purify", &R::purify)
      .add_present("score_standard_error", &R::standard_error)
      .add("model", &R::model)
      .add("weights", &R::weights, Shown::kData)
      .add("weights_sha256", &R::weights_sha256, Shown::kData)
      .add("scale", &R::scale)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

void run_scoring(const ScoreRequest& request, const std::function<void(const ScoredPicture&)>& row,
                 const std::function<void(const Error&)>& failed) {
  prepare_arithmetic(request.compute.threads);
  const std::vector<std::filesystem::path> files = list_pictures(request.pictures);
  Scoring scoring{
      request,
      load_model_flag(request.model, request.weights, request.scale, request.compute.device),
      request.purifier.any() ? make_purifier(request.purifier.spec, "--purify") : nullptr,
      {},
      Rng(static_cast<std::uint64_t>(request.compute.seed))};
  scoring.loaded.model = with_precision(std::move(scoring.loaded.model), request.precision);
  use_exact_networks(request.exact, {scoring.loaded.model.get()});
  scoring.policy = parse_views(request.views.policy, scoring.loaded.model->card());
  if (request.certificate.any()) {
    scoring.certificates =
        certificate_settings(request.certificate, scoring.loaded.model->device());
    log::info("certificates: {} passes over every view of each of {} pictures",
              request.certificate.passes(), files.size());
  }
  std::optional<Error> first;
  std::size_t failures = 0, seen = 0;
  for (const auto& file : files) {
    if (stop_requested()) {
      throw Interrupted(
          fmt::format("scoring was stopped after {} of {} pictures", seen, files.size()));
    }
    ++seen;
    ScoredPicture scored;
    try {
      within_error_boundary([&] { scored = score_file(scoring, file); });
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
