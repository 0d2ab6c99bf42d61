#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "generators.h"
#include "model_handle.h"
#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/check/model_promises.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/core/rng.h"
#include "robiq/data/picture_identity.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"

namespace robiq::python {
namespace {

/// The views of pictures of one size, or none where the model takes the pictures as they are.
[[nodiscard]] bool takes_whole(const ViewPolicy& policy) {
  return policy.kind == ViewPolicy::Kind::kWhole && policy.resize_height == 0;
}

[[nodiscard]] std::vector<View> views_of(const ViewPolicy& policy, const at::Tensor& images,
                                         const Rng& rng) {
  const bool resized = policy.resize_height > 0;
  return make_views(policy, resized ? policy.resize_height : images.size(2),
                    resized ? policy.resize_width : images.size(3), rng);
}

[[nodiscard]] at::Tensor score_pictures(QualityModel& model, const at::Tensor& images,
                                        const std::string& views, std::int64_t seed) {
  if (views == "none") return model.score(images);
  const ViewPolicy policy = parse_views(views, model.card());
  check_images(images, model.card().name, model.scalar_type());
  if (takes_whole(policy)) return model.score(images);
  std::vector<at::Tensor> rows;
  const Rng rng = Rng(static_cast<std::uint64_t>(seed)).child("views");
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const at::Tensor picture = images.narrow(0, i, 1);
    const std::vector<View> cuts = views_of(policy, picture, rng.child(std::to_string(i)));
    CropEnsemble ensemble(model, cuts, view_chunk(model.card(), cuts),
                          {policy.resize_height, policy.resize_width});
    rows.push_back(ensemble.score(picture));
  }
  return at::cat(rows);
}

/// As `robiq score` does it. \param bytes  uint8 [3,H,W]
[[nodiscard]] double score_bytes(QualityModel& model, const at::Tensor& bytes,
                                 const std::string& views, bool fit, std::int64_t seed) {
  const ViewPolicy policy = parse_views(views, model.card());
  const at::Tensor picture = picture_input(bytes, model.card(), policy, fit, model.device());
  const bool draws = policy.kind == ViewPolicy::Kind::kRandom;
  const Rng rng = Rng(static_cast<std::uint64_t>(seed))
                      .child("views")
                      .child(draws ? picture_identity(bytes.cpu()) : "");
  return score_picture(model, picture, make_views(policy, picture.size(2), picture.size(3), rng));
}

[[nodiscard]] ModelHandle load(const std::string& spec, const std::string& weights,
                               const std::string& scale, const std::string& device) {
  const ScopedGenerators generators;  // new weights are drawn before those of the file come
  return {load_model_flag(spec, weights, scale, device), spec, weights, scale};
}

/// robiq.wrap()'s keyword arguments, checked and completed in Python.
[[nodiscard]] ModelCard card_of(const py::dict& given) {
  ModelCard card;
  card.name = given["name"].cast<std::string>();
  const auto scale = given["scale"].cast<std::pair<double, double>>();
  card.scale = {scale.first, scale.second};
  card.mean = given["mean"].cast<std::array<double, 3>>();
  card.stddev = given["stddev"].cast<std::array<double, 3>>();
  card.min_side = given["min_side"].cast<std::int64_t>();
  card.fixed_side = given["fixed_side"].cast<bool>();
  ViewPolicy& views = card.views;
  const auto kind = given["views"].cast<std::string>();
  if (kind == "grid") views.kind = ViewPolicy::Kind::kGrid;
  if (kind == "tiles") views.kind = ViewPolicy::Kind::kTiles;
  if (kind == "random") views.kind = ViewPolicy::Kind::kRandom;
  views.side = given["side"].cast<std::int64_t>();
  views.rows = given["rows"].cast<std::int64_t>();
  views.columns = given["columns"].cast<std::int64_t>();
  views.count = given["count"].cast<std::int64_t>();
  std::tie(views.resize_height, views.resize_width) =
      given["resize"].cast<std::pair<std::int64_t, std::int64_t>>();
  card.paper_views = views;
  return card;
}

[[nodiscard]] ModelHandle wrap(const py::object& callable, const py::dict& given) {
  CallableInput input{given["normalised"].cast<bool>(), given["range"].cast<double>(),
                      given["bgr"].cast<bool>(), given["output"]};
  ModelCard card = card_of(given);
  const ScoreScale scale = card.scale;
  auto model = std::make_shared<CallableModel>(std::move(card), std::move(input), callable);
  model->set_scale(scale);  // which checks it
  return {std::move(model), callable};
}

[[nodiscard]] py::list check(const ModelHandle& handle) {
  const auto results = called([&] {
    const ScopedGenerators generators;
    const auto turn = handle.turn();
    const ScopedModes kept(handle.model());
    return check_promises(handle.model());
  });
  py::list rows;
  for (const PromiseResult& result : results) {
    rows.append(py::make_tuple(result.promise, promise_state_name(result.state), result.needed_for,
                               result.finding, result.hint, result.python_hint));
  }
  return rows;
}

[[nodiscard]] py::dict facts_of(const ModelHandle& handle) {
  const ModelCard& card = handle.model().card();
  py::dict facts;
  facts["name"] = card.name;
  facts["scale"] = py::make_tuple(card.scale.worst, card.scale.best);
  facts["mean"] = card.mean;
  facts["stddev"] = card.stddev;
  facts["min_side"] = card.min_side;
  facts["spec"] = handle.spec();
  facts["weights"] = handle.weights();
  facts["scale_given"] = handle.scale();
  facts["note"] = handle.note();
  facts["whole"] = takes_whole(card.views);
  return facts;
}

}  // namespace

