#include "calls.h"

#include <signal.h>
#include <torch/csrc/Exceptions.h>

#include <mutex>
#include <utility>

#include "robiq/app/run/error_boundary.h"
#include "robiq/core/stop.h"

namespace robiq::python {
namespace {

struct sigaction python_handler {};

void on_interrupt(int number, siginfo_t* info, void* context) {
  set_stop_requested(true);
  if ((python_handler.sa_flags & SA_SIGINFO) != 0) {
    python_handler.sa_sigaction(number, info, context);
  } else if (python_handler.sa_handler != SIG_DFL && python_handler.sa_handler != SIG_IGN) {
    python_handler.sa_handler(number);
  }
}

/// Ours is in place while any thread is in call(): calls may overlap.
class ScopedInterrupts {
 public:
  ScopedInterrupts() {
    const std::scoped_lock lock(mutex());
    if (count()++ > 0) return;
    struct sigaction ours {};
    ours.sa_sigaction = on_interrupt;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGINT, nullptr, &python_handler);
    if ((python_handler.sa_flags & SA_SIGINFO) != 0 || python_handler.sa_handler != SIG_IGN) {
      ::sigaction(SIGINT, &ours, nullptr);
    }
  }
  ~ScopedInterrupts() {
    const std::scoped_lock lock(mutex());
    if (--count() > 0) return;
    ::sigaction(SIGINT, &python_handler, nullptr);
    set_stop_requested(false);
  }
  ScopedInterrupts(const ScopedInterrupts&) = delete;
  ScopedInterrupts& operator=(const ScopedInterrupts&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex the_mutex;
    return the_mutex;
  }
  static int& count() {
    static int the_count = 0;
    return the_count;
  }
};

/// Python's handler may have one of its own to raise; in other threads than the first it raises
/// nothing.
[[noreturn]] void raise_keyboard_interrupt(const std::string& advice) {
  if (PyErr_CheckSignals() == 0) PyErr_SetString(PyExc_KeyboardInterrupt, advice.c_str());
  throw py::error_already_set();
}

}  // namespace

void call(const std::function<void()>& work) {
  std::string advice;
  bool interrupted = false;
  {
    const ScopedInterrupts interrupts;
    const py::gil_scoped_release released;
    try {
      within_error_boundary(work);
    } catch (const Interrupted& stopped) {
      interrupted = true;
      advice = stopped.what();
    }
  }
  if (interrupted) raise_keyboard_interrupt(advice);
}

void call_python(const std::function<void()>& work) {
  const py::gil_scoped_acquire held;
  try {
    work();
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_KeyboardInterrupt)) throw;
    set_stop_requested(true);
    throw Interrupted("stopped in a Python callable");
  }
}

void call_python_through(const std::function<void()>& work) {
  const py::gil_scoped_acquire held;
  try {
    work();
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_KeyboardInterrupt)) throw;
    set_stop_requested(true);
    work();
    PyErr_SetInterrupt();
  }
}

SharedObject::~SharedObject() {
  // At the very end there is no interpreter to ask.
  if (Py_IsInitialized() == 0) {
    static_cast<void>(object_.release());
    return;
  }
  const py::gil_scoped_acquire held;
  object_ = py::object();
}

namespace {

[[nodiscard]] OptionValue value_of(const py::handle& given, const std::string& name,
                                   const std::string& where) {
  if (py::isinstance<py::bool_>(given)) return given.cast<bool>();
  if (py::isinstance<py::int_>(given)) return given.cast<std::int64_t>();
  if (py::isinstance<py::float_>(given)) return given.cast<double>();
  if (py::isinstance<py::str>(given)) return given.cast<std::string>();
  if (py::hasattr(given, "__fspath__")) return given.attr("__fspath__")().cast<std::string>();
  if (py::isinstance<py::list>(given) || py::isinstance<py::tuple>(given)) {
    std::vector<std::string> texts;
    for (const py::handle& item : given) texts.push_back(py::str(item).cast<std::string>());
    return texts;
  }
  throw Error(ErrorKind::kUsage,
              {"the option '" + name + "' is a " +
                   py::str(py::type::of(given).attr("__name__")).cast<std::string>(),
               where, "give a bool, an int, a float, a str, a path or a list of str"});
}

}  // namespace

Params params_of(const py::dict& options, const std::string& where) {
  Params params;
  for (const auto& [key, value] : options) {
    if (value.is_none()) continue;
    const std::string name = py::str(key).cast<std::string>();
    params[name] = {value_of(value, name, where), where};
  }
  return params;
}

py::object object_of(const OptionValue& value) {
  return std::visit([](const auto& held) -> py::object { return py::cast(held); }, value);
}

void bind_errors(py::module_& module) {
  // The class itself is in robiq/_error.py; the module is told it once.
  static PyObject* error_class = nullptr;  // a reference that lives as long as the process
  module.def("set_error_class",
             [](const py::object& given) { error_class = py::object(given).release().ptr(); });
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Error& error) {
      const ErrorText& text = error.text();
      const py::object raised =
          py::handle(error_class)
              .attr("of_program")(text.what, text.where, text.hint, error.exit_code());
      PyErr_SetObject(error_class, raised.ptr());
    } catch (const Interrupted& stopped) {
      PyErr_SetString(PyExc_KeyboardInterrupt, stopped.what());
    } catch (python_error& error) {  // of an autograd function that is written in Python
      error.restore();
    }
  });
}

}  // namespace robiq::python
