#include "attacks.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>

#include "entries.h"
#include "model_handle.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/attack.h"
#include "robiq/attack/picture_folder.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/image_batch.h"

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
    AttackOutcome outcome;
    try {
      call_python([&] {
        const auto handle = std::make_shared<ModelHandle>(std::shared_ptr<QualityModel>(seen));
        const auto told = std::make_shared<PythonContext>(PythonContext{batch, context.rng});
        outcome.images = images_of(instance_->get().attr("_perturb")(handle, batch.images, told));
      });
    } catch (...) {
      seen->end();
      throw;
    }
    seen->end();
    const std::int64_t rows = batch.images.size(0);
    outcome.forwards = (seen->forwards() + rows - 1) / rows;
    outcome.backwards = (seen->backwards() + rows - 1) / rows;
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
    const at::Tensor made = images.detach();
    if (!at::isfinite(made).all().item<bool>()) refuse("perturb() returned a NaN or an infinity");
    if (made.min().item<double>() < 0 || made.max().item<double>() > 1) {
      refuse("perturb() returned values outside [0,1]");
    }
    const double moved = (made - clean).abs().max().item<double>();
    if (moved <= card_.linf_budget + kRounding) return;
    refuse("perturb() moved a value by " + number_text(moved) + ", more than its budget of " +
           number_text(card_.linf_budget));
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(
        ErrorKind::kUsage,
        {what, card_.name,
         "return float32 pictures of the shape that was given, in [0,1] and within epsilon"});
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

/// What robiq.attack() is told.
struct AttackCall {
  std::string spec;
  std::vector<std::string> ids;
  std::string views = "grid";
  std::int64_t seed = 0;
  std::vector<double> mos;
  bool transfer = false;
};

/// What it returns, a row each.
struct AttackMade {
  at::Tensor images, before, after, after_8bit, linf, l2, ssim, psnr_db;
  std::int64_t forwards = 0, backwards = 0;
  double seconds = 0;
};

[[nodiscard]] at::Tensor scores_of(QualityModel& model, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  at::Tensor scores = model.score(images);
  check_finite(scores, model.card().name);
  return scores.detach();
}

/// One attack on some pictures of one size.
class PictureAttack {
 public:
  PictureAttack(const AttackCall& asked, QualityModel& victim, QualityModel& maker,
                const at::Tensor& images)
      : asked_(asked),
        attack_(make_attack(asked.spec, "robiq.attack")),
        name_(parse_spec(asked.spec, "robiq.attack").name),
        images_(images.detach()),
        victim_(whole_model(victim, images)),
        maker_(&maker == &victim ? victim_ : whole_model(maker, images)) {
    check_sides(&maker != &victim);
    if (auto* reader = dynamic_cast<ReadsPictures*>(attack_.get())) {
      reader->know_pictures(asked.ids);
    }
  }

  [[nodiscard]] AttackMade run() {
    const ScopedFrozen frozen(*victim_);
    show_set();
    AttackMade all;
    std::vector<AttackMade> parts;
    Progress progress("attack " + name_, images_.size(0), "pictures");
    const std::int64_t chunk = rows_at_once();
    for (std::int64_t first = 0; first < images_.size(0); first += chunk) {
      parts.push_back(run_rows(first, std::min(chunk, images_.size(0) - first)));
      progress.update(std::min(first + chunk, images_.size(0)));
    }
    return joined(parts);
  }

 private:
  using Whole = std::shared_ptr<QualityModel>;

  [[nodiscard]] Whole whole_model(QualityModel& model, const at::Tensor& images) const {
    const ViewPolicy policy = parse_views(asked_.views, model.card());
    const bool resized = policy.resize_height > 0;
    if (policy.kind == ViewPolicy::Kind::kWhole && !resized) {
      return std::make_shared<SeenModel>(model);
    }
    const auto views = make_views(policy, resized ? policy.resize_height : images.size(2),
                                  resized ? policy.resize_width : images.size(3),
                                  Rng(static_cast<std::uint64_t>(asked_.seed)).child("views"));
    return std::make_shared<CropEnsemble>(model, views, view_chunk(model.card(), views),
                                          std::pair{policy.resize_height, policy.resize_width});
  }

  void check_sides(bool surrogate) const {
    const AttackCard& card = attack_->card();
    if (surrogate && !card.asks_surrogate(asked_.transfer)) {
      throw Error(ErrorKind::kUsage,
                  {"the surrogate has no effect: " + name_ + " asks the attacked model itself",
                   "surrogate", "leave it out, or give transfer=True"});
    }
    if (!surrogate && asked_.transfer) {
      throw Error(ErrorKind::kUsage, {"transfer has no effect without a surrogate", "transfer",
                                      "give surrogate=, the model that the attack is made on"});
    }
  }

  [[nodiscard]] std::int64_t rows_at_once() const {
    const std::int64_t area = images_.size(2) * images_.size(3);
    return std::max<std::int64_t>(1, victim_->card().pixels_at_once / area);
  }

  /// Attacks on the order of a set learn all of its scores.
  void show_set() {
    if (!attack_->card().uses_set) return;
    const ScoreScale& scale = victim_->card().scale;
    const at::Tensor scores = scores_of(*victim_, images_).cpu().to(at::kDouble);
    for (std::int64_t i = 0; i < images_.size(0); ++i) {
      set_.clean_scores.push_back(scale.normalise(scores[i].item<double>()));
    }
    for (const double mos : asked_.mos) set_.mos.push_back(scale.normalise(mos));
    set_.ids = asked_.ids;
  }

