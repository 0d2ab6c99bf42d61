#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace robiq {

/// Whether attention in tiles is faster than with whole score matrices: on a CPU, float32 or
/// float64, with tokens enough that the matrices of all heads leave the cache.
/// \param qkv  [G,N,3*heads*D]
[[nodiscard]] bool tiles_pay(const at::Tensor& qkv);

/// Scaled dot-product attention without whole score matrices: a few queries at a time meet all
/// keys, and neither scores nor their softmax outlive them (Rabe and Staats, arXiv 2112.05682). The
/// gradient makes them anew, so that a graph holds qkv alone. It can be differentiated again; that
/// second time holds whole matrices.
/// \param qkv  [G,N,3*heads*D], channels in the order queries | keys | values, head, channel
/// \return [G,N,heads*D]
[[nodiscard]] at::Tensor tiled_attention(const at::Tensor& qkv, std::int64_t heads);

}  // namespace robiq
