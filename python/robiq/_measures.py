"""Measures, distances, certificates, readers, and what is registered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Union

import torch

from . import _robiq
from ._arguments import as_number, as_numbers, as_path, as_pictures, as_text, as_whole, outside_inference
from ._error import Error
from ._models import Model, PathLike, as_model

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
    passes: int


def certify(
    model: Model,
    image: torch.Tensor,
    *,
    radius: float = 0.05,
    sigma: float = 0.12,
    samples: int = 1000,
    confidence: float = 0.999,
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
            as_whole(seed, "seed"),
            str(id),
        )
    return Certificate(**row)


def read_picture(file: PathLike) -> torch.Tensor:
    """The decoded pixels that robiq scores, as Pillow's convert("RGB") gives them.

    Pictures of 16 bits keep their high byte (value >> 8), grey and colour alike; Pillow's versions
    differ there.

    Args:
        file: JPEG, PNG, BMP, TIFF or WebP.

    Returns:
        uint8 [3,H,W]; divide by 255 for a picture in [0,1].

    Raises:
        Error: 3 for a file that is missing, damaged, or no picture.

    Example:
        >>> import robiq
        >>> robiq.read_picture("none.png")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        robiq.Error: ...
    """
    return _robiq.read_picture(as_path(file))


def load_weights(file: PathLike) -> Dict[str, torch.Tensor]:
    """The tensors of any checkpoint; nothing in the file is executed.

    Args:
        file: .safetensors, .pth, .pt, .pkl, .npz or .mat, told apart by their bytes. Dicts that
            training programs wrap around a state dict are opened.

    Returns:
        tensors by name, in the file's order.

    Raises:
        Error: 4 for a file that is missing, damaged, refused, or holds no named tensors.

    Example:
        >>> import robiq, torch, tempfile, os
        >>> file = os.path.join(tempfile.mkdtemp(), "net.pth")
        >>> torch.save({"state_dict": {"fc.bias": torch.zeros(2)}}, file)
        >>> robiq.load_weights(file)
        {'fc.bias': tensor([0., 0.])}
    """
    return _robiq.load_weights(as_path(file))[0]


def list_entries(kind: str = "") -> List[Dict[str, Any]]:
    """What is registered: name, summary and source of each.

    Args:
        kind: "models", "attacks", "defenses", "purifiers", "losses", "datasets", "measures" or
            "distances"; "": the kinds themselves.

    Returns:
        one dict a row.

    Raises:
        Error: 2 for another kind.

    Example:
        >>> import robiq
        >>> "ifgsm" in [row["name"] for row in robiq.list_entries("attacks")]
        True
    """
    return json.loads(_robiq.catalog(as_text(kind, "kind", "give e.g. 'attacks'")))


def describe(kind: str, name: str) -> List[Dict[str, Any]]:
    """The options of a registered entry: option, type, default, range, unit, help.

    Args:
        kind: "attack", "model", "purifier", ...
        name: of the entry.

    Returns:
        one dict an option.

    Raises:
        Error: 2 for what is not there.

    Example:
        >>> import robiq
        >>> [row["default"] for row in robiq.describe("attack", "fgsm") if row["option"] == "epsilon"]
        ['...']
    """
    kind = as_text(kind, "kind", "give e.g. 'attack'")
    return json.loads(_robiq.describe(kind, as_text(name, "name", "give one of list_entries()")))


def load_plugin(file: PathLike) -> None:
    """Loads a shared library that registers more models, attacks, defenses or data sets.

    Args:
        file: a .so that was built against this robiq (docs/library.md). It runs with your rights.

    Raises:
        Error: 2 with the system's reason.

    Example:
        >>> import robiq
        >>> robiq.load_plugin("none.so")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        robiq.Error: ...
    """
    _robiq.load_plugin(as_path(file))