void bind_models(py::module_& module) {
  py::class_<ModelHandle, std::shared_ptr<ModelHandle>>(module, "Model")
      .def("facts", facts_of)
      .def("score",
           [](const ModelHandle& handle, const at::Tensor& images, const std::string& views,
              std::int64_t seed) {
             return called([&] {
               const auto turn = handle.turn();
               return score_pictures(handle.model(), images, views, seed);
             });
           })
      .def("training_outputs",
           [](const ModelHandle& handle, const at::Tensor& images) {
             return called([&] {
               const auto turn = handle.turn();
               return handle.model().training_outputs(images);
             });
           })
      .def("score_bytes",
           [](const ModelHandle& handle, const at::Tensor& bytes, const std::string& views,
              bool fit, std::int64_t seed) {
             return called([&] {
               const auto turn = handle.turn();
               return score_bytes(handle.model(), bytes, views, fit, seed);
             });
           })
      .def("state",
           [](const ModelHandle& handle) { return called([&] { return handle.model().state(); }); })
      .def("parameters",
           [](const ModelHandle& handle) {
             return called([&] {
               std::vector<at::Tensor> all;
               for (const ParamGroup& group : handle.model().parameter_groups()) {
                 all.insert(all.end(), group.tensors.begin(), group.tensors.end());
               }
               return all;
             });
           })
      .def("load_state",
           [](const ModelHandle& handle, const TensorMap& tensors) {
             call([&] { handle.model().load_state(tensors); });
           })
      .def("set_training", [](const ModelHandle& handle,
                              bool on) { call([&] { handle.model().set_training(on); }); })
      .def("training",
           [](const ModelHandle& handle) {
             return called([&] { return handle.model().training(); });
           })
      .def("move_to",
           [](const ModelHandle& handle, const std::string& device) {
             call([&] { handle.model().move_to(parse_device(device)); });
           })
      .def("device",
           [](const ModelHandle& handle) {
             return called([&] { return handle.model().device().str(); });
           })
      .def("module", &ModelHandle::module)
      .def("is_as_loaded",
           [](const ModelHandle& handle) { return called([&] { return handle.is_as_loaded(); }); })
      .def("state_sha256",
           [](const ModelHandle& handle) { return called([&] { return handle.state_sha256(); }); })
      .def("check", check);
  module.def("load_model", [](const std::string& spec, const std::string& weights,
                              const std::string& scale, const std::string& device) {
    std::shared_ptr<ModelHandle> handle;
    call([&] { handle = std::make_shared<ModelHandle>(load(spec, weights, scale, device)); });
    return handle;
  });
  module.def("wrap", [](const py::object& callable, const py::dict& given) {
    return std::make_shared<ModelHandle>(wrap(callable, given));
  });
}

}  // namespace robiq::python
