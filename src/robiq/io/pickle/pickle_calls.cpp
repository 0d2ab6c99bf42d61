// The pickle instructions that would import, call and set state in Python.
#include <array>

#include "robiq/core/error.h"
#include "robiq/io/pickle/pickle_machine.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace {

using Machine = PickleMachine;
using Kind = PickleSequence::Kind;

/// The names that the same things have had in other versions of Python and NumPy.
std::string present_name(const std::string& module, const std::string& name) {
  constexpr std::string_view kNumpy2 = "numpy._core";
  if (module == "__builtin__") return "builtins." + name;
  if (module.starts_with(kNumpy2)) return "numpy.core" + module.substr(kNumpy2.size()) + "." + name;
  return module + "." + name;
}

void push_global(Machine& m, const std::string& module, const std::string& name) {
  std::string full = present_name(module, name);
  if (!m.allows(full)) {
    throw Error(
        ErrorKind::kModel,
        {"the file asks for " + printable_name(module + "." + name) + ", which robiq does not run",
         m.input().source().name(),
         "if you trust where it comes from, open it in Python and save only its weights: "
         "torch.save(model.state_dict(), FILE)"});
  }
  m.push(PickleGlobal{std::move(full)});
}

void push_named_global(Machine& m) {
  const std::string module = m.input().line();
  push_global(m, module, m.input().line());
}

void push_stacked_global(Machine& m) {
  const PickleId name = m.pop();
  const PickleId module = m.pop();
  const auto* const name_text = std::get_if<PickleText>(&m.node(name));
  const auto* const module_text = std::get_if<PickleText>(&m.node(module));
  if (name_text == nullptr || module_text == nullptr) {
    m.input().refuse("its pickle asks for something by a value that is not a name");
  }
  push_global(m, module_text->text, name_text->text);
}

void push_call(Machine& m, PickleId function, PickleId arguments) {
  if (!std::holds_alternative<PickleGlobal>(m.node(function))) {
    m.input().refuse("its pickle calls something that is not a function");
  }
  const auto* const tuple = std::get_if<PickleSequence>(&m.node(arguments));
  if (tuple == nullptr || tuple->kind != Kind::kTuple) {
    m.input().refuse("its pickle calls a function with arguments that are not a tuple");
  }
  m.push(std::make_unique<PickleCall>(PickleCall{function, arguments, {}, {}}));
}

/// REDUCE and NEWOBJ: function or class, then a tuple.
void call(Machine& m) {
  const PickleId arguments = m.pop();
  const PickleId function = m.pop();
  push_call(m, function, arguments);
}

void call_with_keywords(Machine& m) {
  const PickleId keywords = m.pop();
  const auto* const dict = std::get_if<PickleDict>(&m.node(keywords));
  if (dict == nullptr || !dict->entries.empty()) {
    m.input().refuse("its pickle calls a function with arguments by name");
  }
  call(m);
}

/// Protocol 0's instances: the class's name, the arguments on the stack.
void call_named(Machine& m) {
  m.push(PickleSequence{Kind::kTuple, m.pop_values(m.pop_mark())});
  const PickleId arguments = m.pop();
  push_named_global(m);
  push_call(m, m.pop(), arguments);
}

/// Protocol 1's instances: class and arguments on the stack.
void call_marked(Machine& m) {
  const std::size_t values = m.pop_mark();
  if (values == 0) m.input().refuse("its pickle takes a value that is not there");
  m.push(PickleSequence{Kind::kTuple, m.pop_values(values - 1)});
  call(m);
}

void set_state(Machine& m) {
  const PickleId state = m.pop();
  auto* const instance = m.top_as<std::unique_ptr<PickleCall>>();
  if (instance == nullptr || (*instance)->state) {
    m.input().refuse("its pickle sets the state of what has none to set");
  }
  (*instance)->state = state;
}

void push_persistent(Machine& m) {
  const PickleId id = m.pop();
  m.push(PicklePersistent{id});
}

constexpr std::array<PickleInstruction, 10> kCalls{{
    {'c', push_named_global},
    {0x93, push_stacked_global},
    {'R', call},
    {0x81, call},
    {0x92, call_with_keywords},
    {'i', call_named},
    {'o', call_marked},
    {'b', set_state},
    {'Q', push_persistent},
    {'P',
     [](Machine& m) {
       m.push(PickleText{m.input().line()});
       push_persistent(m);
     }},
}};

}  // namespace

std::span<const PickleInstruction> pickle_calls() { return kCalls; }

}  // namespace robiq
