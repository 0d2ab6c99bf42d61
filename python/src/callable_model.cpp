#include "callable_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <sstream>

#include "robiq/tensor/random.h"

namespace robiq::python {
namespace {

[[nodiscard]] py::object torch_class(const char* module, const char* name) {
  return py::module_::import(module).attr(name);
}

[[nodiscard]] std::string type_name(const py::handle& object) {
  return py::str(py::type::of(object).attr("__name__")).cast<std::string>();
}

void switch_on(const py::handle& parts) {
  for (const py::handle& part : parts) part.attr("training") = true;
}

}  // namespace

CallableModel::CallableModel(ModelCard card, CallableInput input, const py::object& callable)
    : QualityModel(std::move(card)),
      callable_(callable),
      output_(input.output),
      input_{input.normalised, input.range, input.bgr, py::none()},
      module_(py::isinstance(callable, torch_class("torch.nn", "Module"))) {}

void CallableModel::refuse(const std::string& what, const std::string& hint) const {
  throw Error(ErrorKind::kModel, {what, card().name, hint});
}

std::vector<ParamGroup> CallableModel::parameter_groups() {
  ParamGroup group{"all", {}};
  if (!module_) return {group};
  call_python([&] {
    for (const py::handle& parameter : callable_.get().attr("parameters")()) {
      group.tensors.push_back(parameter.cast<at::Tensor>());
    }
  });
  return {group};
}

TensorMap CallableModel::state() const {
  TensorMap state;
  if (!module_) return state;
  call_python([&] {
    for (const char* kind : {"named_parameters", "named_buffers"}) {
      for (const py::handle& item : callable_.get().attr(kind)()) {
        const auto pair = py::reinterpret_borrow<py::tuple>(item);
        state.emplace(pair[0].cast<std::string>(), pair[1].cast<at::Tensor>());
      }
    }
  });
  return state;
}

void CallableModel::begin_training() {
  const bool training = callable_.get().attr("training").cast<bool>();
  if (were_training_) {
    switch_on(were_training_->get());
  } else if (!training) {
    callable_.get().attr("train")(true);
  }
  if (had_batch_statistics_) switch_on(had_batch_statistics_->get());
  were_training_.reset();
  had_batch_statistics_.reset();
}

void CallableModel::end_training() {
  if (!were_training_) {
    py::list parts;
    for (const py::handle& part : callable_.get().attr("modules")()) {
      if (part.attr("training").cast<bool>()) parts.append(part);
    }
    if (!parts.empty()) were_training_ = std::make_shared<SharedObject>(parts);
  }
  callable_.get().attr("train")(false);
}

void CallableModel::set_training(bool on) {
  if (!module_) return;
  call_python_through([&] {
    if (on) {
      begin_training();
    } else {
      end_training();
    }
  });
}

bool CallableModel::training() const {
  bool on = false;
  if (module_) call_python_through([&] { on = callable_.get().attr("training").cast<bool>(); });
  return on;
}

CallableModel::Modes CallableModel::modes() const {
  Modes modes{nullptr, were_training_, had_batch_statistics_};
  if (!module_) return modes;
  call_python([&] {
    py::list parts;
    for (const py::handle& part : callable_.get().attr("modules")()) {
      parts.append(py::make_tuple(part, part.attr("training")));
    }
    modes.parts = std::make_shared<SharedObject>(parts);
  });
  return modes;
}

void CallableModel::restore(const Modes& modes) {
  were_training_ = modes.were_training;
  had_batch_statistics_ = modes.had_batch_statistics;
  if (!modes.parts) return;
  call_python_through([&] {
    for (const py::handle& item : modes.parts->get()) {
      const auto pair = py::reinterpret_borrow<py::tuple>(item);
      py::setattr(pair[0], "training", pair[1]);
    }
  });
}

ScopedModes::ScopedModes(QualityModel& model)
    : model_(model), callable_(dynamic_cast<CallableModel*>(&model)) {
  if (callable_ != nullptr) {
    modes_ = callable_->modes();
  } else {
    training_ = model.training();
  }
}

ScopedModes::~ScopedModes() {
  if (callable_ != nullptr) {
    callable_->restore(modes_);
  } else if (training_ || model_.training()) {
    model_.set_training(training_);
  }
}

void CallableModel::set_batch_statistics(bool on) {
  if (!module_) return;
  call_python_through([&] {
    if (on) {
      if (had_batch_statistics_) switch_on(had_batch_statistics_->get());
      had_batch_statistics_.reset();
      return;
    }
    const py::object kind = torch_class("torch.nn.modules.batchnorm", "_BatchNorm");
    py::list parts;
    if (had_batch_statistics_) parts = had_batch_statistics_->get().attr("copy")();
    for (const py::handle& part : callable_.get().attr("modules")()) {
      if (py::isinstance(part, kind) && part.attr("training").cast<bool>()) parts.append(part);
    }
    had_batch_statistics_ = std::make_shared<SharedObject>(parts);
    for (const py::handle& part : parts) part.attr("train")(false);
  });
}

void CallableModel::move_to(c10::Device device) {
  if (!module_) return;
  call_python([&] { callable_.get().attr("to")(device.str()); });
}

c10::Device CallableModel::device() const {
  for (const auto& [name, tensor] : state()) return tensor.device();
  return c10::kCPU;
}

at::Tensor CallableModel::prepared(const at::Tensor& images) const {
  at::Tensor x = input_.normalised ? normalized(images) : images;
  if (input_.range != 1) x = x * input_.range;
  return input_.bgr ? x.flip(1) : x;
}

at::Tensor CallableModel::returned_scores(const at::Tensor& x) const {
  py::object returned = callable_.get()(x);
  if (!output_.get().is_none()) {
    try {
      returned = returned[output_.get()];
    } catch (py::error_already_set& error) {
      if (!error.matches(PyExc_LookupError) && !error.matches(PyExc_TypeError)) throw;
      refuse("the callable returned a " + type_name(returned) + " without an item " +
                 py::repr(output_.get()).cast<std::string>(),
             "name the scores in what it returns with output=");
    }
  }
  if (THPVariable_Check(returned.ptr())) return returned.cast<at::Tensor>();
  refuse(
      "the callable returned a " + type_name(returned) + ", and a tensor of N scores is expected",
      "return one score a picture, or say where they are with output=");
}

namespace {

/// [N] from [N], [N,1] or, for one picture, a number.
[[nodiscard]] at::Tensor as_row(const at::Tensor& given, std::int64_t count) {
  const bool fits =
      given.numel() == count && (given.dim() <= 1 || (given.dim() == 2 && given.size(1) == 1));
  return fits ? given.reshape({count}) : given;
}

}  // namespace

void CallableModel::check_scores(const at::Tensor& scores, const at::Tensor& images,
                                 std::int64_t version) const {
  const std::int64_t count = images.size(0);
  if (scores.dim() != 1 || scores.size(0) != count || !scores.is_floating_point()) {
    std::ostringstream got;
    got << "the callable returned scores of shape " << scores.sizes() << " and type "
        << scores.scalar_type() << " for " << count << " pictures";
    refuse(got.str(), "return one floating-point score a picture: shape [N] or [N,1]");
  }
  if (static_cast<std::int64_t>(images._version()) != version) {
    refuse("the callable writes to the pictures it is given", "write x = x - mean, not x -= mean");
  }
  if (!at::isfinite(scores.detach()).all().item<bool>()) {
    throw Error(
        ErrorKind::kNumeric,
        {"the callable returned a score that is NaN or infinite, and finite ones are expected",
         card().name, "look for a division by zero, or a root or logarithm of 0 or less"});
  }
  if (at::GradMode::is_enabled() && images.requires_grad() && !scores.requires_grad()) {
    refuse(
        "the callable's scores have no gradient by the pictures, which this attack needs",
        "take no_grad, detach, argmax, round and NumPy out of it, or use an attack that asks for "
        "scores only");
  }
}

at::Tensor CallableModel::forward(const at::Tensor& images) {
  const at::AutoGradMode kept(at::GradMode::is_enabled());  // which a callable can switch
  const at::Tensor x = prepared(images);
  const auto version = static_cast<std::int64_t>(images._version());
  at::Tensor scores;
  call_python([&] { scores = as_row(returned_scores(x), images.size(0)); });
  check_scores(scores, images, version);
  return scores.scalar_type() == scalar_type() ? scores : scores.to(scalar_type());
}

namespace {

/// The first picture in four guises.
[[nodiscard]] at::Tensor guises_of(const at::Tensor& images) {
  const at::Tensor first = images.narrow(0, 0, 1);
  const std::int64_t quarter = std::max<std::int64_t>(1, first.size(3) / 4);
  return at::cat({first, 1 - first, first.roll(quarter, 3) * 0.5, first.flip(2)});
}

/// Some of the other pictures, and noise: a first picture that is flat has flat guises.
[[nodiscard]] at::Tensor others_than(const at::Tensor& images) {
  constexpr std::int64_t kRows = 3;
  const at::Tensor rows = images.narrow(0, 1, std::min(kRows, images.size(0) - 1));
  const at::Tensor noise =
      uniform_tensor(Rng(0).child("noise"), images.narrow(0, 0, 1).sizes(), 0, 1, images.device());
  return at::cat({noise.to(images.scalar_type()), rows});
}

}  // namespace

void CallableModel::refuse_constant(const at::Tensor& images) {
  if (varies_) return;
  const at::NoGradGuard no_grad;
  const at::Tensor given = images.detach();
  const ScopedModes kept(*this);
  set_training(false);
  at::Tensor scores = score(guises_of(given));
  const auto vary = [&] { return scores.max().item<double>() > scores.min().item<double>(); };
  if (!vary()) scores = at::cat({scores, score(others_than(given))});
  varies_ = vary();
  if (varies_) return;
  refuse("the callable gives different pictures the same score, " +
             number_text(scores[0].item<double>()) +
             ": scores that depend on the picture are expected",
         "return what the network computes of its input");
}

}  // namespace robiq::python
