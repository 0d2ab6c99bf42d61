// The pickle instructions that make and fill tuples, lists, sets and dicts.
#include "robiq/io/pickle/pickle_machine.h"

#include <array>
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

namespace {

using Machine = PickleMachine;
using Kind = PickleSequence::Kind;

template <Kind kind>
void push_empty(Machine& m) {
  m.push(PickleSequence{kind, {}});
}

template <Kind kind>
void push_marked(Machine& m) {
  m.push(PickleSequence{kind, m.pop_values(m.pop_mark())});
}

template <std::size_t kItems>
void push_tuple(Machine& m) {
  m.push(PickleSequence{Kind::kTuple, m.pop_values(kItems)});
}

std::vector<PickleId> pop_entries(Machine& m, std::size_t values) {
  if (values % 2 != 0) m.input().refuse("a dict in its pickle has a key without a value");
  return m.pop_values(values);
}

void append(Machine& m, std::size_t count, Kind kind) {
  const std::vector<PickleId> values = m.pop_values(count);
  auto* const sequence = m.top_as<PickleSequence>();
  if (sequence == nullptr || sequence->kind != kind) {
    m.input().refuse("its pickle appends to what is not a list");
  }
  sequence->items.insert(sequence->items.end(), values.begin(), values.end());
}

void set_items(Machine& m, std::size_t count) {
  const std::vector<PickleId> values = pop_entries(m, count);
  std::vector<PickleId>* entries = nullptr;
  if (auto* const dict = m.top_as<PickleDict>()) entries = &dict->entries;
  if (auto* const instance = m.top_as<std::unique_ptr<PickleCall>>()) {
    entries = &(*instance)->entries;
  }
  if (entries == nullptr)
    m.input().refuse("its pickle sets an item of something that is not a dict");
  entries->insert(entries->end(), values.begin(), values.end());
}

constexpr std::array<PickleInstruction, 16> kContainers{{
    {')', push_empty<Kind::kTuple>},
    {']', push_empty<Kind::kList>},
    {0x8f, push_empty<Kind::kSet>},
    {'}', [](Machine& m) { m.push(PickleDict{}); }},
    {'t', push_marked<Kind::kTuple>},
    {'l', push_marked<Kind::kList>},
    {0x91, push_marked<Kind::kSet>},
    {'d', [](Machine& m) { m.push(PickleDict{pop_entries(m, m.pop_mark())}); }},
    {0x85, push_tuple<1>},
    {0x86, push_tuple<2>},
    {0x87, push_tuple<3>},
    {'a', [](Machine& m) { append(m, 1, Kind::kList); }},
    {'e', [](Machine& m) { append(m, m.pop_mark(), Kind::kList); }},
    {0x90, [](Machine& m) { append(m, m.pop_mark(), Kind::kSet); }},
    {'s', [](Machine& m) { set_items(m, 2); }},
    {'u', [](Machine& m) { set_items(m, m.pop_mark()); }},
}};

}  // namespace

std::span<const PickleInstruction> pickle_containers() { return kContainers; }

}  // namespace robiq
