#include "robiq/defense/purify/purifier.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "robiq/core/error.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {

template <>
Registry<Purifier>& Registry<Purifier>::instance() {
  static Registry<Purifier> the_registry;
  return the_registry;
}

namespace {

/// A weighted mean of values in [0,1] may leave it by rounding.
constexpr double kRangeTolerance = 1e-5;

void check_purifier_input(const at::Tensor& images, const std::vector<Rng>& rows,
                          const std::string& who) {
  const bool wide = images.defined() && images.scalar_type() == at::kDouble;
  check_images(images, who, wide ? at::kDouble : at::kFloat);
  if (rows.size() == static_cast<std::size_t>(images.size(0))) return;
  throw Error(ErrorKind::kInternal, {std::to_string(rows.size()) + " positions were given for " +
                                         std::to_string(images.size(0)) + " pictures",
                                     who, "give one for each picture"});
}

}  // namespace

void Purifier::check_output(const at::Tensor& images, std::int64_t written,
                            const at::Tensor& purified) const {
  const auto broken = [&](const std::string& what) {
    throw Error(ErrorKind::kInternal, {"the purifier " + what, card_.name, "report this as a bug"});
  };
  if (times_written(images) != written) broken("writes to the pictures that it is given");
  if (!purified.defined() || purified.dim() != 4 || purified.size(0) != images.size(0) ||
      purified.size(1) != 3 || purified.numel() == 0) {
    broken("returned something else than one picture for each picture");
  }
  if (purified.scalar_type() != images.scalar_type()) broken("changed the type of the values");
  const at::Tensor values = purified.detach();
  if (!at::isfinite(values).all().item<bool>()) broken("made a picture that is not finite");
  if (values.min().item<double>() < -kRangeTolerance ||
      values.max().item<double>() > 1 + kRangeTolerance) {
    broken("left [0,1]");
  }
}

at::Tensor Purifier::purify(const at::Tensor& images, const std::vector<Rng>& rows) const {
  check_purifier_input(images, rows, card_.name);
  const at::NoGradGuard no_grad;
  const std::int64_t written = times_written(images);
  at::Tensor purified = transform(images.detach(), rows);
  check_output(images, written, purified);
  return purified;
}

at::Tensor Purifier::purify_attached(const at::Tensor& images, const std::vector<Rng>& rows) const {
  if (!at::GradMode::is_enabled() || !images.requires_grad()) return purify(images, rows);
  check_purifier_input(images, rows, card_.name);
  const std::int64_t written = times_written(images);
  at::Tensor purified = attached(images, rows);
  check_output(images, written, purified);
  return purified;
}

at::Tensor Purifier::surrogate(const at::Tensor& images, const std::vector<Rng>& /*rows*/) const {
  return images;
}

at::Tensor Purifier::attached(const at::Tensor& images, const std::vector<Rng>& rows) const {
  if (card_.differentiable) return transform(images, rows);
  const at::Tensor exact = purify(images, rows), smooth = surrogate(images, rows);
  if (smooth.sizes() != exact.sizes()) {
    std::ostringstream what;
    what << "the purifier has no gradient, and its pictures of " << exact.sizes()
         << " differ in size from its surrogate's, " << smooth.sizes();
    throw Error(ErrorKind::kUsage,
                {what.str(), card_.name, "attack the model without the purifier (adaptive=false)"});
  }
  return with_gradient_of(exact, smooth);
}

std::vector<Rng> row_positions(const Rng& rng, const std::vector<std::string>& ids) {
  std::vector<Rng> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back(rng.child(id));
  return rows;
}

at::Tensor with_gradient_of(const at::Tensor& exact, const at::Tensor& smooth) {
  return exact.detach() + (smooth - smooth.detach());
}

void check_purifier_side(const at::Tensor& images, std::int64_t side, const std::string& who) {
  if (std::min(images.size(2), images.size(3)) >= side) return;
  throw Error(ErrorKind::kData,
              {"a picture of " + std::to_string(images.size(3)) + "x" +
                   std::to_string(images.size(2)) + " is too small",
               who, "both sides must have at least " + std::to_string(side) + " pixels"});
}

}  // namespace robiq
