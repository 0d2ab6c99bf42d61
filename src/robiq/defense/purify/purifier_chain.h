#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/defense/purify/purifier.h"

namespace robiq {

/// Several purifiers, one after the other. Each stage has randomness of its own; the gradient is
/// the product of the stages' gradients.
class PurifierChain final : public Purifier {
 public:
  /// \param stages  at least one, none of them null
  /// \throws Error{kInternal} for an empty chain
  explicit PurifierChain(std::vector<std::unique_ptr<Purifier>> stages);

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& rows) const override;
  [[nodiscard]] at::Tensor attached(const at::Tensor& images,
                                    const std::vector<Rng>& rows) const override;

 private:
  std::vector<std::unique_ptr<Purifier>> stages_;
};

/// Makes what "SPEC" or "SPEC+SPEC" names: one registered purifier or a chain, the first spec
/// first. A '+' parts two specs where a letter follows it. \param where  named in errors, e.g.
/// "--purify" \throws Error{kUsage} for unknown names and wrong options
[[nodiscard]] std::unique_ptr<Purifier> make_purifier(std::string_view text,
                                                      const std::string& where);

}  // namespace robiq
