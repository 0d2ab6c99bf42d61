#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/io/pickle/pickle_input.h"
#include "robiq/io/pickle/pickle_tree.h"

namespace robiq {

class Object;
/// Objects are shared, as Python's are: a list that stands in two places is one Object.
using ObjectPtr = std::shared_ptr<const Object>;

/// A plain Python value read from a file: None, bool, int, float, str, bytes, list or tuple, dict
/// (OrderedDict included), tensor (numpy arrays and scalars included). Never a cycle.
class Object {
 public:
  struct None {};
  struct Bytes {
    std::string bytes;
  };
  using List = std::vector<ObjectPtr>;                        ///< list, tuple, set
  using Dict = std::vector<std::pair<ObjectPtr, ObjectPtr>>;  ///< in the file's order
  using Value =
      std::variant<None, bool, std::int64_t, double, std::string, Bytes, List, Dict, at::Tensor>;

  explicit Object(Value held) : value(std::move(held)) {}

  Value value;

  /// The value as T, or nullptr when it is something else.
  template <class T>
  [[nodiscard]] const T* get_if() const {
    return std::get_if<T>(&value);
  }
  /// What stands under a text key of a dict; nullptr when this is no dict or has no such key.
  [[nodiscard]] const Object* find(const std::string& key) const;
};

/// What a pickle may cost. The defaults are several times what the largest checkpoints need.
struct PickleLimits {
  std::uint32_t nodes = 2'000'000;   ///< values made
  std::uint32_t pushes = 8'000'000;  ///< values put on the stack, shared ones again each time
};

/// Whether a pickle may name "module.name". Python 2's `__builtin__` and NumPy's `numpy._core` come
/// as `builtins` and `numpy.core`.
using PickleAllows = std::function<bool(std::string_view name)>;

/// Reads one pickle (protocols 0 to 5) from the input's place up to its STOP. Nothing is imported,
/// called or executed: calls become PickleCall nodes for the caller to make sense of, and a name
/// that is not allowed ends the reading at once. Time and memory are linear in the bytes read.
/// Format: Python's pickletools.
/// \throws Error{kModel} "the file asks for os.system, which robiq does not run"; or what is wrong.
[[nodiscard]] PickleTree read_pickle(PickleInput& input, const PickleAllows& allows,
                                     const PickleLimits& limits = {});

}  // namespace robiq
