#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "robiq/io/pickle/pickle.h"

namespace robiq {

/// The stack, marks, memo and values of Python's pickle machine: what its instructions work on.
/// Every function \throws Error{kModel} when the pickle asks for what is not there.
class PickleMachine {
 public:
  PickleMachine(PickleInput& input, const PickleAllows& allows, const PickleLimits& limits)
      : input_(input), allows_(allows), limits_(limits) {}

  [[nodiscard]] PickleInput& input() noexcept { return input_; }
  [[nodiscard]] bool allows(std::string_view name) const { return allows_(name); }
  /// The value that is left at the end, with all it refers to.
  [[nodiscard]] PickleTree result();

  /// Makes a value and puts it on the stack.
  void push(PickleNode value);
  void push_id(PickleId id);
  void push_mark();

  [[nodiscard]] PickleId top() const;
  /// The topmost value as a T; nullptr when it is something else.
  template <class T>
  [[nodiscard]] T* top_as() {
    return std::get_if<T>(&tree_.nodes[top()]);
  }
  [[nodiscard]] const PickleNode& node(PickleId id) const { return tree_.nodes[id]; }
  PickleId pop();
  /// The topmost values in their order, taken off.
  std::vector<PickleId> pop_values(std::size_t count);
  /// Takes the topmost mark away. \return how many values stand above it
  std::size_t pop_mark();
  /// Takes the topmost value away, or the topmost mark when nothing stands above it.
  void discard();

  void put(std::uint64_t index);
  void put_next() { put(memoized_); }
  void get(std::uint64_t index);

 private:
  /// Values above the topmost mark, or above the bottom.
  [[nodiscard]] std::size_t height() const;
  void need(std::size_t values) const;
  void count_push();

  PickleInput& input_;
  const PickleAllows& allows_;
  const PickleLimits& limits_;
  PickleTree tree_{};
  std::vector<PickleId> stack_{};
  std::vector<std::size_t> marks_{};
  std::vector<PickleId> memo_{};
  std::uint64_t memoized_ = 0;
  std::uint64_t pushes_ = 0;
};

/// One instruction: its byte, and what it does once that byte is taken.
struct PickleInstruction {
  std::uint8_t code;
  void (*run)(PickleMachine& machine);
};

[[nodiscard]] std::span<const PickleInstruction> pickle_literals();    ///< numbers and texts
[[nodiscard]] std::span<const PickleInstruction> pickle_containers();  ///< tuples, lists, dicts
[[nodiscard]] std::span<const PickleInstruction> pickle_calls();       ///< names, calls, states

}  // namespace robiq
