"""The terms of robust training, for the user's own training loop."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Callable, Iterator, Optional, Tuple, Union

import torch

from . import _robiq
from ._arguments import as_labels, as_pictures, as_whole, kind_of, outside_inference
from ._error import Error
from ._models import Model, as_model

Loss = Union[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]


class _Arithmetic:
    """PyTorch's global settings of arithmetic, as they are when it is made."""

    def __init__(self) -> None:
        cudnn = torch.backends.cudnn
        settings = [(cudnn, "benchmark"), (cudnn, "deterministic")]
        if hasattr(cudnn, "fp32_precision"):  # from PyTorch 2.9, which does not let both be used
            settings += [(cudnn, "fp32_precision")]
        else:
            settings += [(cudnn, "allow_tf32"), (torch.backends.cuda.matmul, "allow_tf32")]
        self._settings = [(place, name, getattr(place, name)) for place, name in settings]
        self._deterministic = torch.are_deterministic_algorithms_enabled()
        self._warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
        self._threads = torch.get_num_threads()

    def restore(self) -> None:
        """Sets them again."""
        for place, name, value in self._settings:
            setattr(place, name, value)
        torch.use_deterministic_algorithms(self._deterministic, warn_only=self._warn_only)
        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)


_lock = threading.Lock()
_users = 0
_before: Optional[_Arithmetic] = None


@contextlib.contextmanager
def kept_arithmetic() -> Iterator[None]:
    """What robiq sets of PyTorch's global arithmetic is put back: the user's settings are his.

    Blocks of several threads may overlap: the first saves, and the last puts back.
    """
    global _users, _before
    with _lock:
        if _users == 0:
            _before = _Arithmetic()
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and _before is not None:
                _before.restore()


def gradient_norm_penalty(
    model: Model,
    images: torch.Tensor,
    scores: Optional[torch.Tensor] = None,
    *,
    mos: Optional[torch.Tensor] = None,
    seed: int = 0,
    rng_state: Optional[torch.Tensor] = None,
    **options: Any,
) -> torch.Tensor:
    """The NT term: the size of the score's gradient by the picture, to be added to a loss.

    Equal to what `robiq train --nt` adds, in value and in gradient. The model is a module of the
    user's in training mode as a rule: wrap() it once, outside the loop.

    Args:
        model: of wrap() or Model.load().
        images: float32 [N,3,H,W] in [0,1].
        scores: [N], what the model gave for `images`, attached to the graph: the pass is then shared
            with the task's loss. `images` must have required a gradient before that pass. None: one
            more pass is made.
        mos: [N] labels on the model's scale; for scale="label" only.
        seed: of the dropout masks, where `scores` is None: change it with every step.
        rng_state: torch.get_rng_state() from before the pass that gave `scores`
            (torch.cuda.get_rng_state() where the model is on a GPU). A module whose passes draw random
            numbers needs it, as dropout does: both points of the penalty must see the same masks.
        **options: weight (0.001), step (0.01), space ("normalized" or "pixel"), form ("square",
            "abs" or "exact"), batchnorm ("clean", "official" or "frozen"), scale ("raw" or
            "label"): robiq.describe("defense", "gradient-norm"). "official" and "frozen" change how
            the first pass normalises, and so need `scores` to be None.

    Returns:
        a scalar, weighted, attached to the graph.

    Raises:
        Error: 2 for options that cannot be understood or would have no effect, or scores that are no
            tensor [N], 3 for pictures outside [0,1] or mos that are not one number a picture.

    Example:
        >>> import robiq, torch
        >>> weight = torch.tensor(2.0, requires_grad=True)
        >>> model = robiq.wrap(lambda x: weight * x.mean((1, 2, 3)), scale=(0, 1))
        >>> images = torch.rand(2, 3, 8, 8).requires_grad_()
        >>> term = robiq.gradient_norm_penalty(model, images, model(images), space="pixel", weight=1)
        >>> round(term.item(), 3)  # the slope is 2: 2 * 2 / 2
        2.0
    """
    handle = as_model(model)._handle
    images = as_pictures(images)
    _check_penalty(images, scores, mos, options)
    if mos is not None:
        mos = as_labels(mos, len(images), images.device)
    if rng_state is not None and not isinstance(rng_state, torch.Tensor):
        what = f"rng_state must be a tensor; this is {kind_of(rng_state)}"
        raise Error(what, "robiq.gradient_norm_penalty", "give torch.get_rng_state()", 2)
    if scores is None and rng_state is not None:
        raise Error(
            "rng_state has no effect without scores", "robiq.gradient_norm_penalty", "leave it out", 2
        )
    with outside_inference(), kept_arithmetic():
        value, _, _ = _robiq.gradient_norm_penalty(
            handle, images, scores, mos, as_whole(seed, "seed"), rng_state, options
        )
    return value


