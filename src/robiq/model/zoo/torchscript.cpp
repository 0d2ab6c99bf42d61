#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <unordered_set>

#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/model/quality_model.h"
#include "robiq/model/script/script_file.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/torch_failure.h"

namespace robiq {
namespace {

struct TorchScriptOptions {
  std::string file, normalize = "none", channels = "rgb", crops = "5x5", resize, output;
  double worst = 0, best = 100, range = 1;
  std::int64_t size = 0, min_side = 32, crop = 0, batch = 0;
  bool copy = false;

  static OptionTable<TorchScriptOptions> options() {
    using O = TorchScriptOptions;
    return {
        {"file", &O::file, "the TorchScript file, as torch.jit.save writes it"},
        {"worst", &O::worst, "score of the worst quality; above best for difference scores"},
        {"best", &O::best, "score of the best quality"},
        {"normalize",
         &O::normalize,
         "what the module is given: the picture, or (picture - mean) / deviation with ImageNet's "
         "constants, or with 0.5 and 0.5",
         {"none", "imagenet", "half"}},
        {"range", &O::range, "the module's input is multiplied by it: 255 for 0..255", 1e-3, 65535},
        {"channels", &O::channels, "their order in the module's input", {"rgb", "bgr"}},
        {"size", &O::size, "side of the square crops it takes; 0: pictures of any size", 0, 8192,
         "pixels"},
        {"crops", &O::crops, "rows x columns of crops a picture is scored by, where size is given"},
        {"resize", &O::resize, "HEIGHTxWIDTH to which pictures are brought first; \"\": no"},
        {"min_side", &O::min_side, "least height and width, where size is not given", 1, 8192,
         "pixels"},
        {"crop", &O::crop, "side of a training crop, where size is not given; 0: whole pictures", 0,
         8192, "pixels"},
        {"output", &O::output, "which score, where it returns a tuple, a list or a dictionary"},
        {"batch", &O::batch, "most pictures a call; 1 for a trace of one; 0: any number", 0, 65536},
        {"copy", &O::copy, "give it a copy of the picture, because it writes to its input"},
    };
  }
  static void settle(TorchScriptOptions& o, const Params& given) {
    const OptionRules rules(given);
    rules.need(o.size > 0, {"crops"}, "size=N");
    rules.clash(o.size > 0, {"min_side", "crop"}, "size=" + std::to_string(o.size));
  }
};

[[noreturn]] void refuse(const std::string& what, const std::string& file,
                         const std::string& hint) {
  throw Error(ErrorKind::kModel, {what, file, hint});
}

[[noreturn]] void refuse_writing(const std::string& file) {
  throw ModuleFailure(ModuleFailure::Reason::kWritesToInput,
                      {"the module writes to the picture it is given", file,
                       "write x = x - mean, not x -= mean, in the module, or give copy=true"});
}

[[noreturn]] void refuse_call(const std::exception& error, const std::string& file) {
  const std::string reason = torch_reason(error);
  switch (torch_failure(error)) {
    case TorchFailure::kOutOfMemory:
      throw Error(ErrorKind::kDevice, {"out of memory in the module: " + reason, file,
                                       "use smaller pictures or batches, or fewer views"});
    case TorchFailure::kWritesToInput:
      refuse_writing(file);
    case TorchFailure::kOtherDevice:
      refuse("the module does not run on this device: " + reason, file,
             "make its constants on the device of its input (device=x.device), and script it: a "
             "trace keeps the device it was made on");
    case TorchFailure::kOther:
      break;
  }
  throw ModuleFailure(ModuleFailure::Reason::kUnknown,
                      {"the module failed: " + reason, file,
                       "`robiq check-model` tells which sizes and numbers of pictures it takes"});
}

/// "5x7" as two numbers from 1 to 8192. \throws Error{kUsage}
std::pair<std::int64_t, std::int64_t> read_pair(const std::string& text, const char* option) {
  const std::vector<std::string> parts = split(text, 'x');
  constexpr std::int64_t kMost = 8192;
  std::pair<std::int64_t, std::int64_t> pair;
  if (parts.size() == 2 && parse_integer(parts[0], pair.first) &&
      parse_integer(parts[1], pair.second) && pair.first >= 1 && pair.second >= 1 &&
      pair.first <= kMost && pair.second <= kMost) {
    return pair;
  }
  throw Error(ErrorKind::kUsage,
              {"'" + text + "' does not fit " + option, "torchscript",
               "write two whole numbers up to 8192, e.g. " + std::string(option) + "=5x5"});
}

ViewPolicy make_views_policy(const TorchScriptOptions& o) {
  ViewPolicy policy;
  if (!o.resize.empty()) {
    std::tie(policy.resize_height, policy.resize_width) = read_pair(o.resize, "resize");
  }
  if (o.size == 0) return policy;
  policy.kind = ViewPolicy::Kind::kGrid;
  policy.side = o.size;
  std::tie(policy.rows, policy.columns) = read_pair(o.crops, "crops");
  if (policy.resize_height > 0 && std::min(policy.resize_height, policy.resize_width) < o.size) {
    throw Error(ErrorKind::kUsage,
                {"resize=" + o.resize + " is smaller than size=" + std::to_string(o.size),
                 "torchscript", "give a resize of at least the size"});
  }
  return policy;
}

torch::jit::Module load_module(const std::string& file) {
  if (file.empty()) {
    throw Error(ErrorKind::kUsage, {"the model torchscript needs a file", "--model torchscript",
                                    "write torchscript:FILE"});
  }
  check_script_file(file);
  const auto loaded = [&file] {
    try {
      return torch::jit::load(file, c10::kCPU);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      refuse("the module cannot be read: " + torch_reason(error), file, kExportScript);
    }
  };
  torch::jit::Module module = loaded();
  if (!module.find_method("forward")) {
    refuse("the module has no method forward", file,
           std::string("give it forward(self, x), and ") + kExportScript);
  }
  return module;
}

/// Walks the graph of `scores`, without computing anything.
bool depends_on(const at::Tensor& scores, const at::Tensor& images) {
  const torch::autograd::Node* const wanted =
      torch::autograd::impl::gradient_edge(images).function.get();
  std::vector<const torch::autograd::Node*> open = {scores.grad_fn().get()};
  std::unordered_set<const torch::autograd::Node*> seen;
  while (!open.empty()) {
    const torch::autograd::Node* const node = open.back();
    open.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    if (node == wanted) return true;
    for (const auto& edge : node->next_edges()) open.push_back(edge.function.get());
  }
  return false;
}

/// Any TorchScript module that maps [N,3,H,W] to N scores.
class TorchScriptModel final : public QualityModel {
 public:
  static constexpr const char* kName = "torchscript";
  static constexpr const char* kSummary = "a TorchScript module of your own, scripted or traced";
  static constexpr const char* kPaper = "that of the module";
  static constexpr const char* kArgument = "file";
  using Options = TorchScriptOptions;

