#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace robiq {

/// A universal perturbation and the bound it was trained in.
struct UniversalPerturbation {
  at::Tensor values;   ///< float32 [1,3,h,w]
  double bound = 0.1;  ///< of [0,1]; "scale" is relative to it
  /// The pictures it was trained on, by their identities (data/picture_identity.h); sorted. Empty
  /// where the file does not list them.
  std::vector<std::string> pictures{};
};

/// Reads a perturbation: .safetensors (robiq's), .npy of [h,w,3] or [3,h,w], or .png.
/// \param png_offset  a PNG holds (u + offset) 255: 0.5 as Shumitskaya et al. publish theirs, 0.1
/// as
///                    the MSU benchmark's training writes them
/// \throws Error{kModel} for a file that is missing, corrupt or no perturbation.
[[nodiscard]] UniversalPerturbation read_universal(const std::filesystem::path& file,
                                                   double png_offset);

/// Whether write_universal() made the .safetensors file.
[[nodiscard]] bool is_our_universal(const std::filesystem::path& file);

/// Writes FILE.safetensors, and beside it FILE.png, which can be looked at and read again, to half
/// a level. \throws Error{kUsage} for another ending, Error{kData} when it cannot be written.
void write_universal(const std::filesystem::path& file, const UniversalPerturbation& perturbation,
                     const std::string& source);

}  // namespace robiq
