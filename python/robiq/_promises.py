"""Which promises of a quality model a model keeps."""

from __future__ import annotations

from typing import NamedTuple

import torch

from ._arguments import outside_inference
from ._error import _in_python
from ._models import Model, as_model


class Promise(NamedTuple):
    """One promise of a quality model, and whether a model keeps it.

    Attributes:
        promise: "scores each picture by itself".
        state: "kept", "broken" or "note" (not needed, or not checked because another is broken).
        needed_for: "scoring", "attacks and NT", "nt-form exact", "training", or "".
        finding: what was seen; scores in it are on the model's scale.
        hint: what to do; "" where it is kept.

    Example:
        >>> import robiq
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> first = robiq.check(model)[0]
        >>> first.promise, first.state, first.needed_for
        ('scores a float picture in [0,1]', 'kept', 'scoring')
    """

    promise: str
    state: str
    needed_for: str
    finding: str
    hint: str


def check(model: Model) -> "list[Promise]":
    """Tries the promises of a quality model on built-in pictures, as `robiq check-model` does.

    The model keeps its weights, its buffers and its mode.

    Args:
        model: of Model.load() or wrap().

    Returns:
        one Promise a line, in a fixed order; attacks need those of "scoring" and "attacks and NT".

    Raises:
        Error: 2 for what is no robiq.Model. What the model itself does wrong is a broken promise.
        KeyboardInterrupt: after Ctrl-C.

    Example:
        >>> import robiq
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> [p.promise for p in robiq.check(model) if p.state == "broken"]
        []
    """
    with outside_inference(), torch.enable_grad():
        rows = as_model(model)._handle.check()
    return [Promise(*row[:4], _hint_of(*row[4:])) for row in rows]


def _hint_of(hint: str, python_hint: str) -> str:
    """The program speaks of TorchScript files, Python of what was wrapped."""
    return python_hint or _in_python(hint)
