#include "robiq/io/pickle/pickle_machine.h"

#include <limits>

namespace robiq {
namespace {

constexpr PickleId kNothing = std::numeric_limits<PickleId>::max();

}  // namespace

PickleTree PickleMachine::result() {
  if (stack_.size() != 1 || !marks_.empty()) input_.refuse("its pickle leaves values unused");
  tree_.root = stack_.back();
  return std::move(tree_);
}

void PickleMachine::push(PickleNode value) {
  if (tree_.nodes.size() >= limits_.nodes) input_.refuse("its pickle has too many values");
  tree_.nodes.push_back(std::move(value));
  push_id(static_cast<PickleId>(tree_.nodes.size() - 1));
}

void PickleMachine::push_id(PickleId id) {
  count_push();
  stack_.push_back(id);
}

void PickleMachine::push_mark() {
  count_push();
  marks_.push_back(stack_.size());
}

PickleId PickleMachine::top() const {
  need(1);
  return stack_.back();
}

PickleId PickleMachine::pop() {
  const PickleId id = top();
  stack_.pop_back();
  return id;
}

std::vector<PickleId> PickleMachine::pop_values(std::size_t count) {
  need(count);
  std::vector<PickleId> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return values;
}

std::size_t PickleMachine::pop_mark() {
  if (marks_.empty()) input_.refuse("its pickle takes a mark that is not there");
  const std::size_t values = height();
  marks_.pop_back();
  return values;
}

void PickleMachine::discard() {
  if (height() == 0) {
    (void)pop_mark();
  } else {
    stack_.pop_back();
  }
}

// Picklers number the memo as they go, so an index beyond the bytes read is a lie.
void PickleMachine::put(std::uint64_t index) {
  need(1);
  if (index > limits_.nodes || index > input_.position()) {
    input_.refuse("a memo index in its pickle is too large to be true");
  }
  if (index >= memo_.size()) memo_.resize(index + 1, kNothing);
  if (memo_[index] == kNothing) ++memoized_;
  memo_[index] = stack_.back();
}

void PickleMachine::get(std::uint64_t index) {
  if (index >= memo_.size() || memo_[index] == kNothing) {
    input_.refuse("its pickle refers to a value that it did not keep");
  }
  push_id(memo_[index]);
}

std::size_t PickleMachine::height() const {
  return stack_.size() - (marks_.empty() ? 0 : marks_.back());
}

void PickleMachine::need(std::size_t values) const {
  if (height() < values) input_.refuse("its pickle takes a value that is not there");
}

void PickleMachine::count_push() {
  if (++pushes_ > limits_.pushes) input_.refuse("its pickle has too many values");
}

}  // namespace robiq
