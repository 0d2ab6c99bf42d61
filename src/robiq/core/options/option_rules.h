#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// An option that changes nothing is a misunderstanding: it is refused, not passed over. For
/// `settle(T&, const Params& given)` of an options struct (core/options/options.h).
class OptionRules {
 public:
  /// \param given  what was written; what was not is never refused
  explicit OptionRules(const Params& given) : given_(given) {}

  [[nodiscard]] bool was_given(std::string_view name) const { return given_.contains(name); }

  /// Refuses those of `names` that were given, unless `used`.
  /// \param without  what would give them an effect: "--nt", "variant=fm-goat"
  /// \throws Error{kUsage} "option 'nt_weight' has no effect without --nt"
  void need(bool used, const std::vector<std::string_view>& names,
            const std::string& without) const;

  /// As need(), where something else makes them useless.
  /// \param beside  what it is: "--split-file, which says which picture is in which part"
  void clash(bool useless, const std::vector<std::string_view>& names,
             const std::string& beside) const;

 private:
  const Params& given_;
};

}  // namespace robiq
