#pragma once
// Attacks and purifiers that are Python classes, in robiq's registries: their names and options
// then work wherever a spec does, and their options count in the identity of an evaluation.
#include "calls.h"
#include "robiq/core/options/registry.h"

namespace robiq::python {

/// One option of a Python class: its name, default, help, limits and unit.
struct PythonOption {
  std::string name, help, unit;
  OptionValue default_value;
  double least, greatest;
};

/// What robiq.register_attack and robiq.register_purifier found in a class.
struct PythonEntry {
  std::string name, summary, paper;
  std::vector<PythonOption> options;
  std::shared_ptr<SharedObject> make;  ///< called with the options as keywords: an instance
};

/// \param given  {"name", "summary", "paper", "options": [(name, default, help, low, high, unit)],
///               "make"}
[[nodiscard]] PythonEntry read_entry(const py::dict& given);

/// The options of an entry with the values that they have when `params` are given.
/// \throws Error{kUsage} for an unknown option, a wrong type or a value out of range
[[nodiscard]] std::vector<std::pair<std::string, OptionValue>> values_of(const PythonEntry& entry,
                                                                         const Params& params);

/// What `robiq describe` says of the options.
[[nodiscard]] std::vector<OptionDoc> documents_of(const PythonEntry& entry);

/// An instance of the class with these options. Call without the GIL.
[[nodiscard]] std::shared_ptr<SharedObject> instance_of(const PythonEntry& entry,
                                                        const Params& params);

/// Adds an entry, or puts it in the place of one that was added here: a notebook's cell runs more
/// than once. \throws Error{kUsage} for a name that robiq or a plugin has
template <class Interface, class Make>
void put_entry(const PythonEntry& entry, const Make& make) {
  static std::vector<std::string> ours;
  auto& registry = Registry<Interface>::instance();
  const auto known = registry.entries().find(entry.name);
  const bool replaced = std::find(ours.begin(), ours.end(), entry.name) != ours.end();
  if (known != registry.entries().end() && !replaced) {
    throw Error(ErrorKind::kUsage,
                {"robiq has " + std::string(Interface::kNoun) + " '" + entry.name + "' already",
                 entry.name, "give the class another name"});
  }
  typename Registry<Interface>::Entry added{
      .name = entry.name,
      .summary = entry.summary,
      .paper = entry.paper,
      .options = documents_of(entry),
      .make = [entry, make](const Params& params) { return make(entry, params); },
      .argument = "",
      .values = [entry](const Params& params) { return values_of(entry, params); }};
  if (replaced) {
    // The registry has no way to replace: plugins, its other source, are loaded once.
    const_cast<typename Registry<Interface>::Entry&>(known->second) = std::move(added);
    return;
  }
  ours.push_back(entry.name);
  registry.add(std::move(added));
}

}  // namespace robiq::python
