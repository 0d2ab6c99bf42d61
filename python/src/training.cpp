#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>

#include "attacks.h"
#include "generators.h"
#include "model_handle.h"
#include "robiq/core/options/params.h"
#include "robiq/defense/defense.h"
#include "robiq/model/running_statistics.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"
#include "robiq/train/loss.h"

namespace robiq::python {
namespace {

/// What robiq.gradient_norm_penalty() is told.
struct PenaltyCall {
  Params options;
  at::Tensor images, scores, mos;  ///< the last two may be undefined
  std::int64_t seed = 0;
  std::shared_ptr<SharedObject> generator_state;  ///< of the pass that gave the scores; or null
};

struct PenaltyMade {
  at::Tensor value, scores, gradient_norms;
};

/// Makes the second pass of given scores draw what the first drew, or see whether it draws at all.
class SecondPass {
 public:
  SecondPass(SeenModel& model, const PenaltyCall& asked) : model_(model) {
    if (asked.generator_state) {
      model.before_passes([this, &asked](const at::Tensor& /*images*/) {
        restore_generator(*asked.generator_state, model_.device());
      });
    } else if (asked.scores.defined()) {
      model.before_passes(
          [this](const at::Tensor& /*images*/) { before_ = generator_states(model_.device()); });
    }
  }

  /// \throws Error{kUsage} when it drew other numbers than the first
  void check() const {
    if (before_.empty()) return;
    const std::vector<at::Tensor> after = generator_states(model_.device());
    if (std::equal(after.begin(), after.end(), before_.begin(), at::equal)) return;
    throw Error(ErrorKind::kUsage,
                {"the model has dropout, or draws other random numbers, and its second pass would "
                 "draw others",
                 "robiq.gradient_norm_penalty",
                 "give rng_state=torch.get_rng_state() from before the first pass, or leave scores "
                 "out"});
  }

 private:
  SeenModel& model_;
  std::vector<at::Tensor> before_;
};

[[nodiscard]] PenaltyMade made_penalty(ModelHandle& handle, const PenaltyCall& asked) {
  SeenModel model(handle.model());
  const SecondPass second(model, asked);
  const at::AutoGradMode gradients(true);
  const ScopedModes modes(handle.model());
  const auto defense = Registry<Defense>::instance().make("gradient-norm", asked.options);
  const Rng step = Rng(static_cast<std::uint64_t>(asked.seed)).child("step");
  TrainBatch batch{asked.images, asked.mos};
  PenaltyMade result{{}, asked.scores, {}};
  if (!asked.scores.defined()) {
    batch.images = asked.images.detach().requires_grad_(true);
    batch = defense->begin_step(model, batch, step);
    defense->before_pass(model);
    seed_torch_globals(step.child("dropout"));
    result.scores = model.training_outputs(batch.images).select(1, 0);
  }
  if (defense->needs_batch_scores()) defense->see_batch(result.scores.detach(), asked.mos);
  const Penalty penalty = defense->penalty(model, batch, result.scores, step);
  second.check();
  result.value = penalty.value;
  result.gradient_norms = penalty.gradient_norms;
  return result;
}

[[nodiscard]] py::tuple gradient_norm_penalty(ModelHandle& handle, const at::Tensor& images,
                                              const std::optional<at::Tensor>& scores,
                                              const std::optional<at::Tensor>& mos,
                                              std::int64_t seed, const py::object& generator_state,
                                              const py::dict& options) {
  PenaltyCall asked;
  asked.options = params_of(options, "robiq.gradient_norm_penalty");
  asked.images = images;
  if (scores) asked.scores = *scores;
  if (mos) asked.mos = *mos;
  asked.seed = seed;
  if (!generator_state.is_none()) {
    asked.generator_state = std::make_shared<SharedObject>(generator_state);
  }
  PenaltyMade result;
  call([&] {
    const ScopedGenerators generators;
    const auto turn = handle.turn();
    check_images(images, handle.model().card().name, handle.model().scalar_type());
    need_inputs(handle, images);
    if (handle.callable() != nullptr) handle.callable()->refuse_constant(images);
    result = made_penalty(handle, asked);
  });
  return py::make_tuple(result.value, result.scores, result.gradient_norms);
}

/// The task's loss: a registered one, or a Python callable of (outputs, mos).
[[nodiscard]] StepTask task_of(const py::object& loss) {
  if (!py::isinstance<py::str>(loss)) {
    const auto callable = std::make_shared<SharedObject>(loss);
    return {.loss = [callable](const at::Tensor& outputs, const at::Tensor& mos) {
      at::Tensor value;
      call_python([&] {
        const at::Tensor scores = outputs.size(1) == 1 ? outputs.select(1, 0) : outputs;
        const py::object returned = callable->get()(scores, mos);
        if (THPVariable_Check(returned.ptr())) value = returned.cast<at::Tensor>();
      });
      if (!value.defined()) {
        throw Error(ErrorKind::kUsage, {"the loss returned no tensor", "loss",
                                        "return a tensor of one number, such as a mean"});
      }
      if (value.dim() == 0) return value;
      throw Error(ErrorKind::kUsage, {"the loss returned " + std::to_string(value.numel()) +
                                          " numbers, and one is expected",
                                      "loss", "return a mean over the pictures"});
    }};
  }
  const Spec spec = parse_spec(loss.cast<std::string>(), "loss");
  const std::shared_ptr<Loss> registered_loss = Registry<Loss>::instance().make(spec, "loss");
  return {.loss = [registered_loss](
                      const at::Tensor& outputs,
                      const at::Tensor& mos) { return registered_loss->value(outputs, mos); },
          .is_mean_over_pictures = registered_loss->is_mean_over_pictures()};
}

[[nodiscard]] py::tuple adversarial_batch(ModelHandle& handle, const at::Tensor& images,
                                          const at::Tensor& mos, const py::object& loss,
                                          std::int64_t seed, const py::dict& options) {
  const Params params = params_of(options, "robiq.adversarial_batch");
  const StepTask task = task_of(loss);
  TrainBatch batch;
  call([&] {
    const ScopedGenerators generators;
    const auto turn = handle.turn();
    check_images(images, handle.model().card().name, handle.model().scalar_type());
    need_inputs(handle, images);
    const ScopedModes modes(handle.model());
    const auto defense = Registry<Defense>::instance().make("adversarial", params);
    defense->see_task(task);
    batch = defense->prepare(handle.model(), {images.detach(), mos},
                             Rng(static_cast<std::uint64_t>(seed)).child("step"));
  });
  return py::make_tuple(batch.images, batch.mos);
}

}  // namespace

void bind_training(py::module_& module) {
  module.def("gradient_norm_penalty", gradient_norm_penalty);
  module.def("adversarial_batch", adversarial_batch);
}

}  // namespace robiq::python
