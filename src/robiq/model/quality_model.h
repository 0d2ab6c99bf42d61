#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/options/registry.h"
#include "robiq/core/score_scale.h"
#include "robiq/model/model_part.h"
#include "robiq/model/recipe.h"
#include "robiq/model/views.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Facts a caller may rely on without running the model.
struct ModelCard {
  std::string name;
  std::string paper;
  std::string title;                                ///< in tables and figures, "HyperIQA"; "": the
                                                    ///< name
  ScoreScale scale;                                 ///< native scale of score()
  std::array<double, 3> mean{0.485, 0.456, 0.406};  ///< RGB; applied inside the model only
  std::array<double, 3> stddev{0.229, 0.224, 0.225};  ///< a step h inside is h * stddev in [0,1]
  std::int64_t min_side = 1;                          ///< least height and width of an input
  bool fixed_side = false;                            ///< inputs are min_side x min_side exactly
  ViewPolicy views;                                   ///< views=grid (decisions 2)
  ViewPolicy paper_views;                             ///< views=paper
  std::int64_t pixels_at_once = 1'200'000;            ///< of views computed together with their
                                                      ///< gradients; bounds memory
  TrainingRecipe recipe;                              ///< of the paper (compat=paper)
  std::optional<TrainingRecipe> official_recipe{};    ///< of the authors' code (compat=official);
                                                      ///< none: it does what the paper says
  std::vector<ModelPart> parts;             ///< with weight files of their own ("backbone")
  std::vector<NameLayout> layouts;          ///< names that other programs give the same tensors
  std::vector<std::string> optional_names;  ///< ends of state names that a file may lack
  std::vector<std::string> constant_names;  ///< ends of names of computed tensors: a file may lack
                                            ///< them, and may not contradict them
};

/// Parameters that share a learning rate ("backbone", "head").
struct ParamGroup {
  std::string name;
  std::vector<at::Tensor> tensors;
};

/// A no-reference quality model: pictures in, one score a picture out.
///
/// Promises every implementation keeps (tests/model_conformance_test.cpp):
///  * score() accepts float32 [N,3,H,W] RGB in [0,1] and does its own normalising, so that attacks,
///    defenses and budgets always speak image space;
///  * it returns float32 [N] on card().scale (both are float64 after convert_to(at::kDouble));
///  * its gradient by `images` exists, is finite, and can be differentiated again;
///  * in evaluation mode row i depends on picture i only, and equal input gives equal output;
///  * it does not write to `images`.
class QualityModel {
 public:
  static constexpr const char* kNoun = "model";
  explicit QualityModel(ModelCard card) : card_(std::move(card)) {}
  virtual ~QualityModel() = default;
  QualityModel(const QualityModel&) = delete;
  QualityModel& operator=(const QualityModel&) = delete;

  [[nodiscard]] const ModelCard& card() const noexcept { return card_; }
  /// Weights may come with a scale of their own. \throws Error{kModel} for worst == best.
  void set_scale(const ScoreScale& scale);

  /// Checks, then computes. \throws Error{kData} for a batch the model cannot take, Error{kModel}
  /// when it returns anything but N scores.
  [[nodiscard]] at::Tensor score(const at::Tensor& images);
  /// What a training loss looks at: [N,K], column 0 is the raw score. K = 1 by default.
  [[nodiscard]] at::Tensor training_outputs(const at::Tensor& images);

  [[nodiscard]] virtual std::vector<ParamGroup> parameter_groups() = 0;
  /// Parameters and buffers by their state-dict names; shares memory with the model.
  [[nodiscard]] virtual TensorMap state() const = 0;
  /// Copies tensors into the model. `num_batches_tracked` and the card's optional and constant
  /// names may be missing. \throws Error{kModel} listing what is missing, left over, misshapen or
  /// contradicts a constant; nothing is then loaded.
  void load_state(const TensorMap& tensors);

  virtual void set_training(bool on) = 0;
  [[nodiscard]] virtual bool training() const = 0;
  /// In training mode: whether batch normalisation uses the batch's statistics (true) or the
  /// running ones. set_training() resets it. Does nothing for models without batch normalisation.
  virtual void set_batch_statistics(bool on) = 0;
  virtual void move_to(c10::Device device) = 0;
  /// Makes every floating-point tensor of the state float64, or float32 again: for checking
  /// numbers.
  void convert_to(at::ScalarType type);
  /// What score() takes and returns: float32 unless convert_to() changed it.
  [[nodiscard]] virtual at::ScalarType scalar_type() const { return type_; }
  [[nodiscard]] virtual c10::Device device() const = 0;

 protected:
  [[nodiscard]] virtual at::Tensor forward(const at::Tensor& images) = 0;
  [[nodiscard]] virtual at::Tensor forward_training(const at::Tensor& images);
  /// (images - mean) / stddev of the card.
  [[nodiscard]] at::Tensor normalized(const at::Tensor& images) const;

 private:
  void check_input(const at::Tensor& images) const;

  ModelCard card_;
  at::ScalarType type_ = at::kFloat;
};

template <>
Registry<QualityModel>& Registry<QualityModel>::instance();

/// The card's stddev as [1,3,1,1], to turn steps in normalised space into image space.
[[nodiscard]] at::Tensor stddev_like(const ModelCard& card, const at::Tensor& images);

/// Evaluation mode and frozen parameters for the life of the guard; both restored after.
class ScopedFrozen {
 public:
  explicit ScopedFrozen(QualityModel& model);
  ~ScopedFrozen();
  ScopedFrozen(const ScopedFrozen&) = delete;
  ScopedFrozen& operator=(const ScopedFrozen&) = delete;

 private:
  QualityModel& model_;
  bool was_training_;
  std::vector<std::pair<at::Tensor, bool>> required_grad_;
};

}  // namespace robiq
