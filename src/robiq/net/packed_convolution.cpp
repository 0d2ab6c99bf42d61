#include "robiq/net/packed_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>

namespace robiq {
namespace {

/// An operator of LibTorch by its name; none where it was built without oneDNN.
auto find_operator(const char* name) { return c10::Dispatcher::singleton().findSchema({name, ""}); }

const auto& pack_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_prepack");
  return found;
}

const auto& run_operator() {
  static const auto found = find_operator("mkldnn_prepacked::conv2d_run");
  return found;
}

}  // namespace

bool PackedConvolution::takes(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && at::globalContext().userEnabledMkldnn() &&
         pack_operator() && run_operator();
}

PackedConvolution::PackedConvolution(const at::Tensor& weight, const at::Tensor& bias,
                                     const torch::nn::Conv2dImpl& like, at::IntArrayRef sizes)
    : height_(sizes[2]), width_(sizes[3]) {
  const auto& options = like.options;
  // Of std or of c10, as LibTorch's version has it.
  const at::IntArrayRef padding = get<torch::ExpandingArray<2>>(options.padding());
  torch::jit::Stack stack;
  torch::jit::push(stack, weight, bias, at::IntArrayRef(options.stride()), padding,
                   at::IntArrayRef(options.dilation()), options.groups(), sizes,
                   std::string("relu"));
  pack_operator()->callBoxed(stack);
  packed_ = torch::jit::pop(stack);
}

bool PackedConvolution::is_for(at::IntArrayRef sizes) const {
  return height_ == sizes[2] && width_ == sizes[3];
}

at::Tensor PackedConvolution::rectified(const at::Tensor& x) const {
  torch::jit::Stack stack;
  torch::jit::push(stack, x, packed_);
  run_operator()->callBoxed(stack);
  return torch::jit::pop(stack).toTensor();
}

}  // namespace robiq
