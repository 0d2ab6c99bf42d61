#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/options/options.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {

/// Name -> factory for one interface. Filled before main() by ROBIQ_REGISTER, or when a plugin is
/// loaded; feeds `robiq list` and `robiq describe`.
template <class Interface>
class Registry {
 public:
  struct Entry {
    std::string name, summary, paper;
    std::vector<OptionDoc> options;
    std::function<std::unique_ptr<Interface>(const Params&)> make;
    std::string argument = "";  ///< option that NAME:ARGUMENT sets ("file" of csv:FILE); or none
    /// All options with the values that they have when these are given, in table order.
    std::function<std::vector<std::pair<std::string, OptionValue>>(const Params&)> values = {};
  };

  /// Defined once per interface, in its own .cpp.
  static Registry& instance();

  bool add(Entry entry) {
    const std::string name = entry.name;
    if (!entries_.emplace(name, std::move(entry)).second) duplicates_.push_back(name);
    return true;
  }

  /// \throws Error{kUsage} when no entry has that name; the message offers the nearest.
  [[nodiscard]] const Entry& find(std::string_view name, const std::string& where = "") const {
    if (!duplicates_.empty()) {
      throw Error(ErrorKind::kInternal, {"'" + duplicates_.front() + "' is registered twice",
                                         Interface::kNoun, "rename one of the two"});
    }
    const auto it = entries_.find(name);
    if (it != entries_.end()) return it->second;
    std::vector<std::string> known;
    for (const auto& [key, entry] : entries_) known.push_back(key);
    const std::string near = nearest_of(name, known);
    throw Error(
        ErrorKind::kUsage,
        {"no " + std::string(Interface::kNoun) + " is called '" + std::string(name) + "'", where,
         (near.empty() ? "" : "did you mean '" + near + "'? ") + "known: " + join(known, ", ")});
  }

  [[nodiscard]] std::unique_ptr<Interface> make(std::string_view name, const Params& params) const {
    return find(name).make(params);
  }

  /// parse_spec() for one of these entries: an ARGUMENT may hold a '='. \throws as both.
  [[nodiscard]] Spec parse(std::string_view text, const std::string& where) const {
    return settled(parse_spec(text, where), where);
  }

  /// \throws Error{kUsage} as find(), or when the entry takes no ARGUMENT or lacks it.
  [[nodiscard]] std::unique_ptr<Interface> make(const Spec& given, const std::string& where) const {
    const Entry& entry = find(given.name, where);
    const Spec spec = settled(given, where);
    Params params = spec.params;
    if (!spec.argument.empty()) {
      if (entry.argument.empty()) {
        throw Error(ErrorKind::kUsage,
                    {"'" + spec.argument + "' in '" + spec.text + "' lacks a '=', and " +
                         spec.name + " takes options of the form key=value only",
                     where, "write " + spec.name + ":key=value"});
      }
      if (params.contains(entry.argument)) {
        throw Error(ErrorKind::kUsage, {"'" + spec.text + "' gives '" + entry.argument + "' twice",
                                        where, "write it once"});
      }
      params[entry.argument] = {spec.argument, where + " " + spec.text};
    }
    return entry.make(params);
  }

  [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const {
    return entries_;
  }

 private:
  [[nodiscard]] Spec settled(Spec spec, const std::string& where) const {
    const Entry& entry = find(spec.name, where);
    if (entry.argument.empty()) return spec;
    std::vector<std::string> known;
    for (const OptionDoc& option : entry.options) known.push_back(option.name);
    return with_first_as_argument(std::move(spec), known);
  }

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> duplicates_;
};

/// An options struct for what takes no options.
struct NoOptions {
  static OptionTable<NoOptions> options() { return {}; }
};

/// Type must offer: kName, kSummary, kPaper; struct Options with options(); Type(Options). It may
/// offer kArgument, the option that NAME:ARGUMENT sets.
template <class Interface, class Type>
bool register_type() {
  std::string argument;
  if constexpr (requires { Type::kArgument; }) argument = Type::kArgument;
  return Registry<Interface>::instance().add(
      {.name = Type::kName,
       .summary = Type::kSummary,
       .paper = Type::kPaper,
       .options = document_options<typename Type::Options>(),
       .make = [](const Params& given) -> std::unique_ptr<Interface> {
         return std::make_unique<Type>(read_options<typename Type::Options>(given));
       },
       .argument = argument,
       .values =
           [](const Params& given) {
             return option_values(read_options<typename Type::Options>(given));
           }});
}

}  // namespace robiq

/// Put once at the end of the one file that implements Type.
#define ROBIQ_REGISTER(Interface, Type)                        \
  [[maybe_unused]] static const bool robiq_registered_##Type = \
      ::robiq::register_type<Interface, Type>()
