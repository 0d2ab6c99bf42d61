// What Python's own functions and classes make of what a pickle hands them.
#include <array>

#include "robiq/io/pickle/object_builder.h"

namespace robiq {
namespace {

/// Adds the entries of a dict, or of a list of pairs.
void gather(const ObjectBuilder& builder, PickleId from, std::vector<PickleId>& entries) {
  if (const auto* const dict = builder.as<PickleDict>(from)) {
    entries.insert(entries.end(), dict->entries.begin(), dict->entries.end());
    return;
  }
  for (const PickleId pair : builder.sequence(from, "what a dict is made of")) {
    const std::span<const PickleId> parts = builder.sequence(pair, "an entry of a dict");
    if (parts.size() != 2) builder.refuse("an entry of a dict is not a pair");
    entries.insert(entries.end(), parts.begin(), parts.end());
  }
}

/// dict, OrderedDict, Counter: of a dict or pairs, then filled. What BUILD adds to an OrderedDict
/// is PyTorch's `_metadata`, versions of the modules, which is left out.
Object::Value make_dict(ObjectBuilder& builder, const PickleCall& call) {
  std::vector<PickleId> entries;
  for (const PickleId from : builder.arguments(call, 0, 1)) gather(builder, from, entries);
  entries.insert(entries.end(), call.entries.begin(), call.entries.end());
  return builder.dict(entries);
}

/// As a dict: what it gives for keys it lacks is not kept.
Object::Value make_defaultdict(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 0, 2);
  std::vector<PickleId> entries;
  if (given.size() == 2) gather(builder, given[1], entries);
  entries.insert(entries.end(), call.entries.begin(), call.entries.end());
  return builder.dict(entries);
}

/// list, tuple, set, frozenset, torch.Size: of nothing or of one list.
Object::Value make_list(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 0, 1);
  if (given.empty()) return Object::List{};
  return builder.list(builder.sequence(given[0], "what a list is made of"));
}

Object::Value make_slice(ObjectBuilder& builder, const PickleCall& call) {
  return builder.list(builder.arguments(call, 3, 3));
}

/// _codecs.encode(text, "latin1"), which is how protocols below 3 write bytes.
Object::Value make_encoded(ObjectBuilder& builder, const PickleCall& call) {
  return Object::Bytes{builder.encoded(call)};
}

Object::Value make_bytes(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 0, 2);
  if (given.empty()) return Object::Bytes{};
  if (given.size() == 2) return make_encoded(builder, call);
  return Object::Bytes{builder.bytes(given[0], "the bytes of a bytearray")};
}

/// argparse.Namespace: its attributes as a dict.
Object::Value make_namespace(ObjectBuilder& builder, const PickleCall& call) {
  (void)builder.arguments(call, 0, 0);
  if (!call.state) return Object::Dict{};
  const auto* const attributes = builder.as<PickleDict>(*call.state);
  if (attributes == nullptr) builder.refuse("the attributes of a Namespace are not a dict");
  return builder.dict(attributes->entries);
}

constexpr std::array<PickleFunction, 13> kFunctions{{
    {"collections.OrderedDict", make_dict, true, true},
    {"collections.Counter", make_dict, false, true},
    {"collections.defaultdict", make_defaultdict, false, true},
    {"builtins.dict", make_dict, false, true},
    {"builtins.list", make_list},
    {"builtins.tuple", make_list},
    {"builtins.set", make_list},
    {"builtins.frozenset", make_list},
    {"builtins.slice", make_slice},
    {"builtins.bytes", make_bytes},
    {"builtins.bytearray", make_bytes},
    {"_codecs.encode", make_encoded},
    {"argparse.Namespace", make_namespace, true},
}};

}  // namespace

std::span<const PickleFunction> python_functions() { return kFunctions; }

}  // namespace robiq
