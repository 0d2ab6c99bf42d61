#include "robiq/metric/distance/feature_trunk.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "robiq/core/error.h"
#include "robiq/metric/distance/distance_file.h"
#include "robiq/net/alexnet.h"
#include "robiq/net/squeezenet.h"
#include "robiq/net/vgg.h"

namespace robiq {
namespace {

constexpr std::int64_t kVggSide = 16, kAlexSide = 31, kSqueezeSide = 17;

/// A new network draws weights that are never used; torch's global generator must not notice.
class KeptRandomState {
 public:
  KeptRandomState()
      : generator_(at::globalContext().defaultGenerator(at::kCPU)), state_(generator_.clone()) {}
  ~KeptRandomState() { generator_.set_state(state_.get_state()); }
  KeptRandomState(const KeptRandomState&) = delete;
  KeptRandomState& operator=(const KeptRandomState&) = delete;

 private:
  at::Generator generator_, state_;
};

template <class Net>
Net new_network() {
  const KeptRandomState kept;
  return Net();
}

/// Every weight from the file; no gradients to any.
template <class Net>
Net frozen_network(const std::string& file, const WantedFile& wanted) {
  const DistanceFile weights(file, wanted);
  Net net = new_network<Net>();
  const at::NoGradGuard no_grad;
  for (auto& parameter : net->named_parameters()) {
    at::Tensor& weight = parameter.value();
    weight.requires_grad_(false);
    weight.copy_(weights.tensor("features." + parameter.key(), weight.sizes()));
  }
  return net;
}

at::Tensor normalized(const at::Tensor& pictures) {
  const auto options = pictures.options().requires_grad(false);
  const at::Tensor mean = at::tensor({0.485F, 0.456F, 0.406F}, options).view({1, 3, 1, 1});
  const at::Tensor stddev = at::tensor({0.229F, 0.224F, 0.225F}, options).view({1, 3, 1, 1});
  return (pictures - mean) / stddev;
}

/// \param pooling  what `stages` of the network takes besides pictures
template <class Net, class... Pooling>
FeatureTrunk::Stages stages_of(const Net& net, const Pooling&... pooling) {
  return [net, pooling...](const at::Tensor& pictures) {
    Net network = net;
    if (network->parameters().front().device() != pictures.device()) network->to(pictures.device());
    return network->stages(normalized(pictures), pooling...);
  };
}

WantedFile vgg_file(const std::string& distance) {
  return {distance, "trunk", "the weights of torchvision's VGG-16",
          "vgg16-397923af.pth from download.pytorch.org/models/"};
}

const std::vector<std::int64_t> kVggChannels = {64, 128, 256, 512, 512};

FeatureTrunk alexnet_trunk(const std::string& file, const std::string& distance) {
  const WantedFile wanted{distance, "trunk", "the weights of torchvision's AlexNet",
                          "alexnet-owt-7be5be79.pth from download.pytorch.org/models/"};
  return {{64, 192, 384, 256, 256},
          kAlexSide,
          stages_of(frozen_network<AlexNetFeatures>(file, wanted))};
}

FeatureTrunk squeezenet_trunk(const std::string& file, const std::string& distance) {
  const WantedFile wanted{distance, "trunk", "the weights of torchvision's SqueezeNet 1.1",
                          "squeezenet1_1-b8a52dc0.pth from download.pytorch.org/models/"};
  return {{64, 128, 256, 384, 384, 512, 512},
          kSqueezeSide,
          stages_of(frozen_network<SqueezeNetFeatures>(file, wanted))};
}

}  // namespace

FeatureTrunk feature_trunk(const std::string& net, const std::string& file,
                           const std::string& distance) {
  if (net == "alex") return alexnet_trunk(file, distance);
  if (net == "squeeze") return squeezenet_trunk(file, distance);
  if (net == "vgg") {
    return {kVggChannels, kVggSide,
            stages_of(frozen_network<Vgg16Features>(file, vgg_file(distance)))};
  }
  throw Error(ErrorKind::kUsage,
              {"robiq has no trunk '" + net + "'", distance, "known: vgg, alex, squeeze"});
}

FeatureTrunk vgg16_trunk(std::function<at::Tensor(const at::Tensor&)> pooling,
                         const std::string& file, const std::string& distance) {
  return {kVggChannels, 1,
          stages_of(frozen_network<Vgg16Features>(file, vgg_file(distance)),
                    Vgg16FeaturesImpl::Pooling(std::move(pooling)))};
}

}  // namespace robiq
