#pragma once
#include <string>
#include <vector>

#include "robiq/core/options/params.h"
#include "robiq/core/options/registry.h"

namespace robiq {

/// Specs of models and attacks, checked before what they name is made.

namespace detail {

/// \throws Error{kUsage} for an option that is none of `docs`, or an argument where there is none.
void check_spec_options(const Spec& spec, const std::vector<OptionDoc>& docs,
                        const std::string& argument, const std::string& where);

}  // namespace detail

/// Checks the name and the options' names without making the thing, which may take long or need
/// files.
/// \throws Error{kUsage} that offers the nearest
template <class Interface>
void check_spec(const Spec& spec, const std::string& where) {
  const auto& entry = Registry<Interface>::instance().find(spec.name, where);
  detail::check_spec_options(spec, entry.options, entry.argument, where);
}

/// Checks an attack; all but a perturbation still to be fitted is made for it.
/// \throws Error{kUsage}, Error{kData} for a file that cannot be read
void check_attack(const std::string& spec, const std::string& where);

/// However they are written. \throws Error{kUsage}
void check_no_attack_twice(const std::vector<std::string>& attacks, const std::string& where);

/// A model's label may not read as a model behind a purifier. \throws Error{kUsage}
void check_label(const std::string& label, const std::string& where);

/// Whether it is a universal perturbation without a file.
[[nodiscard]] bool needs_fitting(const std::string& spec);

/// Whether the attack asks a model while it works: the surrogate where there is one.
[[nodiscard]] bool asks_surrogate(const std::string& spec, bool transfer);

}  // namespace robiq
