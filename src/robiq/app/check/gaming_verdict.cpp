#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/check/check_run.h"
#include "robiq/core/version.h"

namespace robiq {
namespace {

std::string edit_text(const EditResult& edit) {
  return fmt::format("{} {} gains {:.1f} of 100 points at SSIM {:.3f} and PSNR {:.1f} dB",
                     edit.edit, edit.strength_text(), edit.gain, edit.ssim, edit.psnr_db);
}

/// Those that reach both thresholds first, of each kind the largest gain first.
void sort_edits(const GamingRequest& request, std::vector<EditResult>& edits) {
  const auto rank = [&](const EditResult& edit) {
    const bool games = edit.ssim >= request.similarity && edit.gain >= request.gain;
    return std::pair{games, edit.gain};
  };
  std::stable_sort(edits.begin(), edits.end(),
                   [&](const EditResult& a, const EditResult& b) { return rank(a) > rank(b); });
}

std::optional<std::string> note_of(const EditResult& edit) {
  if (edit.changed == 0) return "changes no pixel";
  if (edit.damages && edit.gain > 0) return "rewards damage";
  return std::nullopt;
}

/// The strengths of a filter on one side of its identity.
struct Arm {
  std::string edit;
  bool below = false;
  auto operator<=>(const Arm&) const = default;
};

/// A curve an arm, of the filters alone: the perturbation is made for the model.
std::vector<NamedGainCurve> gain_curves(const std::vector<EditResult>& edits) {
  std::map<Arm, std::vector<GainPoint>> arms;
  std::map<std::string, double> identities;
  for (const EditResult& edit : edits) {
    if (edit.edit == kPerturbationEdit) continue;
    identities[edit.edit] = edit.identity;
    // An edit that changes nothing may leave an SSIM of 1 and a rounding error.
    arms[{edit.edit, edit.strength < edit.identity}].push_back(
        {std::max(0.0, 1 - edit.ssim), edit.gain});
  }
  std::vector<NamedGainCurve> curves;
  for (const auto& [arm, points] : arms) {
    std::string name = arm.edit;
    if (arms.contains({arm.edit, !arm.below})) {
      name += fmt::format(" {} {:g}", arm.below ? "below" : "above", identities.at(arm.edit));
    }
    curves.push_back({std::move(name), GainCurve(points)});
  }
  return curves;
}

}  // namespace

std::string EditResult::strength_text() const {
  return edit == kPerturbationEdit ? fmt::format("{:.3g}/255", strength * 255)
                                   : fmt::format("{:.3g}", strength);
}

std::string GamingResult::weighed() const {
  if (!curves) return "";
  std::string text =
      fmt::format("Between SSIM 1 and {:g} {} gains most for its damage, {:.1f} points on average",
                  1 - kGamedLoss, curves->gamed_by, curves->gamed);
  if (std::isfinite(curves->largest_gain)) {
    text += fmt::format("; at SSIM {:g} {}, {:.1f} points", 1 - kHeadlineLoss, curves->largest_by,
                        curves->largest_gain);
  }
  return text;
}

void judge_edits(const GamingRequest& request, GamingResult& result) {
  sort_edits(request, result.edits);
  result.curves.reset();
  if (const auto curves = gain_curves(result.edits); !curves.empty()) {
    result.curves = gamed_score(curves);
  }
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

ResultColumns<EditResult> EditResult::columns() {
  using R = EditResult;
  ResultColumns<R> columns;
  columns.add("edit", &R::edit)
      .add("strength", &R::strength_text, Shown::kTable)
      .add("strength", &R::strength, Shown::kData)
      .add("gain", &R::gain)
      .add("raised", &R::raised)
      .add("ssim", &R::ssim)
      .add("psnr_db", &R::psnr_db)
      .add_present("note", note_of);
  return columns;
}

ResultColumns<GamingResult> GamingResult::columns() {
  using R = GamingResult;
  ResultColumns<R> columns;
  columns.add("model", &R::model)
      .add("weights", &R::weights)
      .add("weights_sha256", &R::weights_sha256)
      .add("pictures", &R::pictures)
      .add("before", &R::before)
      .add("gamed", &R::gamed)
      .add("verdict", &R::verdict)
      .add_present("note",
                   [](const R& result) {
                     return result.note.empty() ? std::nullopt : std::optional(result.note);
                   })
      .add_cells([](const R& result, ResultColumns<R>::Cells& cells) {
        if (result.curves) {
          cells["mean_gain"] = result_cell(result.curves->gamed);
          cells["mean_gain_by"] = result.curves->gamed_by;
          cells["largest_gain"] = result_cell(result.curves->largest_gain);
          cells["largest_gain_by"] = result.curves->largest_by;
          cells["short_curves"] = result.curves->short_curves;
        }
        cells["edits"] = EditResult::columns().cells(result.edits, OutputFormat::kJson);
      })
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

}  // namespace robiq
