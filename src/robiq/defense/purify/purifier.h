#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/registry.h"
#include "robiq/core/rng.h"

namespace robiq {

/// What a purifier is, and how it behaves under an attack that knows of it.
struct PurifierCard {
  std::string name;
  std::string title;  ///< in tables and figures, "JPEG"; "": the name
  std::string paper;
  bool randomised = false;     ///< draws random numbers: scores are means over several draws
  bool differentiable = true;  ///< has a gradient of its own; false: attacks use its surrogate
};

/// Changes pictures before they are scored, so that what an attack has added is lost. A row depends
/// on its own picture and its own position in the randomness only.
class Purifier {
 public:
  static constexpr const char* kNoun = "purifier";
  explicit Purifier(PurifierCard card) : card_(std::move(card)) {}
  virtual ~Purifier() = default;
  Purifier(const Purifier&) = delete;
  Purifier& operator=(const Purifier&) = delete;

  [[nodiscard]] const PurifierCard& card() const noexcept { return card_; }

  /// The purified pictures, [N,3,h,w] in [0,1] and of the input's type; h and w may differ from the
  /// input's. No gradient is kept.
  /// \param images  [N,3,H,W] in [0,1], float32 or float64
  /// \param rows    one position for each picture (row_positions()); ignored by fixed purifiers
  /// \throws Error{kData} for pictures that are too small, Error{kInternal} for a broken promise
  [[nodiscard]] at::Tensor purify(const at::Tensor& images, const std::vector<Rng>& rows) const;

  /// Exactly the same values, attached to the graph of `images`: by the purifier's own gradient, or
  /// by that of surrogate() (BPDA, Athalye et al., ICML 2018).
  /// \throws as purify(), and Error{kUsage} for a purifier that has neither
  [[nodiscard]] at::Tensor purify_attached(const at::Tensor& images,
                                           const std::vector<Rng>& rows) const;

 protected:
  /// Computes the pictures. If card().differentiable, autograd must be able to follow.
  [[nodiscard]] virtual at::Tensor transform(const at::Tensor& images,
                                             const std::vector<Rng>& rows) const = 0;
  /// A smooth stand-in of transform() with output of the same size, of which only the gradient is
  /// used. By default the pictures themselves (straight-through).
  [[nodiscard]] virtual at::Tensor surrogate(const at::Tensor& images,
                                             const std::vector<Rng>& rows) const;
  /// transform() with the gradient that purify_attached() promises.
  [[nodiscard]] virtual at::Tensor attached(const at::Tensor& images,
                                            const std::vector<Rng>& rows) const;

 private:
  /// \param written  times_written(images) before the pictures were purified
  void check_output(const at::Tensor& images, std::int64_t written,
                    const at::Tensor& purified) const;

  PurifierCard card_;
};

template <>
Registry<Purifier>& Registry<Purifier>::instance();

/// The position of each picture: rng.child(id).
[[nodiscard]] std::vector<Rng> row_positions(const Rng& rng, const std::vector<std::string>& ids);

/// The values of `exact` with the gradient of `smooth`. Both have the same shape.
[[nodiscard]] at::Tensor with_gradient_of(const at::Tensor& exact, const at::Tensor& smooth);

/// \throws Error{kData} unless both sides of the pictures have `side` pixels or more.
void check_purifier_side(const at::Tensor& images, std::int64_t side, const std::string& who);

}  // namespace robiq
