#include <memory>

#include "attacks.h"
#include "robiq/core/front_end.h"
#include "robiq/core/stop.h"

namespace robiq::python {
namespace {

/// What a receiver raises must not end the work that only wanted to tell how far it is. Ctrl-C
/// does.
void tell(const SharedObject& receiver, const std::function<void(const py::object&)>& say) {
  const py::gil_scoped_acquire held;
  try {
    say(receiver.get());
  } catch (py::error_already_set& error) {
    if (error.matches(PyExc_KeyboardInterrupt)) {
      set_stop_requested(true);
    } else {
      error.discard_as_unraisable("a receiver of robiq's messages");
    }
  }
}

}  // namespace

void bind_messages(py::module_& module) {
  module.def("send_progress_to", [](const py::object& given) {
    const auto receiver = std::make_shared<SharedObject>(given);
    send_progress_to([receiver](const ProgressNote& note) {
      tell(*receiver, [&](const py::object& show) {
        show(reinterpret_cast<std::uintptr_t>(note.job), note.label, note.unit, note.done,
             note.total, note.extra, note.ended);
      });
    });
  });
  module.def("send_log_to", [](const py::object& given) {
    const auto receiver = std::make_shared<SharedObject>(given);
    log::send_to([receiver](log::Level level, const std::string& text) {
      tell(*receiver, [&](const py::object& show) { show(static_cast<int>(level), text); });
    });
  });
}

}  // namespace robiq::python
