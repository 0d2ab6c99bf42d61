#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/attack/named_distances.h"
#include "robiq/app/run/request_parts.h"
#include "robiq/app/run/shared_choices.h"
#include "robiq/app/score/purified_picture.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/model/weights/weights.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// The models that --surrogate names, A or A+B. A text that is not all names of models is one: a
/// path may hold a '+'.
[[nodiscard]] std::vector<std::string> surrogates_in(const std::string& text);

/// Which model is attacked, and how pictures are shown to it: what the requests of commands that
/// attack have in common.
struct SubjectOptions {
  std::string model = "cnniqa", weights, scale;
  AttackLevel level = AttackLevel::kView;
  SurrogateChoice surrogate;
  bool transfer = false;  ///< every attack that asks a model is made on the surrogate
  ViewChoice views;
  PurifierChoice purifier;
  bool adaptive = false;                         ///< attacks go through the purifier
  NumberFormat precision = NumberFormat::kFp32;  ///< of the attacked model
  bool exact = false;                            ///< networks are not folded
  std::vector<std::string> distance;             ///< beside those that are always measured
  Compute compute;
};

/// A picture as the attacked model sees it.
struct SeenPicture {
  std::string id;
  at::Tensor bytes;    ///< uint8 [3,H,W]
  at::Tensor picture;  ///< [1,3,H,W] in [0,1], resized where the model wants it
  std::vector<View> views;
};

/// An attack of an evaluation, ready to run.
struct NamedAttack {
  std::string name, options;
  std::string folder;  ///< of its pictures: "fgsm", or "fgsm-epsilon=0.01" for other options
  std::unique_ptr<Attack> attack;
};

/// What is known of a picture before it is attacked.
struct CleanPicture {
  ScoreRow row;        ///< attack "none"
  double view_l1 = 0;  ///< see PictureGradient
};

/// The model that is attacked, the surrogate that black boxes see, and how both look at pictures.
class EvaluationSubject {
 public:
  /// \throws Error{kModel}, Error{kUsage} as load_model_flag(); for half a surrogate Error{kUsage}.
  explicit EvaluationSubject(const SubjectOptions& options);

  [[nodiscard]] const LoadedModel& loaded() const noexcept { return loaded_; }
  [[nodiscard]] const ScoreScale& scale() const { return loaded_.model->card().scale; }
  /// What tables call the model, and the surrogate where there is one.
  [[nodiscard]] std::vector<ModelTitleRow> model_titles() const;
  /// Whether the attack is made on the surrogate.
  [[nodiscard]] bool on_surrogate(const Attack& attack) const;
  /// SHA-256 of the surrogate's weights; "" without one.
  [[nodiscard]] const std::string& surrogate_sha256() const { return surrogate_sha256_; }

  /// \param id     the picture's randomness (views, attacks) depends on it
  /// \param bytes  uint8 [3,H,W]
  [[nodiscard]] SeenPicture see(const std::string& id, const at::Tensor& bytes) const;
  /// Scores and gradient of the clean picture, attack "none".
  [[nodiscard]] CleanPicture clean(const SeenPicture& seen) const;
  /// Behind a purifier that the attack goes through, the stronger of two: the attack made so, and
  /// the one made on the model alone. The distance "plain_won" is then 1 where that was the latter.
  /// \param name  of the attack: its randomness depends on it
  /// \param loss  its option of that name, by which "up" and "down" are strong in one direction
  [[nodiscard]] AttackedPicture attack(const Attack& attack, const std::string& name,
                                       const std::string& loss, const SeenPicture& seen) const;
  /// What can be certified of the picture's smoothed score.
  [[nodiscard]] PictureCertificate certify(const SeenPicture& seen,
                                           const CertificateSettings& settings) const;
  using BatchWork =
      std::function<void(const AttackSides&, const AttackBatch&, const AttackContext&)>;
  /// Hands every batch that the attack would be given to `work`, with who is attacked and the model
  /// that the attack sees.
  void over_batches(const Attack& attack, const std::string& name, const SeenPicture& seen,
                    const BatchWork& work) const {
    over_batches(attack, name, seen, options_.adaptive, work);
  }
  /// The same, with an attack that knows nothing of the purifier.
  void over_bare_batches(const Attack& attack, const std::string& name, const SeenPicture& seen,
                         const BatchWork& work) const {
    over_batches(attack, name, seen, /*aware=*/false, work);
  }
  /// Whether the attack is made through the purifier, and then a second time without it.
  [[nodiscard]] bool is_made_twice(const Attack& attack) const {
    return purifier_ != nullptr && options_.adaptive && !on_surrogate(attack);
  }
  /// Where there is a purifier, adds the distances of its evaluation: bare scores, similarities.
  void add_purified(const Attack& attack, const SeenPicture& seen, AttackedPicture& attacked) const;
  /// The pictures of the whole evaluation, for attacks on what their scores say together; must
  /// outlive this.
  void show_set(const AttackedSet& set) { set_ = &set; }
  [[nodiscard]] bool has_purifier() const { return purifier_ != nullptr; }
  /// Whether scores and gradients are means over random draws.
  [[nodiscard]] bool averages_draws() const {
    return purifier_ != nullptr && purifier_->card().randomised;
  }
  /// How many pictures it becomes under the attack: one, or its views.
  [[nodiscard]] std::size_t parts_of(const Attack& attack, const SeenPicture& seen) const;
  /// The same for any picture; nothing where it depends on the picture's size.
  [[nodiscard]] std::optional<std::size_t> parts_of(const Attack& attack) const;
  /// What is stored of it, without the attack's name and options.
  [[nodiscard]] ScoreRow row_of(const Attack& attack, const AttackedPicture& attacked) const;
  /// The model's name in results, with what stands before it (store/defended_name.h).
  [[nodiscard]] std::string defended(const std::string& model) const;
  /// Whether there is a purifier that the attack knows nothing of. Who can ask for scores asks the
  /// model as it stands, purifier and all.
  [[nodiscard]] bool misses_purifier(const Attack& attack) const;
  /// The native score of the attacked picture as it was saved: of the mean of its views' files, or
  /// of the whole picture's.
  [[nodiscard]] double score_saved(const Attack& attack, const SeenPicture& seen,
                                   const std::vector<std::filesystem::path>& files) const;
  /// |change| of the normalised score under random signs of `budget`.
  [[nodiscard]] double noise_change(const SeenPicture& seen, double budget) const;
  /// Whether two passes over the picture give equal scores.
  [[nodiscard]] bool repeats(const SeenPicture& seen) const;

