#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "calls.h"
#include "robiq/model/quality_model.h"

namespace robiq::python {

/// What stands between a picture in [0,1] and a user's callable, and between what it returns and
/// scores. Normalising is the card's (mean and stddev).
struct CallableInput {
  bool normalised = false;  ///< it is given (picture - mean) / stddev
  double range = 1;         ///< and that times this
  bool bgr = false;         ///< with its channels in the other order
  py::object output;        ///< index or key of the scores in what it returns; None: it is they
};

/// A torch.nn.Module of the user's, or any callable that maps pictures to scores, as one of robiq's
/// models. A module's parameters and buffers are the model's.
class CallableModel final : public QualityModel {
 public:
  CallableModel(ModelCard card, CallableInput input, const py::object& callable);

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override;
  [[nodiscard]] TensorMap state() const override;
  /// set_training(true) after set_training(false) puts back the modes of the parts: users freeze
  /// some.
  void set_training(bool on) override;
  [[nodiscard]] bool training() const override;
  void set_batch_statistics(bool on) override;
  void move_to(c10::Device device) override;
  [[nodiscard]] c10::Device device() const override;

  /// What set_training() and set_batch_statistics() may change.
  struct Modes {
    std::shared_ptr<SharedObject> parts;  ///< [(module, training)]; null for other callables
    std::shared_ptr<SharedObject> were_training, had_batch_statistics;
  };
  [[nodiscard]] Modes modes() const;
  void restore(const Modes& modes);

  /// For holders of the GIL.
  [[nodiscard]] const py::object& callable() const noexcept { return callable_.get(); }

  /// Refuses a callable that gives very different pictures one score.
  /// \param images  [N,3,H,W] in [0,1], of a size that it takes   \throws Error{kModel}
  void refuse_constant(const at::Tensor& images);

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override;

 private:
  // Both hold the GIL.
  void begin_training();
  void end_training();
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const;
  [[nodiscard]] at::Tensor prepared(const at::Tensor& images) const;
  [[nodiscard]] at::Tensor returned_scores(const at::Tensor& x) const;
  void check_scores(const at::Tensor& scores, const at::Tensor& images, std::int64_t version) const;

  SharedObject callable_, output_;
  /// Parts that set_training(false) and set_batch_statistics(false) have switched; null: neither.
  std::shared_ptr<SharedObject> were_training_, had_batch_statistics_;
  CallableInput input_;
  bool module_ = false;
  bool varies_ = false;  ///< refuse_constant() has seen that it does
};

/// The mode of each part of a model as it was, after the life of the guard: users freeze some.
class ScopedModes {
 public:
  /// \param model  lives longer
  explicit ScopedModes(QualityModel& model);
  ~ScopedModes();
  ScopedModes(const ScopedModes&) = delete;
  ScopedModes& operator=(const ScopedModes&) = delete;

 private:
  QualityModel& model_;
  CallableModel* callable_;  ///< null for robiq's own, whose parts share one mode
  CallableModel::Modes modes_;
  bool training_ = false;
};

}  // namespace robiq::python
