"""Any callable of the user's as a robiq.Model."""

from __future__ import annotations

import math
from typing import Any, Callable, Optional, Sequence, Tuple, Union

import torch

from . import _robiq
from ._arguments import as_number, as_pair, as_text, as_whole
from ._error import Error
from ._models import Model, Views, _SCALE_HINT

_NONE = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

_NAMED = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


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
