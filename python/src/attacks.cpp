#include "attacks.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>

#include "model_handle.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/attack.h"
#include "robiq/attack/ready_pictures.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/image_batch.h"

namespace robiq::python {
namespace {

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
        victim_model_(victim),
        maker_model_(maker) {
    check_sides(&maker != &victim);
    if (auto* reader = dynamic_cast<ReadsPictures*>(attack_.get())) {
      reader->know_pictures(asked.ids);
    }
  }

  [[nodiscard]] AttackMade run() {
    const ScopedFrozen frozen(victim_model_), frozen_maker(maker_model_);
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

  [[nodiscard]] ViewPolicy policy_of(const QualityModel& model) const {
    return parse_views(asked_.views, model.card());
  }

  /// \param id  of the picture, on which views that are drawn at random depend
  [[nodiscard]] Whole whole_model(QualityModel& model, const std::string& id) const {
    const ViewPolicy policy = policy_of(model);
    const bool resized = policy.resize_height > 0;
    if (policy.kind == ViewPolicy::Kind::kWhole && !resized) {
      return std::make_shared<SeenModel>(model);
    }
    const auto views =
        make_views(policy, resized ? policy.resize_height : images_.size(2),
                   resized ? policy.resize_width : images_.size(3),
                   Rng(static_cast<std::uint64_t>(asked_.seed)).child("views").child(id));
    return std::make_shared<CropEnsemble>(model, views, view_chunk(model.card(), views),
                                          std::pair{policy.resize_height, policy.resize_width});
  }

  /// Makes the models of whole pictures for rows_at_once() of them.
  void show_rows(std::int64_t first) {
    const std::string& id = asked_.ids.at(static_cast<std::size_t>(first));
    victim_ = whole_model(victim_model_, id);
    maker_ = &maker_model_ == &victim_model_ ? victim_ : whole_model(maker_model_, id);
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

  /// One where every picture has views of its own.
  [[nodiscard]] std::int64_t rows_at_once() const {
    for (const QualityModel* model : {&victim_model_, &maker_model_}) {
      if (policy_of(*model).kind == ViewPolicy::Kind::kRandom) return 1;
    }
    const std::int64_t area = images_.size(2) * images_.size(3);
    return std::max<std::int64_t>(1, victim_model_.card().pixels_at_once / area);
  }

  /// Attacks on the order of a set learn all of its scores.
  void show_set() {
    if (!attack_->card().uses_set) return;
    const ScoreScale& scale = victim_model_.card().scale;
    const std::int64_t chunk = rows_at_once();
    for (std::int64_t first = 0; first < images_.size(0); first += chunk) {
      show_rows(first);
      const std::int64_t count = std::min(chunk, images_.size(0) - first);
      const at::Tensor scores =
          scores_of(*victim_, images_.narrow(0, first, count)).cpu().to(at::kDouble);
      for (std::int64_t i = 0; i < count; ++i) {
        set_.clean_scores.push_back(scale.normalise(scores[i].item<double>()));
      }
    }
    for (const double mos : asked_.mos) set_.mos.push_back(scale.normalise(mos));
    set_.ids = asked_.ids;
  }

  [[nodiscard]] AttackMade run_rows(std::int64_t first, std::int64_t count) {
    show_rows(first);
    AttackBatch batch;
    batch.images = images_.narrow(0, first, count);
    batch.ids = {asked_.ids.begin() + first, asked_.ids.begin() + first + count};
    AttackMade result;
    result.before = scores_of(*victim_, batch.images);
    batch.clean_scores = maker_ == victim_ ? result.before : scores_of(*maker_, batch.images);
    AttackContext context{Rng(static_cast<std::uint64_t>(asked_.seed)).child("attack").child(name_),
                          stop_requested, attack_->card().uses_set ? &set_ : nullptr};
    const auto started = std::chrono::steady_clock::now();
    const AttackOutcome outcome = attack_->run(*maker_, batch, context);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    result.images = outcome.images;
    result.forwards = outcome.all_forwards();
    result.backwards = outcome.backwards * count;
    measure(batch.images, result);
    return result;
  }

  void measure(const at::Tensor& clean, AttackMade& result) const {
    const at::NoGradGuard no_grad;
    const auto between = [&](const char* name) {
      return Registry<Fidelity>::instance().make(name, {})->compare(clean, result.images);
    };
    result.after = scores_of(*victim_, result.images);
    result.after_8bit = scores_of(*victim_, quantize_to_8bit(result.images));
    result.linf = between("linf");
    result.l2 = between("l2");
    result.ssim = between("ssim");
    result.psnr_db = between("psnr");
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
  QualityModel &victim_model_, &maker_model_;
  Whole victim_, maker_;  ///< of the rows at hand
  AttackedSet set_;
};

[[nodiscard]] py::dict dict_of(const AttackMade& result) {
  py::dict out;
  out["images"] = result.images;
  out["before"] = result.before;
  out["after"] = result.after;
  out["after_8bit"] = result.after_8bit;
  out["linf"] = result.linf;
  out["l2"] = result.l2;
  out["ssim"] = result.ssim;
  out["psnr_db"] = result.psnr_db;
  out["forwards"] = result.forwards;
  out["backwards"] = result.backwards;
  out["seconds"] = result.seconds;
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
  AttackMade result;
  call([&] {
    const auto turns = ModelHandle::turns(handle, surrogate ? *surrogate : handle);
    check_images(images, handle.model().card().name);
    for (const ModelHandle* asked_model :
         {&handle, static_cast<const ModelHandle*>(surrogate.get())}) {
      if (asked_model != nullptr && asked_model->callable() != nullptr &&
          scores_uncut(asked_model->model(), images)) {
        asked_model->callable()->refuse_constant(images);
      }
    }
    QualityModel& maker = surrogate ? surrogate->model() : handle.model();
    const ScopedModes kept(handle.model()), kept_too(maker);
    result = PictureAttack(asked, handle.model(), maker, images).run();
  });
  return dict_of(result);
}

}  // namespace

void bind_attacks(py::module_& module) { module.def("attack", run_attack); }

}  // namespace robiq::python
