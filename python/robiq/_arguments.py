"""What users give: understood, or refused by its name and in one line, before C++ sees it."""

from __future__ import annotations

import math
from typing import Any

import torch

from ._error import Error

PICTURES = "pictures must be a torch tensor [N,3,H,W] of floats in [0,1]"


def kind_of(value: Any) -> str:
    """What a value is, in a word or two: "a list", "uint8 [3, 8, 8]"."""
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).replace('torch.', '')} {list(value.shape)}"
    if type(value).__module__.split(".")[0] == "numpy":
        return f"a NumPy {type(value).__name__}"
    name = type(value).__name__
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def as_pictures(images: Any, *, double: bool = False) -> torch.Tensor:
    """Pictures as every function takes them: float32 [N,3,H,W] in [0,1].

    Args:
        images: what the user gave.
        double: whether float64 will do, too.

    Raises:
        Error: 3 for anything else.
    """
    if not isinstance(images, torch.Tensor) or images.dim() != 4 or images.shape[1] != 3:
        raise Error(f"{PICTURES}; this is {kind_of(images)}", "pictures", _way_to_pictures(images), 3)
    if images.dtype != torch.float32 and not (double and images.dtype == torch.float64):
        raise Error(f"{PICTURES}; this is {kind_of(images)}", "pictures", _way_to_floats(images), 3)
    if images.numel() == 0:
        raise Error(f"there are no pictures in {kind_of(images)}", "pictures", "give one or more", 3)
    low, high = (value.item() for value in images.detach().aminmax())
    if low >= 0 and high <= 1:
        return images
    if math.isnan(low):
        raise Error("a picture has a NaN", "pictures", "look for where it comes from", 3)
    raise Error(
        "a picture has values outside [0,1]",
        "pictures",
        f"they go from {low:.4g} to {high:.4g}; give x.clamp(0, 1), or x / 255 for values up to 255",
        3,
    )


def _way_to_pictures(images: Any) -> str:
    if isinstance(images, (list, tuple)):
        return "give torch.stack(pictures), where each is a tensor [3,H,W]"
    if isinstance(images, torch.Tensor):
        if images.dim() == 3:
            return "give picture[None] for one picture [3,H,W]"
        return "give x.permute(0, 3, 1, 2) for pictures [N,H,W,3]"
    return "give torch.from_numpy(x).permute(0, 3, 1, 2) / 255 for uint8 pictures [N,H,W,3]"


def _way_to_floats(images: torch.Tensor) -> str:
    return "give x.float() / 255" if images.dtype == torch.uint8 else "give x.float()"


def as_bytes(picture: Any) -> torch.Tensor:
    """The decoded pixels of one picture, uint8 [3,H,W].

    Raises:
        Error: 3 for anything else.
    """
    if (
        isinstance(picture, torch.Tensor)
        and picture.dtype == torch.uint8
        and picture.dim() == 3
        and picture.shape[0] == 3
        and picture.numel() > 0
    ):
        return picture
    raise Error(
        f"a picture must be a file or its pixels, uint8 [3,H,W]; this is {kind_of(picture)}",
        "picture",
        "give robiq.read_picture(FILE), or call model(pictures) for floats [N,3,H,W] in [0,1]",
        3,
    )


def as_labels(labels: Any, count: int, device: torch.device) -> torch.Tensor:
    """One label a picture: float32 [N] on the pictures' device.

    Raises:
        Error: 3 for what are no numbers, or another number of them.
    """
    try:
        made = torch.as_tensor(labels).detach().to(device, torch.float32)
    except (TypeError, ValueError, RuntimeError):
        made = None
    if made is not None and made.shape == (count,):
        return made
    raise Error(
        f"mos must be one number a picture, [{count}]; this is "
        + (kind_of(labels) if made is None else f"{list(made.shape)}"),
        "mos",
        "give a tensor [N] or a list of N numbers",
        3,
    )
