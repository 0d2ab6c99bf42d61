#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace robiq {

/// A node of a PickleTree: its index.
using PickleId = std::uint32_t;

struct PickleText {
  std::string text;  ///< str, UTF-8
};
struct PickleBytes {
  std::string bytes;  ///< bytes, bytearray
};
struct PickleRaw {
  std::string bytes;  ///< Python 2's str: text or bytes, nobody knows
};
struct PickleSequence {
  enum class Kind { kTuple, kList, kSet } kind;
  std::vector<PickleId> items;
};
struct PickleDict {
  std::vector<PickleId> entries;  ///< key, value, key, value ...
};
struct PickleGlobal {
  std::string name;  ///< "module.name", one that the allow-list has
};
/// What Python would have called; robiq only writes it down.
struct PickleCall {
  PickleId function = 0;            ///< a PickleGlobal
  PickleId arguments = 0;           ///< a tuple
  std::optional<PickleId> state;    ///< what BUILD hands over
  std::vector<PickleId> entries{};  ///< set on the result: key, value, key, value ...
};
struct PicklePersistent {
  PickleId id = 0;  ///< what names the thing outside the pickle
};

using PickleNode = std::variant<std::monostate, bool, std::int64_t, double, PickleText, PickleBytes,
                                PickleRaw, PickleSequence, PickleDict, PickleGlobal,
                                std::unique_ptr<PickleCall>, PicklePersistent>;

/// A pickle's values as they refer to each other: nodes may be shared and may form cycles.
struct PickleTree {
  std::vector<PickleNode> nodes;
  PickleId root = 0;
};

}  // namespace robiq
