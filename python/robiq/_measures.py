"""Measures, distances, certificates, readers, and what is registered."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional, Sequence, Union

import torch

from . import _robiq
from ._arguments import as_numbers, as_pictures, as_text
from ._models import PathLike

Numbers = Union[Sequence[float], torch.Tensor]


def metrics(
    *,
    mos: Optional[Numbers] = None,
    before: Optional[Numbers] = None,
    after: Optional[Numbers] = None,
    **options: Any,
) -> Dict[str, Any]:
    """The measures between MOS, scores before and scores after an attack, as `robiq metrics`.

    Args:
        mos: labels, one a picture.
        before: scores before the attack.
        after: scores after it; two of the three are needed.
        **options: beta_max (100) and beta_min (0), the ends of the scores' scale, for R; tau ("b"
            or "a"); mapping ("none", "logistic4", "logistic5"); bootstrap (1000 resamples for the
            95 % intervals, 0: none); seed.

    Returns:
        {"n": ..., "mos_before": {"rmse": ..., "srocc": ..., "srocc_low": ..., ...}, "mos_after":
        {...}, "before_after": {...}} with the blocks that the lists allow; None where undefined,
        with NAME_note beside it.

    Raises:
        Error: 2 for wrong options, 3 for lists that differ in length or have fewer than two scores.

    Example:
        >>> import robiq
        >>> made = robiq.metrics(mos=[10, 20, 30], before=[12, 19, 33], bootstrap=0)
        >>> made["mos_before"]["srocc"]
        1.0
    """
    lists = (("mos", mos), ("before", before), ("after", after))
    return json.loads(_robiq.metrics(*(as_numbers(values, name) for name, values in lists), options))


class Distance:
    """A distance or similarity of two pictures, its files read once.

    Example:
        >>> import robiq, torch
        >>> linf = robiq.Distance("linf")
        >>> linf(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5))
        tensor([0.5000])
    """

    def __init__(self, name: str, **options: Any) -> None:
        """
        Args:
            name: a registered one: robiq.list_entries("distances").
            **options: robiq.describe("distance", name); lpips and dists need their weights files.
        """
        name = as_text(name, "name", "give one of list_entries('distances')")
        self._distance = _robiq.distance(name, options)

    def __call__(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """[N] from two float32 [N,3,H,W] in [0,1] on one device; differentiable in both.

        Raises:
            Error: 3 for pictures outside [0,1], or of two shapes.
        """
        return self._distance.compare(as_pictures(a), as_pictures(b))

    @property
    def higher_is_closer(self) -> bool:
        """True for similarities, False for distances."""
        return self._distance.higher_is_closer()


def ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Structural similarity as the perceptual attack takes it, 1 for equal pictures.

    Args:
        a: float32 [N,3,H,W] in [0,1].
        b: likewise.

    Returns:
        [N], differentiable in both.

    Raises:
        Error: 3 for pictures outside [0,1], too small or of two shapes.

    Example:
        >>> import robiq, torch
        >>> robiq.ssim(torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16))
        tensor([1.])
    """
    return Distance("ssim")(a, b)


def ms_ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Multi-scale SSIM, 1 for equal pictures; both sides need 176 pixels or so.

    Args:
        a: float32 [N,3,H,W] in [0,1].
        b: likewise.

    Returns:
        [N], differentiable in both.

    Raises:
        Error: 3 for pictures outside [0,1], too small or of two shapes.

    Example:
        >>> import robiq, torch
        >>> picture = torch.rand(1, 3, 192, 192)
        >>> round(robiq.ms_ssim(picture, picture).item(), 4)
        1.0
    """
    return Distance("ms_ssim")(a, b)


def psnr(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio in decibels.

    Args:
        a: float32 [N,3,H,W] in [0,1].
        b: likewise.

    Returns:
        [N].

    Raises:
        Error: 3 for pictures outside [0,1] or of two shapes.

    Example:
        >>> import robiq, torch
        >>> round(robiq.psnr(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.1)).item(), 3)
        20.0
    """
    return Distance("psnr")(a, b)


def lpips(
    a: torch.Tensor, b: torch.Tensor, *, heads: PathLike, trunk: PathLike, net: str = "vgg"
) -> torch.Tensor:
    """LPIPS 0.1, 0 for equal pictures. For many calls, keep a Distance("lpips", ...).

    Args:
        a: float32 [N,3,H,W] in [0,1].
        b: likewise.
        heads: file of LPIPS's own weights for that network.
        trunk: file of the network's torchvision weights.
        net: "vgg", "alex" or "squeeze".

    Returns:
        [N], differentiable in both.

    Raises:
        Error: 4 for files that are missing or do not fit.

    Example:
        >>> import robiq, torch
        >>> a = torch.zeros(1, 3, 64, 64)
        >>> robiq.lpips(a, a, heads="none.pth", trunk="none.pth")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        robiq.Error: ...
    """
    return Distance("lpips", net=net, heads=heads, trunk=trunk)(a, b)


def dists(a: torch.Tensor, b: torch.Tensor, **files: Any) -> torch.Tensor:
    """DISTS, 0 for equal pictures. For many calls, keep a Distance("dists", ...).

    Args:
        a: float32 [N,3,H,W] in [0,1].
        b: likewise.
        **files: its weights: robiq.describe("distance", "dists").

    Returns:
        [N], differentiable in both.

    Raises:
        Error: 4 for files that are missing or do not fit.

    Example:
        >>> import robiq
        >>> sorted(row["option"] for row in robiq.describe("distance", "dists"))[:1]
        ['...']
    """
    return Distance("dists", **files)(a, b)