  explicit TorchScriptModel(const Options& options)
      : QualityModel(make_card(options)), options_(options), module_(load_module(options.file)) {
    const at::NoGradGuard no_grad;
    for (const auto& item : named()) {
      if (item.second.is_floating_point()) item.second.set_data(item.second.to(at::kFloat));
    }
    std::unordered_set<const void*> seen;
    for (const at::Tensor& tensor : module_.parameters()) {
      const bool first = seen.insert(tensor.unsafeGetTensorImpl()).second;
      if (first && tensor.requires_grad()) trainable_.tensors.push_back(tensor);
    }
    set_training(false);
  }

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override { return {trainable_}; }
  [[nodiscard]] TensorMap state() const override { return named(); }
  void set_training(bool on) override {
    module_.train(on);
    training_ = on;
  }
  [[nodiscard]] bool training() const override { return training_; }
  void set_batch_statistics(bool on) override {
    for (torch::jit::Module module : module_.modules()) {
      const auto type = module.type()->name();
      if (type && type->name().find("BatchNorm") != std::string::npos)
        module.train(on && training_);
    }
  }
  void move_to(c10::Device device) override {
    module_.to(device);
    device_ = device;
  }
  [[nodiscard]] c10::Device device() const override { return device_; }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    const std::int64_t count = images.size(0);
    const std::int64_t most = options_.batch > 0 ? options_.batch : count;
    std::vector<at::Tensor> scores;
    for (std::int64_t first = 0; first < count; first += most) {
      const std::int64_t size = std::min(most, count - first);
      scores.push_back(call(size == count ? images : images.narrow(0, first, size)));
    }
    const at::Tensor all = scores.size() == 1 ? scores.front() : at::cat(scores);
    if (at::GradMode::is_enabled() && images.requires_grad()) check_gradient(all, images);
    return all.to(images.scalar_type());
  }

