#include "robiq/net/packed_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/stack.h>
#include <torch/csrc/autograd/custom_function.h>

#include <string>
#include <tuple>

#include "robiq/tensor/compat.h"

namespace robiq {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// An operator of LibTorch by its name and the number of its arguments; none where LibTorch was
/// built without oneDNN, or has another one of that name.
auto find_operator(const char* name, std::size_t arguments) {
  auto found = c10::Dispatcher::singleton().findSchema({name, ""});
  if (found && found->schema().arguments().size() != arguments) found.reset();
  return found;
}

const auto& pack_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_prepack", 8);
  return found;
}

const auto& run_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_run", 2);
  return found;
}

at::Tensor run(const at::Tensor& x, const c10::IValue& packed) {
  torch::jit::Stack stack;
  torch::jit::push(stack, x, packed);
  run_operator()->callBoxed(stack);
  return torch::jit::pop(stack).toTensor();
}

/// run() with its gradient by x.
class Rectified : public torch::autograd::Function<Rectified> {
 public:
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const c10::IValue& packed, const std::vector<std::int64_t>& stride,
                          const std::vector<std::int64_t>& padding,
                          const std::vector<std::int64_t>& dilation, std::int64_t groups) {
    Variable y = run(x, packed);
    context->save_for_backward({x, weight, y});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["dilation"] = dilation;
    context->saved_data["groups"] = groups;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const variable_list saved = context->get_saved_variables();
    const auto list = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    const at::Tensor slope = at::threshold_backward(slopes[0], saved[2], 0);
    const auto gradients =
        at::convolution_backward(slope, saved[0], saved[1], compat::kNoOption, list("stride"),
                                 list("padding"), list("dilation"), /*transposed=*/false, {0, 0},
                                 context->saved_data["groups"].toInt(), {true, false, false});
    return {std::get<0>(gradients), {}, {}, {}, {}, {}, {}};
  }
};

}  // namespace

bool PackedConvolution::takes(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && at::globalContext().userEnabledMkldnn() &&
         pack_operator() && run_operator();
}

PackedConvolution::PackedConvolution(const at::Tensor& weight, const at::Tensor& bias,
                                     const torch::nn::Conv2dImpl& like, at::IntArrayRef sizes)
    : weight_(weight), groups_(like.options.groups()), height_(sizes[2]), width_(sizes[3]) {
  const auto listed = [](at::IntArrayRef values) { return values.vec(); };
  stride_ = listed(like.options.stride());
  // Of std or of c10, as LibTorch's version has it.
  padding_ = listed(get<torch::ExpandingArray<2>>(like.options.padding()));
  dilation_ = listed(like.options.dilation());
  torch::jit::Stack stack;
  torch::jit::push(stack, weight, bias, stride_, padding_, dilation_, groups_, sizes,
                   std::string("relu"));
  pack_operator()->callBoxed(stack);
  packed_ = torch::jit::pop(stack);
}

bool PackedConvolution::is_for(at::IntArrayRef sizes) const {
  return height_ == sizes[2] && width_ == sizes[3];
}

at::Tensor PackedConvolution::rectified(const at::Tensor& x) const {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return run(x, packed_);
  return Rectified::apply(x, weight_, packed_, stride_, padding_, dilation_, groups_);
}

}  // namespace robiq
