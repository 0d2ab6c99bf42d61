#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

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

}  // namespace robiq
