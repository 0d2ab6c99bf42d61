#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/io/pickle/pickle.h"
#include "robiq/io/pickle/pickle_view.h"
#include "robiq/io/torch/torch_storage.h"

namespace robiq {

/// Turns a pickle's nodes into Objects and its calls into what PyTorch, NumPy and Python would have
/// made of them. Cycles, depth beyond 100 and values that would be more than four million if what
/// is shared were written out are refused; so are tensors and bytes that together have more than
/// four times the file's size or 64 MiB, whichever is more.
class ObjectBuilder : public PickleView {
 public:
  /// \param storages  where tensors lie; nullptr when the file has none. All must outlive this.
  ObjectBuilder(const PickleTree& tree, const ByteSource& source, TorchStorages* storages);

  /// The pickle's value. \throws Error{kModel}.
  [[nodiscard]] ObjectPtr root() { return object(tree().root); }

  // For the functions that stand in for Python's; each \throws Error{kModel}.

  /// The value of a node; the same Object each time.
  [[nodiscard]] ObjectPtr object(PickleId id);
  [[nodiscard]] bool is_built(PickleId id) const { return built_[id] != nullptr; }
  [[nodiscard]] Object::List list(std::span<const PickleId> items);
  /// Of key, value, key, value ...; refuses keys that stand there twice or cannot be keys.
  [[nodiscard]] Object::Dict dict(std::span<const PickleId> entries);
  /// What _codecs.encode(text, "latin1") makes, which is how protocols below 3 write bytes.
  [[nodiscard]] std::string encoded(const PickleCall& call);
  /// Bytes in any form.
  [[nodiscard]] std::string bytes(PickleId id, std::string_view what);
  /// Takes so many bytes off what this file may cost.
  void charge(std::uint64_t bytes);
  [[nodiscard]] TorchStorages& storages() const;

 protected:
  [[nodiscard]] std::string place() const override;

 private:
  void count(std::uint64_t values);

  TorchStorages* storages_;
  std::vector<ObjectPtr> built_;
  std::vector<char> being_built_;
  std::vector<std::uint32_t> expanded_;  ///< how many values a built node stands for
  std::uint64_t expansion_ = 0;
  std::uint64_t bytes_left_;
  std::vector<std::string_view> path_;  ///< keys that lead to the value being built
  std::size_t depth_ = 0;
};

/// What stands in for one of Python's functions.
struct PickleFunction {
  std::string_view name;
  Object::Value (*make)(ObjectBuilder& builder, const PickleCall& call);
  bool takes_state = false;    ///< BUILD may follow
  bool takes_entries = false;  ///< SETITEMS may follow
};

[[nodiscard]] std::span<const PickleFunction> python_functions();
[[nodiscard]] std::span<const PickleFunction> torch_functions();
[[nodiscard]] std::span<const PickleFunction> numpy_functions();

/// Whether a pickle may name it: the functions above, and the types that they take.
[[nodiscard]] bool is_known_python_name(std::string_view name);

}  // namespace robiq
