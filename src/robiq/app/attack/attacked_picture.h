#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/app/run/shared_choices.h"
#include "robiq/attack/attack.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_input.h"

namespace robiq {

/// One picture under one attack. Scores are native; linf is the largest over the views, the rest
/// are means over them.
struct AttackedPicture {
  double before = 0, after = 0;
  double after_8bit = 0;  ///< of the pictures rounded to 8 bits
  double linf = 0, l2 = 0, ssim = 0, psnr_db = 0;
  std::int64_t forwards = 0, backwards = 0;  ///< spent by the attack, all views together
  double seconds = 0;                        ///< of the attack alone
  at::Tensor images;  ///< [V,3,h,w] attacked views, or [1,3,H,W]; not rounded; on the CPU
  at::Tensor clean;   ///< what they were before, likewise
  std::map<std::string, double> distances;  ///< others that were asked for, by name
};

/// The level an attack acts on when the user asks for `asked`: some always take whole pictures.
[[nodiscard]] AttackLevel level_of(const Attack& attack, AttackLevel asked);

/// Who is attacked, and the model that the attack sees: the same, a surrogate, or the attacked
/// model without its purifier.
struct AttackSides {
  QualityModel& victim;
  QualityModel& maker;
};

/// The views of a picture as the batches that are attacked together, without clean scores.
[[nodiscard]] std::vector<AttackBatch> view_batches(const QualityModel& model,
                                                    const at::Tensor& picture,
                                                    const std::vector<View>& views,
                                                    const std::string& id);
/// A whole picture as a batch of its own.
[[nodiscard]] std::vector<AttackBatch> whole_batch(const at::Tensor& picture,
                                                   const std::string& id);
/// Passes of the model itself in one call of score(): the draws of a randomised purifier, else 1.
[[nodiscard]] std::int64_t passes_of(const QualityModel& model);

/// Tells both sides which pictures they will be shown, and fills in the clean scores of the one
/// that the attack sees. \return the victim's scores, [N]
at::Tensor show_batch(const AttackSides& sides, AttackBatch& batch);

/// Attacks every view of a picture by itself, in chunks.
/// \param picture  [1,3,H,W] in [0,1]   \param id  of the picture: its randomness depends on it
[[nodiscard]] AttackedPicture attack_views(const AttackSides& sides, const Attack& attack,
                                           const at::Tensor& picture,
                                           const std::vector<View>& views, const std::string& id,
                                           const AttackContext& context);

/// Attacks a picture as a whole.
/// \param sides  score whole pictures: a CropEnsemble, or a model that takes any size
[[nodiscard]] AttackedPicture attack_whole(const AttackSides& sides, const Attack& attack,
                                           const at::Tensor& picture, const std::string& id,
                                           const AttackContext& context);

/// A model of whole pictures, those of the size of `picture`, out of a model of views.
[[nodiscard]] std::unique_ptr<CropEnsemble> ensemble_for(QualityModel& model,
                                                         const WholePicture& picture);

/// "photo.png" for a single picture, "photo.view07.png" for view 7 of several.
[[nodiscard]] std::string attacked_picture_name(const std::string& stem, std::size_t view,
                                                std::size_t count, const std::string& ending);

/// Writes for each of them FOLDER/STEM.triplet.png: the clean picture, the attacked one, and their
/// difference times `amplification` around middle grey.
void save_triplets(const AttackedPicture& attacked, double amplification,
                   const std::filesystem::path& folder, const std::string& stem);

/// Writes the attacked pictures as PNGs: FOLDER/STEM.png, or STEM.view07.png for each of several.
/// \return the files, in order
std::vector<std::filesystem::path> save_attacked(const AttackedPicture& attacked,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem);

}  // namespace robiq
