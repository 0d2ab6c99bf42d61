#pragma once
#include <string>
#include <vector>

#include "robiq/app/attacked_picture.h"
#include "robiq/app/evaluate_run.h"
#include "robiq/data/dataset.h"
#include "robiq/model/weights.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// A picture as the evaluated model sees it.
struct SeenPicture {
  std::string id;
  at::Tensor bytes;    ///< uint8 [3,H,W]
  at::Tensor picture;  ///< [1,3,H,W] in [0,1], resized where the model wants it
  std::vector<View> views;
};

/// The model that an evaluation attacks, the surrogate that black boxes see, and how both look at
/// pictures.
class EvaluationSubject {
 public:
  /// \throws Error{kModel}, Error{kUsage} as load_model_flag(); for half a surrogate Error{kUsage}.
  explicit EvaluationSubject(const EvaluateRequest& request);

  [[nodiscard]] const LoadedModel& loaded() const noexcept { return loaded_; }
  [[nodiscard]] const ScoreScale& scale() const { return loaded_.model->card().scale; }
  /// SHA-256 of the surrogate's weights; "" without one.
  [[nodiscard]] const std::string& surrogate_sha256() const { return surrogate_.weights_sha256; }

  [[nodiscard]] SeenPicture see(const Dataset& dataset, const ImageRecord& record) const;
  /// Scores and gradient of the clean picture, attack "none".
  [[nodiscard]] ScoreRow clean_row(const SeenPicture& seen) const;
  /// \param name  of the attack: its randomness depends on it
  [[nodiscard]] AttackedPicture attack(const Attack& attack, const std::string& name,
                                       const SeenPicture& seen) const;
  /// What is stored of it, without the attack's name and options.
  [[nodiscard]] ScoreRow row_of(const Attack& attack, const AttackedPicture& attacked) const;
  /// |change| of the normalised score under random signs of `budget`.
  [[nodiscard]] double noise_change(const SeenPicture& seen, double budget) const;
  /// Whether two passes over the picture give equal scores.
  [[nodiscard]] bool repeats(const SeenPicture& seen) const;

 private:
  void load_surrogate(const EvaluateRequest& request);
  /// Whether the attack is made on the surrogate.
  [[nodiscard]] bool on_surrogate(const Attack& attack) const;
  [[nodiscard]] WholePicture whole(const LoadedModel& loaded, const ViewPolicy& policy,
                                   const SeenPicture& seen) const;

  LoadedModel loaded_, surrogate_;
  ViewPolicy policy_, surrogate_policy_;
  std::string surrogate_name_;  ///< "cnniqa:0123456789ab"
  AttackLevel level_;
  bool fit_, transfer_;
  Rng rng_;
};

}  // namespace robiq
