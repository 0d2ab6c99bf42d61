"""Intervals that no small change of a picture takes a score out of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import torch

from . import _robiq
from ._arguments import as_number, as_pictures, as_whole, outside_inference
from ._models import Model, as_model


@dataclass(frozen=True)
class Certificate:
    """What holds for every change of a picture up to an l2 radius. Scores are native; bounds are of
    the smoothed scores, not of `score`.

    Attributes:
        score: the model's score of the picture.
        smoothed_score: the median of its scores under noise.
        low: least smoothed score within the radius; None where so few samples give no bound.
        high: greatest, likewise.
        radius: l2, in units of [0,1].
        radius_linf: the l_inf ball inside it.
        largest_radius: up to which so many samples give bounds.
        smoothed_mean: the mean of the scores under noise, clamped to the scale.
        mean_low: its least value within the radius.
        mean_high: its greatest.
        bin_low: lower edge of the bin that most noisy copies fall into; None of the lowest bin, and
            where no bins were asked for or no bin is certain.
        bin_high: upper edge, likewise.
        bin_radius: l2, up to which most of them stay in it; None where none is certain.
        passes: forward passes that were made.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> made = robiq.certify(model, torch.full((1, 3, 16, 16), 0.5), radius=0.1, samples=200,
        ...                      confidence=0.9)
        >>> made.radius, made.high - made.low < 100
        (0.1, True)
    """

    score: float
    smoothed_score: float
    low: Optional[float]
    high: Optional[float]
    radius: float
    radius_linf: float
    largest_radius: float
    smoothed_mean: float
    mean_low: float
    mean_high: float
    bin_low: Optional[float]
    bin_high: Optional[float]
    bin_radius: Optional[float]
    passes: int


def certify(
    model: Model,
    image: torch.Tensor,
    *,
    radius: float = 0.05,
    sigma: float = 0.12,
    samples: int = 1000,
    confidence: float = 0.999,
    bins: int = 0,
    seed: int = 0,
    id: str = "0",
) -> Certificate:
    """Bounds of a smoothed score that no change within a radius can leave.

    Args:
        model: of wrap() or Model.load(); scores `image` as it is, without views.
        image: float32 [1,3,H,W] in [0,1].
        radius: l2, in units of [0,1].
        sigma: standard deviation of the noise, likewise.
        samples: noisy copies that are scored.
        confidence: of each bound, below 1.
        bins: equal ones on the model's scale, of which one is certified; 0: none.
        seed: of the noise.
        id: the picture's name, on which its noise depends.

    Returns:
        the bounds.

    Raises:
        Error: 2 for values out of range, 3 for a picture outside [0,1].
        KeyboardInterrupt: after Ctrl-C.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> made = robiq.certify(model, torch.full((1, 3, 16, 16), 0.5), samples=200, confidence=0.9)
        >>> made.low < made.smoothed_score < made.high
        True
    """
    with outside_inference():
        row = _robiq.certify(
            as_model(model)._handle,
            as_pictures(image),
            as_number(radius, "radius"),
            as_number(sigma, "sigma"),
            as_whole(samples, "samples"),
            as_number(confidence, "confidence"),
            as_whole(bins, "bins"),
            as_whole(seed, "seed"),
            str(id),
        )
    return Certificate(**row)
