#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "robiq/core/options/registry.h"
#include "robiq/core/rng.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// What an attack changes.
enum class AttackTarget {
  kAsAsked,  ///< views or whole pictures, as the evaluation's level says
  kPicture   ///< always whole pictures, before views are taken
};

/// What an attacker knows, how far it may go, and how tables and figures show it.
struct AttackCard {
  std::string name, paper;
  std::string title;                 ///< in tables and figures, "I-FGSM"; "": the name
  int rank = 50;                     ///< its place among the attacks of a table: small ones first
  std::string strength = "epsilon";  ///< the option by which it grows stronger; "" for none
  double strength_identity = 0;      ///< the value of that option at which nothing changes
  /// The values that it may have, where they are fewer than the option says.
  double strength_least = -std::numeric_limits<double>::infinity();
  double strength_most = std::numeric_limits<double>::infinity();
  bool strength_is_whole = false;           ///< only whole values of it mean something
  bool strength_falls = false;              ///< a larger value of it is a weaker attack
  std::string strength_step = "step_size";  ///< an option that keeps its ratio to it, where it has
                                            ///< one
  bool white_box = true;                    ///< uses gradients of the attacked model
  bool score_only = false;   ///< asks the attacked model for scores and never for a gradient
  bool uses_model = true;    ///< false for perturbations that are made beforehand
  double linf_budget = 1.0;  ///< largest |x' - x| in [0,1] units; 1 means none declared
  AttackTarget acts_on = AttackTarget::kAsAsked;
  bool uses_set = false;  ///< needs AttackContext::set

  /// Whether the attack is made on a surrogate where there is one: a black box that needs gradients
  /// is, and any attack when it is transferred.
  [[nodiscard]] bool asks_surrogate(bool transfer) const noexcept {
    return uses_model && (transfer || (!white_box && !score_only));
  }
};

/// Pictures (or views of one) to attack together; rows do not influence each other.
struct AttackBatch {
  at::Tensor images;             ///< [N,3,H,W] in [0,1]
  at::Tensor clean_scores;       ///< [N], the victim's own native scores of `images`
  std::vector<std::string> ids;  ///< [N]; a row's randomness depends on its id, not on the batch
};

/// What an attack returns: the pictures, and what they cost.
struct AttackOutcome {
  at::Tensor images;           ///< [N,3,H,W] in [0,1], float: not yet rounded to 8 bits
  std::int64_t forwards = 0;   ///< forward passes spent on each row; where rows differ, the most
  std::int64_t backwards = 0;  ///< backward passes likewise
  std::vector<std::int64_t> row_forwards{};  ///< [N] where rows differ, else empty

  /// Forward passes spent on all rows.
  [[nodiscard]] std::int64_t all_forwards() const {
    return row_forwards.empty()
               ? forwards * images.size(0)
               : std::accumulate(row_forwards.begin(), row_forwards.end(), std::int64_t{0});
  }
};

/// The pictures that an evaluation attacks, for attacks on what their scores say together.
struct AttackedSet {
  std::vector<std::string> ids;
  std::vector<double> clean_scores;  ///< normalised, 0 worst to 100 best, in the order of ids
  std::vector<double> mos;           ///< normalised likewise; empty where there is none
};

/// What an attack may use; nothing else is global.
struct AttackContext {
  Rng rng;
  /// Called between steps; true means the user wants to stop, and the attack throws Interrupted.
  std::function<bool()> stop = [] { return false; };
  /// The whole set, or null where a picture is attacked by itself.
  const AttackedSet* set = nullptr;
};

/// A way to move a score with a small change of the picture.
class Attack {
 public:
  static constexpr const char* kNoun = "attack";
  virtual ~Attack() = default;
  [[nodiscard]] virtual const AttackCard& card() const noexcept = 0;
  /// What a user should know about the options chosen, or "".
  [[nodiscard]] virtual std::string warning() const { return ""; }
  /// The pictures that it was made from beforehand, by their identities (data/picture_identity.h);
  /// sorted. Empty where there are none, or where it is not known.
  [[nodiscard]] virtual std::vector<std::string> trained_on() const { return {}; }
  /// What a reader of its results should know, or "".
  [[nodiscard]] virtual std::string note() const { return ""; }

  /// Freezes the victim, calls perturb() and checks the promises: same shape, finite, inside [0,1],
  /// inside the declared budget, input untouched by contract.
  /// \throws Error{kInternal} when the attack breaks one, Error{kData} for pictures outside [0,1].
  [[nodiscard]] AttackOutcome run(QualityModel& victim, const AttackBatch& batch,
                                  const AttackContext& context) const;

 protected:
  /// Makes the attacked pictures. The victim is frozen and gradients are on; batch.images are in
  /// [0,1] and must stay as they are.
  /// \return as many pictures of the same type, finite, in [0,1] and within card().linf_budget; the
  ///         passes that each row took, those of several models in one counted once
  /// \throws Interrupted once context.stop() says so
  [[nodiscard]] virtual AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                              const AttackContext& context) const = 0;
};

template <>
Registry<Attack>& Registry<Attack>::instance();

/// Uniform in [low, high), each row drawn at its own id. \return [N,3,H,W]
[[nodiscard]] at::Tensor row_noise(const AttackBatch& batch, const Rng& rng, double low,
                                   double high);

}  // namespace robiq
