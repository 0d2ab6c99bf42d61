#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

namespace robiq {

/// How the features of natural pictures are distributed: their mean [36] and covariance [36,36],
/// float64. No such model is part of robiq; its authors publish theirs as modelparameters.mat.
struct NaturalModel {
  at::Tensor mean, covariance;
};

/// Of a MATLAB file with mu_prisparam (36 numbers) and cov_prisparam (36 x 36).
/// \throws Error{kModel} for a file that cannot be read or holds something else
[[nodiscard]] NaturalModel read_natural_model(const std::filesystem::path& file);

/// The features of a picture's blocks of 96 x 96 pixels on two scales: shape and width of
/// generalised Gaussians that are fitted to its normalised luma and to the products of neighbours.
/// \param picture  [3,H,W] in [0,1], of two whole blocks or more: 96 x 192 will do
/// \return [blocks,36], float64
/// \throws Error{kData} for a smaller picture
[[nodiscard]] at::Tensor niqe_features(const at::Tensor& picture);

/// NIQE: how far a picture's features are from those of natural pictures; 0 is natural, larger is
/// worse. Mittal, Soundararajan and Bovik, IEEE Signal Processing Letters 2013.
/// \param picture  [3,H,W] in [0,1]
[[nodiscard]] double niqe(const at::Tensor& picture, const NaturalModel& natural);

}  // namespace robiq
