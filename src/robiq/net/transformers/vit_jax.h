#pragma once
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Whether these are a vision transformer's arrays as JAX programs name them.
[[nodiscard]] bool is_vit_of_jax(const TensorMap& arrays);

/// Renames and turns the arrays of a ViT that was trained in JAX (the .npz files of Steiner et al.,
/// "How to train your ViT?") into the tensors of timm's vision transformer: kernels become
/// [out,in], those of queries, keys and values one matrix. Where the names carry the prefix
/// `opt/target/`, those without it (an optimiser's) are left out. Arrays that are no part of a ViT
/// keep their names, so that whoever loads the result can name them.
/// \throws Error{kModel} for an array that is missing or has the wrong number of dimensions.
[[nodiscard]] TensorMap vit_from_jax(const TensorMap& arrays);

}  // namespace robiq