def _check_penalty(
    images: torch.Tensor,
    scores: Optional[torch.Tensor],
    mos: Optional[torch.Tensor],
    options: "dict[str, Any]",
) -> None:
    where = "robiq.gradient_norm_penalty"
    label = options.get("scale", "raw") == "label"
    if label != (mos is not None):
        what = "scale='label' needs the labels" if label else "mos has no effect without scale='label'"
        raise Error(what, where, "give mos and scale='label' together", 2)
    if scores is None:
        return
    if not isinstance(scores, torch.Tensor) or scores.shape != (len(images),):
        what = f"scores must be a tensor [N], here [{len(images)}]; this is {kind_of(scores)}"
        raise Error(what, where, "give model(images), or your scores.squeeze(1)", 2)
    if options.get("batchnorm", "clean") != "clean":
        raise Error(
            f"batchnorm={options['batchnorm']!r} changes the pass that gave the scores",
            where,
            "leave scores out: robiq then makes that pass",
            2,
        )
    if not images.requires_grad or not scores.requires_grad:
        raise Error(
            "the scores have no gradient by the pictures",
            where,
            "call images.requires_grad_() before scores = model(images), without no_grad",
            2,
        )


def adversarial_batch(
    model: Model,
    images: torch.Tensor,
    mos: torch.Tensor,
    *,
    loss: Loss = "l1",
    seed: int = 0,
    **options: Any,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The batch that adversarial training takes in place of a clean one.

    Equal to what `robiq train --defense adversarial` trains on.

    Args:
        model: of wrap() or Model.load(); keeps its mode and its weights.
        images: float32 [N,3,H,W] in [0,1].
        mos: [N] labels on the model's scale: a tensor or a list.
        loss: what the attack raises: a registered loss (robiq.list_entries("losses")) or a callable
            of (scores [N], mos [N]) that returns a scalar.
        seed: of starts that are drawn at random: change it with every step.
        **options: method, epsilon, step_size, steps, start, projection, mode, labels, penalty,
            drop, clean, range, net, heads, trunk: robiq.describe("defense", "adversarial").

    Returns:
        (images, mos): the attacked pictures with their lowered labels, each followed by its clean
        one unless clean="no".

    Raises:
        Error: 2 for options that cannot be understood or would have no effect, 3 for pictures outside
            [0,1] or mos that are not one number a picture.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
        >>> images, mos = robiq.adversarial_batch(
        ...     model, torch.rand(2, 3, 32, 32), torch.tensor([0.2, 0.9]), labels="keep")
        >>> images.shape, mos
        (torch.Size([2, 3, 32, 32]), tensor([0.2000, 0.9000]))
    """
    handle = as_model(model)._handle
    if not isinstance(loss, str) and not callable(loss):
        raise Error(f"loss is {loss!r}", "loss", "give a name, e.g. 'l1', or a callable of (scores, mos)", 2)
    with outside_inference(), kept_arithmetic():
        images = as_pictures(images)
        labels = as_labels(mos, len(images), images.device)
        return _robiq.adversarial_batch(handle, images, labels, loss, as_whole(seed, "seed"), options)