 private:
  /// Of graded scores, or of the scores that an attack sees.
  [[nodiscard]] Purification purification(PurifierDraws when) const;
  [[nodiscard]] std::unique_ptr<PurifiedPicture> behind_purifier(const SeenPicture& seen,
                                                                 PurifierDraws when) const;
  /// Calls `work` with who is attacked and the model that the attack sees, of views or of whole
  /// pictures as the attack acts.
  /// \param aware  the attack goes through the purifier
  void with_sides(const Attack& attack, const SeenPicture& seen, bool aware,
                  const std::function<void(const AttackSides&)>& work) const;
  void over_batches(const Attack& attack, const std::string& name, const SeenPicture& seen,
                    bool aware, const BatchWork& work) const;
  [[nodiscard]] AttackContext context_of(const std::string& name) const;
  /// The native score of a picture of the size of `seen`, as it is graded.
  /// \param picture  [1,3,H,W], not resized
  [[nodiscard]] double graded(const SeenPicture& seen, const at::Tensor& picture) const;
  /// What the model without its purifier says of the pictures before and after the attack.
  void add_bare_scores(const SeenPicture& seen, AttackLevel level, AttackedPicture& attacked) const;
  /// How like the clean pictures what the purifier leaves of both is, and its seconds.
  void add_similarities(const SeenPicture& seen, AttackLevel level,
                        AttackedPicture& attacked) const;
  void load_surrogate();
  /// The surrogates as one model of pictures of the size of `seen`.
  [[nodiscard]] std::unique_ptr<QualityModel> surrogate_of(const SeenPicture& seen) const;
  /// Where the attack acts.
  [[nodiscard]] AttackLevel acts_at(const Attack& attack) const;
  /// \param aware  the attack goes through the purifier
  [[nodiscard]] AttackedPicture attack_anywhere(const Attack& attack, const std::string& name,
                                                const SeenPicture& seen, bool aware) const;
  /// Where the picture's random views are drawn.
  [[nodiscard]] Rng views_of(const std::string& id) const { return rng_.child("views").child(id); }
  [[nodiscard]] WholePicture whole(const PictureScorer& scorer, const SeenPicture& seen) const {
    return scorer.whole(seen.bytes, views_of(seen.id));
  }

  SubjectOptions options_;
  LoadedModel loaded_;
  std::vector<LoadedModel> surrogates_;  ///< none, one or several
  std::optional<PictureScorer> scorer_;
  std::vector<PictureScorer> surrogate_scorers_;
  std::string surrogate_name_;    ///< "cnniqa:0123456789ab", "cnniqa+dbcnn:0123456789ab"
  std::string surrogate_sha256_;  ///< of all their weights
  AttackLevel level_;
  NamedDistances distances_;
  std::shared_ptr<const Purifier> purifier_;  ///< or null
  const AttackedSet* set_ = nullptr;
  Rng rng_;
};

}  // namespace robiq
