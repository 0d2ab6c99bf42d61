"""Models: robiq's own, and any callable of the user's."""

from __future__ import annotations

import math
import os
from typing import Any, Callable, NamedTuple, Optional, Sequence, Tuple, Union

import torch

from . import _robiq
from ._arguments import (
    as_bytes,
    as_number,
    as_pair,
    as_path,
    as_pictures,
    as_text,
    as_whole,
    kind_of,
    outside_inference,
)
from ._error import Error, _in_python

PathLike = Union[str, "os.PathLike[str]"]
Views = Union[None, Tuple[int, int, int], Tuple[str, int], Tuple[str, int, int]]

_NONE = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
_NAMED = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
_SCALE_HINT = "give scale=(worst, best), two finite numbers"


class Promise(NamedTuple):
    """One promise of a quality model, and whether a model keeps it.

    Attributes:
        promise: "scores each picture by itself".
        state: "kept", "broken" or "note" (not needed, or not checked because another is broken).
        needed_for: "scoring", "attacks and NT", "nt-form exact", "training", or "".
        finding: what was seen; scores in it are on the model's scale.
        hint: how to mend it; "" where it is kept.

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


class Model:
    """A quality model: pictures in, one score a picture out. Made by Model.load() and wrap().

    Call it as a function; gradients flow to the pictures and to its parameters. Models around one
    module or callable take turns, so that threads may share it.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
        >>> pictures = torch.rand(2, 3, 16, 16, requires_grad=True)
        >>> model(pictures).sum().backward()
        >>> pictures.grad.shape
        torch.Size([2, 3, 16, 16])
    """

    def __init__(self, handle: Any, version: str = "", *, lent: bool = False) -> None:
        self._handle = handle
        self._version = version
        self._lent = lent  # to an attack, whose probes may lie outside [0,1]

    @staticmethod
    def load(
        model: str,
        weights: Optional[PathLike] = None,
        *,
        scale: Optional[Tuple[float, float]] = None,
        device: str = "auto",
    ) -> "Model":
        """Loads one of robiq's models, in evaluation mode.

        Args:
            model: its name with options, "hyperiqa" or "torchscript:FILE,worst=0,best=10"
                (robiq.list_entries("models") names all).
            weights: its checkpoint: robiq's own .safetensors, or the authors' file in any container
                of the field; nothing in it is executed. Models that come in a file need none.
            scale: (worst, best) of its scores, in place of what the checkpoint says.
            device: "cpu", "cuda", "cuda:N", or "auto": CUDA where there is one.

        Raises:
            Error: 2 for an unknown name, 4 for weights that are missing, damaged or do not fit, 5
                for a device that is not there.

        Example:
            >>> import robiq
            >>> robiq.Model.load("hyperiqa")  # doctest: +IGNORE_EXCEPTION_DETAIL
            Traceback (most recent call last):
            robiq.Error: no weights for hyperiqa
        """
        worst, best = (0.0, 0.0) if scale is None else as_pair(scale, "scale", _SCALE_HINT)
        ends = "" if scale is None else f"{worst!r}:{best!r}"
        file = "" if weights is None else as_path(weights, "weights")
        name = as_text(model, "model", "give a name, e.g. 'hyperiqa'")
        return Model(_robiq.load_model(name, file, ends, str(device)))

    def __call__(
        self, images: torch.Tensor, *, views: Union[str, int] = "grid", seed: int = 0
    ) -> torch.Tensor:
        """Scores pictures; differentiable, also twice.

        Args:
            images: float32 [N,3,H,W] in [0,1], on the model's device.
            views: how a picture becomes inputs of the model: "grid" (what the program does by
                default), "paper", how many of the grid's views at most, or "none": `images` are
                the inputs themselves, as a training loop has them.
            seed: of views that are drawn at random.

        Returns:
            float32 [N], on the model's own scale.

        Raises:
            Error: 3 for pictures outside [0,1] or that the model cannot take, 4 for a callable that returns
                anything but N scores, 6 for a score that is NaN or infinite.

        Example:
            >>> import robiq, torch
            >>> model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1), views=(8, 2, 2))
            >>> model(torch.full((1, 3, 16, 16), 0.25))
            tensor([0.2500])
        """
        if not self._lent:
            images = as_pictures(images)
        with outside_inference():
            return self._handle.score(images, str(views), as_whole(seed, "seed"))

    def score(
        self,
        picture: Union[PathLike, torch.Tensor],
        *,
        views: Union[str, int] = "grid",
        fit: bool = False,
        seed: int = 0,
    ) -> float:
        """The score of one picture exactly as `robiq score` gives it; no gradient.

        Args:
            picture: a file, or its decoded pixels: uint8 [3,H,W] (robiq.read_picture).
            views: "grid", "paper" or how many at most.
            fit: enlarge a picture that is smaller than a crop of the model.
            seed: of views that are drawn at random.

        Returns:
            the score on the model's own scale.

        Raises:
            Error: 3 for a file that is missing or no picture, pixels that are no uint8 [3,H,W], or a
                picture that is too small.

        Example:
            >>> import robiq, torch
            >>> model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
            >>> model.score(torch.full((3, 16, 16), 51, dtype=torch.uint8))
            0.2000...
        """
        if not isinstance(picture, (str, os.PathLike)):
            pixels, name = as_bytes(picture), "0"
        else:
            name = os.fspath(picture)
            pixels = _robiq.read_picture(name)
        with outside_inference():
            return self._handle.score_bytes(pixels, str(views), bool(fit), as_whole(seed, "seed"), name)

    @property
    def name(self) -> str:
        """The registered name, or that given to wrap()."""
        return self._handle.facts()["name"]

    @property
    def scale(self) -> Tuple[float, float]:
        """(worst, best) of its scores; worst > best for difference scores."""
        return self._handle.facts()["scale"]

    @property
    def note(self) -> str:
        """How its weights were read, where there is something to say; else ""."""
        return self._handle.facts()["note"]

    @property
    def device(self) -> torch.device:
        """Where its parameters are."""
        return torch.device(self._handle.device())

    @property
    def training(self) -> bool:
        """Whether it is in training mode."""
        return self._handle.training()

    def parameters(self) -> "list[torch.Tensor]":
        """Its parameters, which share memory with the model; what an optimiser is given."""
        return self._handle.parameters()

    def state_dict(self) -> "dict[str, torch.Tensor]":
        """Parameters and buffers by name, which share memory with the model."""
        return self._handle.state()

    def load_state_dict(self, tensors: "dict[str, torch.Tensor]") -> None:
        """Copies tensors into the model.

        Raises:
            Error: 4 with what is missing, left over or misshapen; nothing is then loaded.
        """
        sound = hasattr(tensors, "items") and all(
            isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in tensors.items()
        )
        if not sound:
            raise Error(f"this is {kind_of(tensors)}, no tensors by name", "tensors", "give a state dict", 4)
        self._handle.load_state(dict(tensors))

    def train(self, mode: bool = True) -> "Model":
        """Training mode, or evaluation mode."""
        module = self._handle.module()
        if isinstance(module, torch.nn.Module):
            module.train(mode)
        else:
            self._handle.set_training(mode)
        return self

    def eval(self) -> "Model":
        """Evaluation mode."""
        return self.train(False)

    def to(self, device: Union[str, torch.device]) -> "Model":
        """Moves the model to a device: "cpu", "cuda" or "cuda:N"."""
        self._handle.move_to(str(device))
        return self

    def __repr__(self) -> str:
        worst, best = self.scale
        return f"<robiq.Model {self.name}, scores {worst:g} (worst) to {best:g} (best)>"


def as_model(model: Any) -> Model:
    """A Model as it is; anything else is refused with what to do."""
    if isinstance(model, Model):
        return model
    raise Error(
        f"the model is a {type(model).__name__}",
        "model",
        "give robiq.Model.load(NAME, weights=FILE), or robiq.wrap(yours, scale=(worst, best))",
        2,
    )


def wrap(
    module_or_callable: Callable[[torch.Tensor], Any],
    *,
    scale: Tuple[float, float],
    views: Views = None,
    normalize: Union[None, str, Tuple[Sequence[float], Sequence[float]]] = None,
    range: float = 1.0,
    channels: str = "rgb",
    resize: Optional[Tuple[int, int]] = None,
    min_side: int = 1,
    output: Union[None, int, str] = None,
    name: Optional[str] = None,
    version: str = "",
) -> Model:
    """Makes a user's model one of robiq's: attacks, penalties, evaluations and reports take it.

    The callable gets float32 [N,3,H,W] and returns [N] or [N,1] scores. What it is not, is refused
    when it is called, in one line: another shape, NaN, one score for all pictures, or scores without
    a gradient where an attack needs one. robiq.check() looks at everything at once.

    Args:
        module_or_callable: a torch.nn.Module, whose parameters, buffers and modes become the
            model's, or any callable.
        scale: (worst, best) of its scores; worst > best where lower is better. Budgets and measures
            speak the scale 0 (worst) to 100 (best) that follows.
        views: what it is given of a picture. None: all of it. (side, rows, columns): a grid of square
            crops. ("tiles", side): patches that cover it. ("random", side, count): crops at random
            places. The score is then the mean over the views.
        normalize: what it expects. None: pictures in [0,1]. "imagenet", "half" or (mean, stddev),
            three numbers each: robiq normalises before the call. The step of
            gradient_norm_penalty() is taken in that space; with None in [0,1].
        range: its input is multiplied by this after that: 255 for models of 0..255.
        channels: "rgb" or "bgr".
        resize: (height, width) to which whole pictures are brought first.
        min_side: least height and width that it takes, pixels.
        output: index or key of the scores, where it returns a tuple, a list or a dictionary.
        name: what it is called in results; by default the name of its class or function.
        version: counts in the identity of evaluations beside its weights: change it when its code
            changes, which robiq cannot see.

    Returns:
        the model; it holds `module_or_callable` itself, not a copy.

    Raises:
        Error: 2 for what cannot be understood, 4 for a scale without length.

    Example:
        >>> import robiq, torch
        >>> net = torch.nn.Sequential(torch.nn.Conv2d(3, 1, 3), torch.nn.AdaptiveAvgPool2d(1),
        ...                           torch.nn.Flatten())
        >>> model = robiq.wrap(net, scale=(0, 1), normalize="imagenet", name="tiny")
        >>> model
        <robiq.Model tiny, scores 0 (worst) to 1 (best)>
    """
    if not callable(module_or_callable):
        raise Error(
            f"a {type(module_or_callable).__name__} cannot be called",
            "robiq.wrap",
            "give a torch.nn.Module or a function of pictures",
            2,
        )
    mean, stddev = _constants(normalize)
    if channels not in ("rgb", "bgr"):
        raise Error(f"channels is {channels!r}", "robiq.wrap", "give 'rgb' or 'bgr'", 2)
    if not as_number(range, "range") > 0:
        raise Error(f"range is {range!r}", "robiq.wrap", "give a number above 0, e.g. 255", 2)
    worst, best = as_pair(scale, "scale", _SCALE_HINT)
    if worst == best:
        what = f"a score scale from {worst:g} to {best:g} has no length"
        raise Error(what, "scale", "give two different ends: scale=(worst, best)", 4)
    if name is not None:
        name = as_text(name, "name", "give what results are to call it")
    else:
        name = getattr(module_or_callable, "__name__", type(module_or_callable).__name__)
        name = "callable" if name == "<lambda>" else name
    card: "dict[str, Any]" = {
        "name": name,
        "scale": (worst, best),
        "mean": mean,
        "stddev": stddev,
        "normalised": normalize is not None,
        "range": float(range),
        "bgr": channels == "bgr",
        "output": output,
        "min_side": as_whole(min_side, "min_side", 1),
        "fixed_side": False,
        "resize": _resize(resize),
    }
    card.update(_views(views))
    model = Model(_robiq.wrap(module_or_callable, card), version)
    model._identity = {  # type: ignore[attr-defined]
        key: card[key] for key in sorted(card) if key not in ("name",)
    }
    return model


def _resize(resize: Any) -> "tuple[int, int]":
    if resize is None:
        return 0, 0
    if isinstance(resize, (tuple, list)) and len(resize) == 2:
        return as_whole(resize[0], "resize", 1), as_whole(resize[1], "resize", 1)
    raise Error(f"resize is {resize!r}", "robiq.wrap", "give (height, width)", 2)


def _constants(normalize: Any) -> "tuple[tuple[float, ...], tuple[float, ...]]":
    """(mean, stddev) of a normalisation."""
    if normalize is None:
        return _NONE
    if isinstance(normalize, str) and normalize in _NAMED:
        return _NAMED[normalize]
    try:
        mean, stddev = (tuple(float(value) for value in part) for part in normalize)
    except (TypeError, ValueError):
        mean, stddev = (), ()
    sound = all(map(math.isfinite, mean + stddev)) and all(value > 0 for value in stddev)
    if len(mean) == 3 and len(stddev) == 3 and sound:
        return mean, stddev
    raise Error(
        f"normalize is {normalize!r}",
        "robiq.wrap",
        "give None, 'imagenet', 'half', or (mean, stddev) with three numbers each",
        2,
    )


def _views(views: Any) -> "dict[str, Any]":
    """The card's entries for wrap(views=...)."""
    card: "dict[str, Any]" = {"views": "whole", "side": 0, "rows": 0, "columns": 0, "count": 0}
    if views is None:
        return card
    given = tuple(views) if isinstance(views, (tuple, list)) else (views,)
    given = given or (None,)
    numbers = given[1:] if isinstance(given[0], str) else given
    sound = all(type(value) is int and value > 0 for value in numbers)
    if sound and len(given) == 3 and not isinstance(given[0], str):
        card.update(views="grid", side=given[0], rows=given[1], columns=given[2])
    elif sound and len(given) == 2 and given[0] == "tiles":
        card.update(views="tiles", side=given[1])
    elif sound and len(given) == 3 and given[0] == "random":
        card.update(views="random", side=given[1], count=given[2])
    else:
        raise Error(
            f"views is {views!r}",
            "robiq.wrap",
            "give None, (side, rows, columns), ('tiles', side) or ('random', side, count)",
            2,
        )
    return card


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
    return [Promise(*row[:4], _hint_of(*row)) for row in rows]


_HINTS = {
    "scores a float picture in [0,1]": "mend what the module complains of",
    "takes any number of pictures": "write x.flatten(1), not x.view(1, -1)",
    "scores the same every time": "draw nothing at random in evaluation mode",
    "scores each picture by itself": "average over no batch in evaluation mode",
    "its scores lie inside its scale": "give wrap() or Model.load() scale=(worst, best)",
    "takes pictures of other sizes": "give wrap() views=(side, rows, columns) or resize=(height, width)",
    "has parameters to train": "wrap a torch.nn.Module whose parameters require a gradient",
    "has a training mode": "wrap a torch.nn.Module that switches with train() and eval()",
}


def _hint_of(promise: str, state: str, needed_for: str, finding: str, hint: str) -> str:
    """The program's hint, which speaks of TorchScript files, in the words of Python."""
    return _HINTS.get(promise, _in_python(hint)) if hint else ""
