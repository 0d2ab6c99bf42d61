#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/request_parts.h"
#include "robiq/app/score/score_certificate.h"
#include "robiq/app/video/video_run.h"
#include "robiq/core/error.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/score_scale.h"
#include "robiq/model/reduced_precision.h"

namespace robiq {

/// What `robiq score` is told.
struct ScoreRequest {
  std::vector<std::string> pictures;
  std::string model = "cnniqa", weights, scale;
  double sensitivity = 0;
  ViewChoice views;
  PurifierChoice purifier;
  CertificateRequest certificate;
  NumberFormat precision = NumberFormat::kFp32;
  bool exact = false;  ///< networks are not folded
  VideoChoice video;
  Compute compute;

  static OptionTable<ScoreRequest> options();
  static void settle(ScoreRequest& request, const Params& given);
};

/// Whether a video is to be scored (score_video()), and not pictures.
[[nodiscard]] bool names_video(const ScoreRequest& request);

/// What the score's gradient says of small changes.
struct ScoreSensitivity {
  double gradient_l1 = 0;  ///< the l1 norm of the gradient by the picture in [0,1]
  /// How far, to first order, an l_inf perturbation of the size that was asked for moves the score;
  /// native.
  double score_bound = 0;
};

/// A row of what `robiq score` prints.
struct ScoredPicture {
  std::string image;
  double score = 0;  ///< native
  std::optional<ScoreSensitivity> sensitivity;
  std::optional<CertifiedScore> certified;
  std::optional<std::string> purify;     ///< what stands between picture and model
  std::optional<double> standard_error;  ///< where the score is a mean over several random draws
  std::string model;
  std::string weights, weights_sha256;  ///< of the model, as LoadedModel has them
  ScoreScale scale;                     ///< of the model

  static ResultColumns<ScoredPicture> columns();
};

/// Scores pictures one after the other and hands each row to `row`. A picture that cannot be read
/// or scored does not stop the others: `failed` learns of it, and an error of the first one's kind
/// is thrown at the end. \throws Interrupted between two pictures when the user stops it
void run_scoring(const ScoreRequest& request, const std::function<void(const ScoredPicture&)>& row,
                 const std::function<void(const Error&)>& failed);

}  // namespace robiq
