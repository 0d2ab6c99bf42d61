#include "model_handle.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/files/files.h"
#include "robiq/model/views.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq::python {

bool scores_uncut(const QualityModel& model, const at::Tensor& images) {
  const ViewPolicy policy = parse_views("grid", model.card());
  const std::int64_t height = images.size(2), width = images.size(3);
  if (policy.resize_height > 0) {
    return policy.kind == ViewPolicy::Kind::kWhole && policy.resize_height == height &&
           policy.resize_width == width;
  }
  if (policy.kind == ViewPolicy::Kind::kWhole) return true;
  const std::vector<View> views = make_views(policy, height, width, Rng(0));
  return std::ranges::all_of(
      views, [&](const View& view) { return view.height == height && view.width == width; });
}

void need_inputs(const ModelHandle& handle, const at::Tensor& images) {
  if (handle.callable() == nullptr || images.dim() != 4) return;
  if (scores_uncut(handle.model(), images)) return;
  throw Error(ErrorKind::kUsage,
              {"the model cuts or resizes pictures of " + std::to_string(images.size(3)) + "x" +
                   std::to_string(images.size(2)) + " before it scores them",
               "images",
               "give pictures of the size that the network takes, or wrap() it without views= and "
               "resize="});
}

QualityModel& SeenModel::seen() const {
  if (model_ != nullptr) return *model_;
  throw Error(ErrorKind::kUsage, {"the model was lent for one call, which is over", card().name,
                                  "use the model of an attack inside perturb() only"});
}

std::vector<ParamGroup> SeenModel::parameter_groups() { return seen().parameter_groups(); }
TensorMap SeenModel::state() const { return seen().state(); }
void SeenModel::set_training(bool on) { seen().set_training(on); }
bool SeenModel::training() const { return seen().training(); }
void SeenModel::set_batch_statistics(bool on) { seen().set_batch_statistics(on); }
void SeenModel::move_to(c10::Device device) { seen().move_to(device); }
at::ScalarType SeenModel::scalar_type() const { return seen().scalar_type(); }
c10::Device SeenModel::device() const { return seen().device(); }

at::Tensor SeenModel::forward(const at::Tensor& images) {
  if (before_pass_) before_pass_(images);
  const at::Tensor scores = seen().score(images);
  forwards_ += images.size(0);
  if (scores.requires_grad()) {
    const auto count = backwards_;
    scores.register_hook([count](const at::Tensor& gradient) { *count += gradient.numel(); });
  }
  return scores;
}

at::Tensor SeenModel::forward_training(const at::Tensor& images) {
  if (before_pass_) before_pass_(images);
  forwards_ += images.size(0);
  return seen().training_outputs(images);
}

namespace {

/// Of one Python object: handles come and go, and several may hold the same module.
[[nodiscard]] std::shared_ptr<std::recursive_mutex> turn_of(const void* object) {
  static std::mutex mutex;
  static std::map<const void*, std::weak_ptr<std::recursive_mutex>> turns;
  const std::scoped_lock lock(mutex);
  std::erase_if(turns, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<std::recursive_mutex>& known = turns[object];
  std::shared_ptr<std::recursive_mutex> turn = known.lock();
  if (!turn) known = turn = std::make_shared<std::recursive_mutex>();
  return turn;
}

}  // namespace

ModelHandle::ModelHandle(std::shared_ptr<QualityModel> model)
    : model_(std::move(model)), turn_(std::make_shared<std::recursive_mutex>()) {}

ModelHandle::ModelHandle(LoadedModel loaded, std::string spec, std::string weights,
                         std::string scale)
    : model_(std::move(loaded.model)),
      turn_(std::make_shared<std::recursive_mutex>()),
      spec_(std::move(spec)),
      weights_(std::move(weights)),
      scale_(std::move(scale)),
      note_(loaded.note.empty() ? loaded.scale_note : loaded.note),
      loaded_versions_(versions()) {}

ModelHandle::ModelHandle(std::shared_ptr<CallableModel> model, const py::object& callable)
    : model_(model), callable_(std::move(model)), turn_(turn_of(callable.ptr())) {}

std::pair<ModelHandle::Turn, ModelHandle::Turn> ModelHandle::turns(const ModelHandle& a,
                                                                   const ModelHandle& b) {
  Turn first(*a.turn_, std::defer_lock), second(*b.turn_, std::defer_lock);
  std::lock(first, second);
  return {std::move(first), std::move(second)};
}

std::vector<std::int64_t> ModelHandle::versions() const {
  std::vector<std::int64_t> versions;
  for (const auto& [name, tensor] : model_->state()) {
    versions.push_back(static_cast<std::int64_t>(tensor._version()));
    versions.push_back(reinterpret_cast<std::int64_t>(tensor.unsafeGetTensorImpl()));
  }
  return versions;
}

bool ModelHandle::is_as_loaded() const {
  return !spec_.empty() && !model_->training() && versions() == loaded_versions_;
}

std::string ModelHandle::state_sha256() const {
  std::string text;
  for (const auto& [name, tensor] : model_->state()) {
    const at::Tensor bytes = tensor.detach().cpu().contiguous();
    text += name + sha256({static_cast<const char*>(bytes.data_ptr()),
                           static_cast<std::size_t>(bytes.numel()) * bytes.element_size()});
  }
  return sha256(text);
}

}  // namespace robiq::python
