#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "callable_model.h"
#include "robiq/model/weights/weights.h"

namespace robiq::python {

/// Another model, seen through: what Python is shown of a model that C++ owns, and what C++ is
/// shown of one that Python owns. Counts passes. Scores nothing after end().
class SeenModel final : public QualityModel {
 public:
  /// \param model  must live until end()
  explicit SeenModel(QualityModel& model) : QualityModel(model.card()), model_(&model) {}
  /// Keeps it alive.
  explicit SeenModel(std::shared_ptr<QualityModel> model)
      : QualityModel(model->card()), owner_(std::move(model)), model_(owner_.get()) {}

  void end() noexcept { model_ = nullptr; }
  /// Called before every pass.
  void before_passes(std::function<void(const at::Tensor& images)> work) {
    before_pass_ = std::move(work);
  }
  /// Pictures that were scored, and those of them through whose scores a gradient has come back.
  [[nodiscard]] std::int64_t forwards() const noexcept { return forwards_; }
  [[nodiscard]] std::int64_t backwards() const noexcept { return *backwards_; }

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override;
  [[nodiscard]] TensorMap state() const override;
  void set_training(bool on) override;
  [[nodiscard]] bool training() const override;
  void set_batch_statistics(bool on) override;
  void move_to(c10::Device device) override;
  [[nodiscard]] at::ScalarType scalar_type() const override;
  [[nodiscard]] c10::Device device() const override;

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override;
  [[nodiscard]] at::Tensor forward_training(const at::Tensor& images) override;

 private:
  [[nodiscard]] QualityModel& seen() const;

  std::shared_ptr<QualityModel> owner_;
  QualityModel* model_;
  std::function<void(const at::Tensor&)> before_pass_;
  std::int64_t forwards_ = 0;
  std::shared_ptr<std::int64_t> backwards_ = std::make_shared<std::int64_t>(0);
};

/// Whether the model scores pictures of this size as they are: neither cut nor resized.
[[nodiscard]] bool scores_uncut(const QualityModel& model, const at::Tensor& images);

/// A model as Python holds it.
class ModelHandle {
 public:
  explicit ModelHandle(std::shared_ptr<QualityModel> model);
  /// \param spec,weights,scale  it was loaded from; the scale "WORST:BEST", or "" for its own
  ModelHandle(LoadedModel loaded, std::string spec, std::string weights, std::string scale);
  /// \param callable  the user's; models around one callable take turns
  ModelHandle(std::shared_ptr<CallableModel> model, const py::object& callable);

  [[nodiscard]] QualityModel& model() const noexcept { return *model_; }
  [[nodiscard]] const std::shared_ptr<QualityModel>& shared() const noexcept { return model_; }
  /// The user's callable as a model; null for robiq's own.
  [[nodiscard]] const std::shared_ptr<CallableModel>& callable() const noexcept {
    return callable_;
  }
  [[nodiscard]] const std::string& spec() const noexcept { return spec_; }
  [[nodiscard]] const std::string& weights() const noexcept { return weights_; }
  [[nodiscard]] const std::string& scale() const noexcept { return scale_; }
  [[nodiscard]] const std::string& note() const noexcept { return note_; }
  /// The user's own object, or None. For holders of the GIL.
  [[nodiscard]] py::object module() const { return callable_ ? callable_->callable() : py::none(); }
  /// Whether its weights are still those of its file.
  [[nodiscard]] bool is_as_loaded() const;
  /// SHA-256 of its parameters and buffers.
  [[nodiscard]] std::string state_sha256() const;

  /// An attack freezes its model and puts it back: two at once would put back what the other froze.
  /// Take it without the GIL.
  using Turn = std::unique_lock<std::recursive_mutex>;
  [[nodiscard]] Turn turn() const { return std::unique_lock(*turn_); }
  /// turn() of two models, which may be one, in whatever order other threads ask for them.
  [[nodiscard]] static std::pair<Turn, Turn> turns(const ModelHandle& a, const ModelHandle& b);

 private:
  [[nodiscard]] std::vector<std::int64_t> versions() const;

  std::shared_ptr<QualityModel> model_;
  std::shared_ptr<CallableModel> callable_;
  std::shared_ptr<std::recursive_mutex> turn_;
  std::string spec_, weights_, scale_, note_;
  std::vector<std::int64_t> loaded_versions_;
};

/// For what works on a network's own inputs, as a training loop does.
/// \throws Error{kUsage} where the user's model would cut or resize pictures of this size first
void need_inputs(const ModelHandle& handle, const at::Tensor& images);

/// load_model, wrap, and what a Model does.
void bind_models(py::module_& module);

}  // namespace robiq::python
