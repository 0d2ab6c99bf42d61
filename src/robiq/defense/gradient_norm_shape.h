#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "robiq/core/options/options.h"

namespace robiq {

/// Where h and the norm of gradient-norm are measured.
enum class NormSpace : std::uint8_t {
  kNormalized,  ///< after the model's normalisation
  kPixel        ///< on pixels in [0,1]
};
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(NormSpace /*type*/) {
  return {"normalized", "pixel"};
}

/// What of the slopes is penalised.
enum class NormForm : std::uint8_t {
  kSquare,  ///< mean(slope^2)/2, as the authors' code
  kAbs,     ///< mean|slope|, as Eq. 6
  kExact    ///< the true norm, by double backward; no finite difference
};
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(NormForm /*type*/) {
  return {"square", "abs", "exact"};
}

/// Of which scores the slopes are.
enum class SlopeScale : std::uint8_t {
  kRaw,   ///< as the model gives them
  kLabel  ///< times std(MOS)/std(scores) of the batch
};
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(SlopeScale /*type*/) {
  return {"raw", "label"};
}

/// How gradient-norm measures, in the defense's spec, in the flags --nt-... of `robiq train` and in
/// a study's [[defense]].
struct GradientNormShape {
  double step = 1e-2;  ///< h
  NormSpace space = NormSpace::kNormalized;
  NormForm form = NormForm::kSquare;
  SlopeScale scale = SlopeScale::kRaw;

  static OptionTable<GradientNormShape> options() {
    using S = GradientNormShape;
    return {
        {"step", &S::step, "h, step size of the finite difference", 1e-6, 1, "of the space"},
        {"space", &S::space,
         "where h and the norm are measured: after the model's normalisation, or on pixels in "
         "[0,1]"},
        {"form", &S::form,
         "square: mean(slope^2)/2, as in the authors' code; abs: mean|slope|, as in the paper's "
         "Eq. 6; exact: the l1 norm itself, by double backward"},
        {"scale", &S::scale,
         "raw: slopes on the model's own scale; label: times std(MOS)/std(scores) of the batch, "
         "a factor that gets no gradient"}};
  }
};

/// The rows of a shape with that of the running statistics among them. `scale` stands last: texts
/// of this defense that are stored somewhere have this order.
template <class T>
OptionTable<T> gradient_norm_rows(GradientNormShape T::*shape, const Option<T>& batchnorm) {
  OptionTable<T> table = options_of<T>(shape);
  table.insert(table.end() - 1, batchnorm);
  return table;
}

}  // namespace robiq
