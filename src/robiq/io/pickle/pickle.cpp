#include "robiq/io/pickle/pickle.h"

#include <array>

#include "robiq/core/text/text.h"
#include "robiq/io/pickle/pickle_machine.h"

namespace robiq {
namespace {

using Machine = PickleMachine;

std::uint64_t decimal_index(Machine& m) {
  std::int64_t index = 0;
  if (!parse_integer(m.input().line(), index) || index < 0) {
    m.input().refuse("a memo index in its pickle is not a number");
  }
  return static_cast<std::uint64_t>(index);
}

void check_protocol(Machine& m) {
  if (m.input().byte() > 5) m.input().refuse("its pickle is of a protocol newer than 5");
}

/// Frames tell Python how much to read ahead; they carry no meaning.
void check_frame(Machine& m) {
  if (m.input().number<std::uint64_t>() > m.input().left()) {
    m.input().refuse("a frame of its pickle goes beyond the end");
  }
}

constexpr std::array<PickleInstruction, 14> kBookkeeping{{
    {0x80, check_protocol},
    {0x95, check_frame},
    {'(', [](Machine& m) { m.push_mark(); }},
    {'0', [](Machine& m) { m.discard(); }},
    {'1', [](Machine& m) { (void)m.pop_values(m.pop_mark()); }},
    {'2', [](Machine& m) { m.push_id(m.top()); }},
    {'p', [](Machine& m) { m.put(decimal_index(m)); }},
    {'q', [](Machine& m) { m.put(m.input().byte()); }},
    {'r', [](Machine& m) { m.put(m.input().number<std::uint32_t>()); }},
    {0x94, [](Machine& m) { m.put_next(); }},
    {'g', [](Machine& m) { m.get(decimal_index(m)); }},
    {'h', [](Machine& m) { m.get(m.input().byte()); }},
    {'j', [](Machine& m) { m.get(m.input().number<std::uint32_t>()); }},
    {0x98, [](Machine& m) { (void)m.top(); }},  // makes a buffer read-only
}};

using Table = std::array<void (*)(Machine&), 256>;

Table make_table() {
  Table table{};
  const auto add = [&](std::span<const PickleInstruction> instructions) {
    for (const PickleInstruction& instruction : instructions) {
      table[instruction.code] = instruction.run;
    }
  };
  add(kBookkeeping);
  add(pickle_literals());
  add(pickle_containers());
  add(pickle_calls());
  return table;
}

}  // namespace

PickleTree read_pickle(PickleInput& input, const PickleAllows& allows, const PickleLimits& limits) {
  static const Table kTable = make_table();
  PickleMachine machine(input, allows, limits);
  for (std::uint8_t code = input.byte(); code != '.'; code = input.byte()) {
    if (kTable[code] == nullptr) {
      input.refuse("its pickle has the unknown instruction " + std::to_string(code));
    }
    kTable[code](machine);
  }
  return machine.result();
}

}  // namespace robiq
