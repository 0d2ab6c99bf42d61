#include <ATen/ATen.h>

#include "attacks.h"
#include "entries.h"
#include "model_handle.h"
#include "robiq/attack/attack.h"
#include "robiq/core/stop.h"

namespace robiq::python {
namespace {

/// What an attack that is written in Python is told beside its pictures.
struct PythonContext {
  AttackBatch batch;
  Rng rng;

  [[nodiscard]] std::uint64_t seed_of(std::size_t row) const {
    return rng.child(batch.ids.at(row)).key();
  }
};

/// A Python class with perturb() as an attack.
class PythonAttack final : public Attack {
 public:
  PythonAttack(AttackCard card, std::shared_ptr<SharedObject> instance)
      : card_(std::move(card)), instance_(std::move(instance)) {}
  [[nodiscard]] const AttackCard& card() const noexcept override { return card_; }

 protected:
  [[nodiscard]] AttackOutcome perturb(QualityModel& victim, const AttackBatch& batch,
                                      const AttackContext& context) const override {
    const auto seen = std::make_shared<SeenModel>(victim);
    // The pictures are the user's, and what the result is compared with.
    const at::Tensor copy = batch.images.clone();
    const auto version = copy._version();
    AttackOutcome outcome;
    try {
      call_python([&] {
        const auto handle = std::make_shared<ModelHandle>(std::shared_ptr<QualityModel>(seen));
        const auto python_context =
            std::make_shared<PythonContext>(PythonContext{batch, context.rng});
        outcome.images = images_of(instance_->get().attr("_perturb")(handle, copy, python_context));
      });
    } catch (...) {
      seen->end();
      throw;
    }
    seen->end();
    const std::int64_t rows = batch.images.size(0);
    outcome.forwards = (seen->forwards() + rows - 1) / rows;
    outcome.backwards = (seen->backwards() + rows - 1) / rows;
    if (copy._version() != version) {
      refuse("perturb() writes to the pictures it is given",
             "write images = images + step, not images += step");
    }
    check(outcome.images, batch.images);
    return outcome;
  }

 private:
  [[nodiscard]] at::Tensor images_of(const py::object& returned) const {
    if (THPVariable_Check(returned.ptr())) return returned.cast<at::Tensor>();
    refuse("perturb() returned a " +
           py::str(py::type::of(returned).attr("__name__")).cast<std::string>());
  }
  /// A promise that a user's class breaks is no bug of robiq's.
  void check(const at::Tensor& images, const at::Tensor& clean) const {
    constexpr double kRounding = 1e-6;
    if (images.sizes() != clean.sizes() || images.scalar_type() != clean.scalar_type()) {
      refuse("perturb() returned pictures of another shape or type");
    }
    const at::Tensor pixels = images.detach();
    if (!at::isfinite(pixels).all().item<bool>()) refuse("perturb() returned a NaN or an infinity");
    if (pixels.min().item<double>() < 0 || pixels.max().item<double>() > 1) {
      refuse("perturb() returned values outside [0,1]");
    }
    const double moved = (pixels - clean).abs().max().item<double>();
    if (moved <= card_.linf_budget + kRounding) return;
    refuse("perturb() moved a value by " + number_text(moved) + ", more than its budget of " +
           number_text(card_.linf_budget));
  }
  [[noreturn]] void refuse(
      const std::string& what,
      const std::string& hint =
          "return float32 pictures of the shape that was given, in [0,1] and within epsilon")
      const {
    throw Error(ErrorKind::kUsage, {what, card_.name, hint});
  }

  AttackCard card_;
  std::shared_ptr<SharedObject> instance_;
};

/// Asks the instance, which knows its options.
[[nodiscard]] AttackCard card_of(const PythonEntry& entry, const SharedObject& instance) {
  AttackCard card;
  call_python([&] {
    const py::object& object = instance.get();
    card.name = entry.name;
    card.paper = entry.paper;
    card.title = object.attr("title").cast<std::string>();
    card.strength = object.attr("strength").cast<std::string>();
    card.rank = object.attr("rank").cast<int>();
    card.white_box = object.attr("white_box").cast<bool>();
    card.score_only = object.attr("score_only").cast<bool>();
    card.uses_model = object.attr("uses_model").cast<bool>();
    card.linf_budget = object.attr("linf_budget").cast<double>();
  });
  return card;
}

[[nodiscard]] std::unique_ptr<Attack> make_python_attack(const PythonEntry& entry,
                                                         const Params& params) {
  auto instance = instance_of(entry, params);
  AttackCard card = card_of(entry, *instance);
  return std::make_unique<PythonAttack>(std::move(card), std::move(instance));
}

}  // namespace

void bind_python_attacks(py::module_& module) {
  py::class_<PythonContext, std::shared_ptr<PythonContext>>(module, "Context")
      .def("ids", [](const PythonContext& context) { return context.batch.ids; })
      .def("clean_scores",
           [](const PythonContext& context) { return context.batch.clean_scores.clone(); })
      .def("seed_of", &PythonContext::seed_of)
      .def("noise",
           [](const PythonContext& context, const std::string& name, double low, double high) {
             return row_noise(context.batch, context.rng.child(name), low, high);
           })
      .def("stop", [](const PythonContext&) { return stop_requested(); });
  module.def("register_attack", [](const py::dict& given) {
    put_entry<Attack>(read_entry(given), make_python_attack);
  });
}

}  // namespace robiq::python
