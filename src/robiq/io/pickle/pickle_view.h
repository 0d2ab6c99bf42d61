#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "robiq/io/byte_source.h"
#include "robiq/io/pickle/pickle_tree.h"

namespace robiq {

/// Looks at a pickle's nodes and refuses the file when they are not what they must be.
class PickleView {
 public:
  /// Both must outlive this.
  PickleView(const PickleTree& tree, const ByteSource& source) : tree_(tree), source_(source) {}
  virtual ~PickleView() = default;

  [[nodiscard]] const PickleTree& tree() const noexcept { return tree_; }
  [[nodiscard]] const ByteSource& source() const noexcept { return source_; }
  [[nodiscard]] const PickleNode& node(PickleId id) const { return tree_.nodes[id]; }

  template <class T>
  [[nodiscard]] const T* as(PickleId id) const {
    return std::get_if<T>(&node(id));
  }
  [[nodiscard]] bool is_none(PickleId id) const { return as<std::monostate>(id) != nullptr; }
  /// Of a call; nullptr when it is something else.
  [[nodiscard]] const PickleCall* call(PickleId id) const;
  [[nodiscard]] std::string_view function_of(const PickleCall& call) const;

  // Each \throws Error{kModel} saying that `what` is none.
  [[nodiscard]] std::int64_t integer(PickleId id, std::string_view what) const;
  /// A name: str or Python 2's str, UTF-8 without NUL, at most 1024 bytes.
  [[nodiscard]] std::string_view text(PickleId id, std::string_view what) const;
  [[nodiscard]] std::string_view global(PickleId id, std::string_view what) const;
  [[nodiscard]] std::span<const PickleId> sequence(PickleId id, std::string_view what) const;
  /// A call's arguments, of which there must be `least` to `most`.
  [[nodiscard]] std::span<const PickleId> arguments(const PickleCall& call, std::size_t least,
                                                    std::size_t most) const;

  [[noreturn]] void refuse(const std::string& problem) const { source_.refuse(problem, place()); }

 protected:
  /// Where in the value the view is just now, for messages: "model.conv1.weight".
  [[nodiscard]] virtual std::string place() const { return {}; }

 private:
  const PickleTree& tree_;
  const ByteSource& source_;
};

/// The bytes of a Python string literal in quotes ('a\x00b\n'), as protocol 0 writes str.
/// \return nothing when it is none
[[nodiscard]] std::optional<std::string> unquote_python_string(std::string_view literal);

/// UTF-8 of Latin-1 text with \uXXXX and \UXXXXXXXX escapes, as protocol 0 writes unicode.
/// \return nothing when an escape is malformed or no character
[[nodiscard]] std::optional<std::string> decode_raw_unicode_escape(std::string_view text);

/// One byte for each character of UTF-8 text, as Python's encode("latin1").
/// \return nothing when a character is above U+00FF
[[nodiscard]] std::optional<std::string> encode_latin1(std::string_view text);

}  // namespace robiq
