#pragma once
#include "calls.h"

namespace robiq::python {

/// attack.
void bind_attacks(py::module_& module);

/// register_attack, and the context that an attack in Python is given.
void bind_python_attacks(py::module_& module);

/// sign_ascent, perceptual_ascent.
void bind_walks(py::module_& module);

/// register_purifier, purify.
void bind_purifiers(py::module_& module);

/// gradient_norm_penalty, adversarial_batch.
void bind_training(py::module_& module);

/// evaluate, report.
void bind_evaluation(py::module_& module);

/// metrics, distances, certify, read_picture, load_weights, and what is registered.
void bind_measures(py::module_& module);

/// Where progress and messages go.
void bind_messages(py::module_& module);

}  // namespace robiq::python
