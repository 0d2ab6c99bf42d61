// The pickle instructions that make and fill tuples, lists, sets and dicts.
#include <array>

#include "robiq/io/pickle/pickle_machine.h"

namespace robiq {
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
    m.input().refuse("its pickle appends to what is no list");
  }
  sequence->items.insert(sequence->items.end(), values.begin(), values.end());
}

void set_items(Machine& m, std::size_t count) {
  const std::vector<PickleId> values = pop_entries(m, count);
  std::vector<PickleId>* entries = nullptr;
  if (auto* const dict = m.top_as<PickleDict>()) entries = &dict->entries;
  if (auto* const made = m.top_as<std::unique_ptr<PickleCall>>()) entries = &(*made)->entries;
  if (entries == nullptr) m.input().refuse("its pickle sets an item of what is no dict");
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
