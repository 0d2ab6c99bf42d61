#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/error.h"
#include "robiq/train/loss.h"

namespace robiq {
namespace {

/// Distance between the predictions and the opinion scores of a batch after each is centred and
/// divided by its norm (Li et al., ACM MM 2020). It does not change when the predictions are scaled
/// or shifted. A batch of one picture has distance 0.
class NormInNorm final : public Loss {
 public:
  static constexpr const char* kName = "norm-in-norm";
  static constexpr const char* kSummary =
      "distance of normalised scores, blind to their scale and offset";
  static constexpr const char* kPaper =
      "Li et al., Norm-in-Norm Loss with Faster Convergence and Better Performance for Image "
      "Quality Assessment, ACM MM 2020";
  struct Options {
    double p = 1, q = 2, alpha0 = 1, alpha1 = 0, monotonicity = 0, level_weight = 0.1;
    bool detach = false;
    static OptionTable<Options> options() {
      using O = Options;
      return {
          {"p", &O::p, "norm of the difference", 0.01, 16},
          {"q", &O::q, "norm that predictions and scores are divided by", 0.01, 16},
          {"alpha0", &O::alpha0, "share of the plain distance", 0, 1e6},
          {"alpha1", &O::alpha1, "share of the distance after scaling by the correlation", 0, 1e6},
          {"monotonicity", &O::monotonicity, "factor of a penalty on pairs in the wrong order", 0,
           1e6},
          {"level_weight", &O::level_weight,
           "weight of a model's intermediate outputs; its score has 1", 0, 1e6},
          {"detach", &O::detach,
           "mean and norm of the predictions are constants for the gradient"}};
    }
  };

  explicit NormInNorm(const Options& options) : options_(options) {
    if (options.alpha0 + options.alpha1 > 0) return;
    throw Error(ErrorKind::kUsage, {"norm-in-norm cannot have alpha0=0 and alpha1=0", kName,
                                    "give one of them a share"});
  }

  [[nodiscard]] at::Tensor value(const at::Tensor& predicted,
                                 const at::Tensor& mos) const override {
    at::Tensor sum = of_column(predicted.select(1, 0), mos);
    for (std::int64_t column = 1; column < predicted.size(1); ++column) {
      sum = sum + options_.level_weight * of_column(predicted.select(1, column), mos);
    }
    return sum;
  }

 private:
  static constexpr double kEpsilon = 1e-8;

  [[nodiscard]] at::Tensor of_column(const at::Tensor& predicted, const at::Tensor& mos) const {
    if (predicted.size(0) == 1) return (predicted - predicted).sum();
    const at::Tensor x = normalised(predicted, options_.detach), y = normalised(mos, false);
    at::Tensor sum = at::zeros({}, x.options());
    if (options_.alpha0 > 0) sum = sum + options_.alpha0 * distance(x, y);
    if (options_.alpha1 > 0) {
      const at::Tensor correlation = at::cosine_similarity(x, y, 0, kEpsilon);
      sum = sum + options_.alpha1 * distance(correlation * x, y);
    }
    const at::Tensor loss = sum / (options_.alpha0 + options_.alpha1);
    if (options_.monotonicity == 0) return loss;
    return loss + options_.monotonicity * disorder(predicted, mos);
  }

  /// (x - mean) / (epsilon + its q-norm)
  [[nodiscard]] at::Tensor normalised(const at::Tensor& x, bool constant) const {
    const at::Tensor mean = x.mean();
    const at::Tensor centred = x - (constant ? mean.detach() : mean);
    const at::Tensor norm = at::norm(centred, options_.q);
    return centred / (kEpsilon + (constant ? norm.detach() : norm));
  }

  /// The p-norm of the difference over the largest that it can be, to the power p.
  [[nodiscard]] at::Tensor distance(const at::Tensor& x, const at::Tensor& y) const {
    const double p = options_.p, q = options_.q;
    const double scale = std::pow(2.0, std::max(1.0, 1 / q)) *
                         std::pow(static_cast<double>(x.numel()), std::max(0.0, 1 / p - 1 / q));
    // Below 1 the norm's slope is infinite where an error is zero.
    const at::Tensor error = p < 1 ? x - y + kEpsilon : x - y;
    return (at::norm(error, p) / scale).pow(p);
  }

  /// How far pairs stand in the wrong order, in [0, 1).
  [[nodiscard]] at::Tensor disorder(const at::Tensor& x, const at::Tensor& y) const {
    const at::Tensor order = (y.unsqueeze(0) - y.unsqueeze(1)).sign();
    const at::Tensor wrong = at::relu((x.unsqueeze(1) - x.unsqueeze(0)) * order);
    const auto count = static_cast<double>(x.numel());
    const at::Tensor most = wrong.max();
    return wrong.sum() / (count * (count - 1)) / (1 + (options_.detach ? most.detach() : most));
  }

  Options options_;
};

ROBIQ_REGISTER(Loss, NormInNorm);

}  // namespace
}  // namespace robiq