 private:
  static ModelCard make_card(const Options& o) {
    ModelCard card{.name = kName, .paper = kPaper, .scale = {o.worst, o.best}};
    if (o.worst == o.best) {
      throw Error(ErrorKind::kUsage, {"worst and best are both " + number_text(o.best),
                                      "torchscript", "give two different ends of the scale"});
    }
    if (o.normalize != "imagenet") {
      const double half = o.normalize == "half" ? 0.5 : 0;
      card.mean = {half, half, half};
      card.stddev = {1 - half, 1 - half, 1 - half};
    }
    card.min_side = o.size > 0 ? o.size : o.min_side;
    card.fixed_side = o.size > 0;
    card.views = card.paper_views = make_views_policy(o);
    // For training on from what the file holds: a small rate, few crops a picture.
    card.recipe = {
        .learning_rate = 1e-4, .schedule = ScheduleKind::kCosine, .epochs = 5, .batch_size = 8};
    card.recipe.crop_side = o.size > 0 ? o.size : o.crop;
    card.recipe.flip = true;
    return card;
  }

  [[nodiscard]] TensorMap named() const {
    TensorMap tensors;
    for (const auto& item : module_.named_parameters()) tensors.emplace(item.name, item.value);
    for (const auto& item : module_.named_buffers()) tensors.emplace(item.name, item.value);
    return tensors;
  }

  [[nodiscard]] at::Tensor prepared(const at::Tensor& images) const {
    at::Tensor x = options_.normalize == "none" ? images : normalized(images);
    if (options_.range != 1) x = x * options_.range;
    if (options_.channels == "bgr") x = x.flip(1);
    return options_.copy && x.is_same(images) ? images.clone() : x;
  }

  [[nodiscard]] at::Tensor call(const at::Tensor& images) {
    // Unoptimised, the interpreter runs every call alike: with its profiling the first calls of a
    // module may differ in the last digits from later ones.
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    const at::AutoGradMode kept(at::GradMode::is_enabled());  // which a module can switch
    const at::Tensor x = prepared(images);
    const std::int64_t written = times_written(images);
    c10::IValue returned;
    try {
      returned = module_.forward({x});
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      refuse_call(error, options_.file);
    }
    if (times_written(images) != written) refuse_writing(options_.file);
    const at::Tensor scores = pick_score_tensor(returned, options_.output, options_.file);
    return scores_of_batch(scores, images.size(0), options_.file);
  }

  /// Once: what cuts the graph does so in every call.
  void check_gradient(const at::Tensor& scores, const at::Tensor& images) {
    if (gradient_seen_) return;
    gradient_seen_ = scores.requires_grad() && depends_on(scores, images);
    if (gradient_seen_) return;
    refuse("the module's scores have no gradient by the picture", options_.file,
           "take argmax, round, detach, torch.no_grad and conversions to whole numbers out of it; "
           "it can still be scored");
  }

  Options options_;
  torch::jit::Module module_;
  ParamGroup trainable_{"all", {}};
  c10::Device device_ = c10::kCPU;
  bool training_ = false, gradient_seen_ = false;
};

ROBIQ_REGISTER(QualityModel, TorchScriptModel);

}  // namespace
}  // namespace robiq
