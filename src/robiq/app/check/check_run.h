#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/request_parts.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/metric/gain_curve.h"

namespace robiq {

/// What `robiq check` is told.
struct GamingRequest {
  std::vector<std::string> pictures;
  std::string model = "cnniqa", weights, scale;
  std::string perturbation = "fit";  ///< a file of `robiq uap`, "fit" or "none"
  std::string figure;                ///< where the SVG goes; "": none
  double gain = 5;                   ///< normalised points that count as gamed
  double similarity = 0.9;           ///< least SSIM of an edit that counts
  std::int64_t frames = 8;           ///< of a video, evenly spread
  bool force = false;                ///< the figure may replace a file that robiq did not draw

  ViewChoice views;
  Compute compute;

  static OptionTable<GamingRequest> options();
  static void settle(GamingRequest& request, const Params& given);
  /// Whether it is a video that is checked, by frames.
  [[nodiscard]] bool names_one_video() const;
};

/// What the rows of a perturbation are called.
inline constexpr const char* kPerturbationEdit = "universal perturbation";

/// One edit at one strength; means over the pictures.
struct EditResult {
  std::string edit;  ///< the filter's name, or kPerturbationEdit
  double strength =
      0;            ///< in the filter's own unit; of a perturbation the largest change, of [0,1]
  double gain = 0;  ///< normalised points, 0 to 100: the score after minus the score before
  double ssim = 1, psnr_db = 0;
  std::int64_t pictures = 0;  ///< how many the means are over
  std::int64_t changed = 0;   ///< pictures of which it changed a pixel
  double identity = 0;        ///< the strength at which this edit changes least
  double raised = 0;          ///< share of the pictures whose score rose
  bool damages = false;       ///< people see a worse picture (FilterCard)

  /// For people: of a perturbation "2/255".
  [[nodiscard]] std::string strength_text() const;
  static ResultColumns<EditResult> columns();
};

/// Whether a model's scores can be raised by edits that hardly change a picture.
struct GamingResult {
  std::string model, weights, weights_sha256;
  std::int64_t pictures = 0;
  double before = 0;              ///< mean score of the pictures as they are, normalised
  std::vector<EditResult> edits;  ///< those that reach both thresholds first, the most gain first
  bool gamed = false;             ///< whether an edit that keeps the similarity reaches the gain
  EditResult most{};              ///< of the edits that keep the similarity the one that gains most
  /// What the filters gain for the damage that they do; none where none was tried.
  std::optional<GamedScore> curves{};
  std::string verdict;  ///< one line for people
  std::string note;     ///< "interrupted after 12 of 80 edits"; "" for a whole check

  /// What `curves` say, in one line for people, or "".
  [[nodiscard]] std::string weighed() const;
  /// The whole check as one row, its edits inside it.
  static ResultColumns<GamingResult> columns();
};

/// Applies every registered filter at its graded strengths (attack/filters), and the perturbation,
/// to each picture or frame, and scores what results.
/// \throws Error{kUsage} for a figure that cannot go where it should (check_figure_file()), before
/// anything is scored; Error{kData} for pictures that cannot be read; Interrupted when the user
/// stops it before an edit is scored: later the result holds what is done, and says so in `note`
/// \param scored  is called after each edit of each picture
[[nodiscard]] GamingResult run_gaming_check(const GamingRequest& request,
                                            const std::function<void()>& scored = {});

/// Sorts the edits and fills in what follows from them.
void judge_edits(const GamingRequest& request, GamingResult& result);

/// \param inputs  what the check reads
/// \throws Error{kUsage} for a figure that is no .svg, lies in a folder that is not there, is one
/// of the inputs, or would replace a file that gaming_figure() did not draw and nobody forces
void check_figure_file(const GamingRequest& request,
                       const std::vector<std::filesystem::path>& inputs);

/// Score gained against SSIM lost, a dot an edit, as an SVG picture.
[[nodiscard]] std::string gaming_figure(const GamingResult& result, const GamingRequest& request);

}  // namespace robiq
