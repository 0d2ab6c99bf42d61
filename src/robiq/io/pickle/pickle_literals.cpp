// The pickle instructions that make numbers and texts.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "robiq/core/text/text.h"
#include "robiq/io/pickle/pickle_machine.h"
#include "robiq/io/pickle/pickle_view.h"

namespace robiq {
namespace {

using Machine = PickleMachine;

/// Protocol 0: 00 and 01 are False and True; Python 2's long ends with L.
void push_decimal(Machine& m) {
  const std::string line = m.input().line();
  if (line == "00" || line == "01") {
    m.push(line == "01");
    return;
  }
  const std::size_t suffix = line.ends_with('L') ? 1 : 0;
  std::int64_t value = 0;
  if (!parse_integer(std::string_view(line).substr(0, line.size() - suffix), value)) {
    m.input().refuse("its pickle holds an integer that does not fit in 64 bits");
  }
  m.push(value);
}

void push_decimal_double(Machine& m) {
  double value = 0;
  if (!parse_number(m.input().line(), value))
    m.input().refuse("its pickle holds a number that cannot be read");
  m.push(value);
}

void push_big_endian_double(Machine& m) {
  auto bytes = std::bit_cast<std::array<char, 8>>(m.input().number<std::uint64_t>());
  std::reverse(bytes.begin(), bytes.end());
  m.push(std::bit_cast<double>(bytes));
}

template <class T>
void push_number(Machine& m) {
  m.push(static_cast<std::int64_t>(m.input().number<T>()));
}

/// Two's complement of the length that a Length tells.
template <class Length>
void push_long(Machine& m) {
  const std::uint64_t bytes = m.input().number<Length>();
  if (bytes > sizeof(std::int64_t))
    m.input().refuse("its pickle holds an integer that does not fit in 64 bits");
  const std::string digits = m.input().take(bytes);
  const bool negative = bytes > 0 && (static_cast<unsigned char>(digits.back()) & 0x80) != 0;
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, digits.data(), digits.size());
  m.push(value);
}

/// A PickleText, PickleBytes or PickleRaw of the length that a Length tells.
template <class Value, class Length>
void push_counted(Machine& m) {
  m.push(Value{m.input().take(m.input().number<Length>())});
}

void push_quoted(Machine& m) {
  std::optional<std::string> bytes = unquote_python_string(m.input().line());
  if (!bytes) m.input().refuse("a text in its pickle is damaged");
  m.push(PickleRaw{std::move(*bytes)});
}

void push_escaped(Machine& m) {
  std::optional<std::string> text = decode_raw_unicode_escape(m.input().line());
  if (!text) m.input().refuse("a text in its pickle is damaged");
  m.push(PickleText{std::move(*text)});
}

constexpr std::array<PickleInstruction, 23> kLiterals{{
    {'N', [](Machine& m) { m.push(std::monostate{}); }},
    {0x88, [](Machine& m) { m.push(true); }},
    {0x89, [](Machine& m) { m.push(false); }},
    {'I', push_decimal},
    {'L', push_decimal},
    {'F', push_decimal_double},
    {'G', push_big_endian_double},
    {'K', push_number<std::uint8_t>},
    {'M', push_number<std::uint16_t>},
    {'J', push_number<std::int32_t>},
    {0x8a, push_long<std::uint8_t>},
    {0x8b, push_long<std::uint32_t>},
    {'S', push_quoted},
    {'T', push_counted<PickleRaw, std::uint32_t>},
    {'U', push_counted<PickleRaw, std::uint8_t>},
    {'V', push_escaped},
    {'X', push_counted<PickleText, std::uint32_t>},
    {0x8c, push_counted<PickleText, std::uint8_t>},
    {0x8d, push_counted<PickleText, std::uint64_t>},
    {'B', push_counted<PickleBytes, std::uint32_t>},
    {'C', push_counted<PickleBytes, std::uint8_t>},
    {0x8e, push_counted<PickleBytes, std::uint64_t>},
    {0x96, push_counted<PickleBytes, std::uint64_t>},
}};

}  // namespace

std::span<const PickleInstruction> pickle_literals() { return kLiterals; }

}  // namespace robiq