  [[nodiscard]] AttackMade run_rows(std::int64_t first, std::int64_t count) {
    AttackBatch batch;
    batch.images = images_.narrow(0, first, count);
    batch.ids = {asked_.ids.begin() + first, asked_.ids.begin() + first + count};
    AttackMade made;
    made.before = scores_of(*victim_, batch.images);
    batch.clean_scores = maker_ == victim_ ? made.before : scores_of(*maker_, batch.images);
    AttackContext context{Rng(static_cast<std::uint64_t>(asked_.seed)).child("attack").child(name_),
                          stop_requested, attack_->card().uses_set ? &set_ : nullptr};
    const auto started = std::chrono::steady_clock::now();
    const AttackOutcome outcome = attack_->run(*maker_, batch, context);
    made.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    made.images = outcome.images;
    made.forwards = outcome.forwards * count;
    made.backwards = outcome.backwards * count;
    measure(batch.images, made);
    return made;
  }

  void measure(const at::Tensor& clean, AttackMade& made) const {
    const at::NoGradGuard no_grad;
    const auto between = [&](const char* name) {
      return Registry<Fidelity>::instance().make(name, {})->compare(clean, made.images);
    };
    made.after = scores_of(*victim_, made.images);
    made.after_8bit = scores_of(*victim_, quantize_to_8bit(made.images));
    made.linf = between("linf");
    made.l2 = between("l2");
    made.ssim = between("ssim");
    made.psnr_db = between("psnr");
  }

  [[nodiscard]] static AttackMade joined(const std::vector<AttackMade>& parts) {
    AttackMade all = parts.front();
    for (at::Tensor AttackMade::*field :
         {&AttackMade::images, &AttackMade::before, &AttackMade::after, &AttackMade::after_8bit,
          &AttackMade::linf, &AttackMade::l2, &AttackMade::ssim, &AttackMade::psnr_db}) {
      std::vector<at::Tensor> rows;
      for (const AttackMade& part : parts) rows.push_back(part.*field);
      all.*field = at::cat(rows);
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
      all.forwards += parts[i].forwards;
      all.backwards += parts[i].backwards;
      all.seconds += parts[i].seconds;
    }
    return all;
  }

  const AttackCall& asked_;
  std::unique_ptr<Attack> attack_;
  std::string name_;
  at::Tensor images_;
  Whole victim_, maker_;
  AttackedSet set_;
};

[[nodiscard]] py::dict dict_of(const AttackMade& made) {
  py::dict out;
  out["images"] = made.images;
  out["before"] = made.before;
  out["after"] = made.after;
  out["after_8bit"] = made.after_8bit;
  out["linf"] = made.linf;
  out["l2"] = made.l2;
  out["ssim"] = made.ssim;
  out["psnr_db"] = made.psnr_db;
  out["forwards"] = made.forwards;
  out["backwards"] = made.backwards;
  out["seconds"] = made.seconds;
  return out;
}

[[nodiscard]] py::dict run_attack(const std::string& spec, const ModelHandle& handle,
                                  const at::Tensor& images, const py::dict& given) {
  AttackCall asked{.spec = spec};
  asked.ids = given["ids"].cast<std::vector<std::string>>();
  asked.views = given["views"].cast<std::string>();
  asked.seed = given["seed"].cast<std::int64_t>();
  asked.mos = given["mos"].cast<std::vector<double>>();
  asked.transfer = given["transfer"].cast<bool>();
  std::shared_ptr<ModelHandle> surrogate;
  if (!given["surrogate"].is_none())
    surrogate = given["surrogate"].cast<std::shared_ptr<ModelHandle>>();
  AttackMade made;
  call([&] {
    const auto turns = ModelHandle::turns(handle, surrogate ? *surrogate : handle);
    check_images(images, handle.model().card().name);
    for (const ModelHandle* asked_model :
         {&handle, static_cast<const ModelHandle*>(surrogate.get())}) {
      if (asked_model != nullptr && asked_model->callable() != nullptr) {
        asked_model->callable()->refuse_constant(images);
      }
    }
    QualityModel& maker = surrogate ? surrogate->model() : handle.model();
    made = PictureAttack(asked, handle.model(), maker, images).run();
  });
  return dict_of(made);
}

}  // namespace

void bind_attacks(py::module_& module) {
  py::class_<PythonContext, std::shared_ptr<PythonContext>>(module, "Context")
      .def("ids", [](const PythonContext& context) { return context.batch.ids; })
      .def("clean_scores", [](const PythonContext& context) { return context.batch.clean_scores; })
      .def("seed_of", &PythonContext::seed_of)
      .def("noise",
           [](const PythonContext& context, const std::string& name, double low, double high) {
             return row_noise(context.batch, context.rng.child(name), low, high);
           })
      .def("stop", [](const PythonContext&) { return stop_requested(); });
  module.def("attack", run_attack);
  module.def("register_attack", [](const py::dict& given) {
    put_entry<Attack>(read_entry(given), make_python_attack);
  });
}

}  // namespace robiq::python
