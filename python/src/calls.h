#pragma once
// How Python calls C++ here and C++ calls Python: who holds the GIL, what becomes of exceptions,
// and how Ctrl-C ends long work. Every function of the module runs its work in call().
#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/utils/pybind.h>

#include <functional>
#include <string>

#include "robiq/core/error.h"
#include "robiq/core/options/params.h"

namespace robiq::python {

namespace py = pybind11;

/// Runs `work` without the GIL, which the autograd engine insists on and other threads need.
/// Exceptions of callables that `work` calls come out as they are; what LibTorch throws comes out
/// as Error (app/run/error_boundary.h); work that Ctrl-C ended comes out as KeyboardInterrupt.
/// While it runs, Ctrl-C also sets the flag of core/stop.h, and Python's own handler sees it too.
void call(const std::function<void()>& work);

/// call() with a result.
template <class Work>
auto called(const Work& work) {
  decltype(work()) result;
  call([&] { result = work(); });
  return result;
}

/// Runs `work` with the GIL, from C++ that has released it. A KeyboardInterrupt becomes
/// Interrupted, so that long work ends as it does in the program and keeps what it has.
void call_python(const std::function<void()>& work);

/// call_python() for what must be done though Ctrl-C has come, as putting a model back in a
/// destructor: does `work`, which may be begun twice, and leaves the KeyboardInterrupt to later.
void call_python_through(const std::function<void()>& work);

/// A Python object that may be dropped by a thread without the GIL.
class SharedObject {
 public:
  explicit SharedObject(py::object object) : object_(std::move(object)) {}
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  /// For holders of the GIL.
  [[nodiscard]] const py::object& get() const noexcept { return object_; }

 private:
  py::object object_;
};

/// Options as keyword arguments: bool, int, float, str, path, or a list of str.
/// \param where  named in errors, e.g. "robiq.evaluate"
[[nodiscard]] Params params_of(const py::dict& options, const std::string& where);

/// What Python calls `value` in an options struct.
[[nodiscard]] py::object object_of(const OptionValue& value);

/// Makes robiq.Error known, and turns C++ exceptions into it.
void bind_errors(py::module_& module);

}  // namespace robiq::python
