// The extension module robiq._robiq. What users call, with its types and documentation, is in
// python/robiq/*.py; here is only what those files ask of C++.
#include "attacks.h"
#include "model_handle.h"

PYBIND11_MODULE(_robiq, module) {
  namespace python = robiq::python;
  python::bind_errors(module);
  python::bind_messages(module);
  python::bind_models(module);
  python::bind_attacks(module);
  python::bind_python_attacks(module);
  python::bind_walks(module);
  python::bind_purifiers(module);
  python::bind_training(module);
  python::bind_evaluation(module);
  python::bind_measures(module);
}
