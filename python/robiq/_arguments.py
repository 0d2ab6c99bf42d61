"""What users give: understood, or refused by its name and in one line, before C++ sees it."""

from __future__ import annotations

import contextlib
import math
import operator
import os
from typing import Any, Iterator, List, Optional, Tuple

import torch

from ._error import Error

PICTURES = "pictures must be a torch tensor [N,3,H,W] of floats in [0,1]"


@contextlib.contextmanager
def outside_inference() -> Iterator[None]:
    """Leaves torch.inference_mode() inside the block: robiq needs gradients of its own."""
    if not torch.is_inference_mode_enabled():
        yield
        return
    with torch.inference_mode(False), torch.no_grad():
        yield


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
        return _tracked(images)
    if math.isnan(low):
        raise Error("a picture has a NaN", "pictures", "look for where it comes from", 3)
    raise Error(
        "a picture has values outside [0,1]",
        "pictures",
        f"they go from {low:.4g} to {high:.4g}; give x.clamp(0, 1), or x / 255 for values up to 255",
        3,
    )


def _tracked(images: torch.Tensor) -> torch.Tensor:
    """A copy of what torch.inference_mode() made: autograd cannot use it."""
    if not images.is_inference():
        return images
    with torch.inference_mode(False):
        return images.clone()


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


def as_numbers(values: Any, name: str, count: Optional[int] = None) -> List[float]:
    """Numbers from a list, an array or a tensor; none from None.

    Args:
        values: what the user gave.
        name: of the argument.
        count: how many there must be; None: any number.

    Raises:
        Error: 3 for anything else.
    """
    if values is None:
        return []
    wanted = "numbers" if count is None else f"{count} numbers, one a picture"
    try:
        made = [] if isinstance(values, (str, bytes)) else [float(value) for value in values]
    except (TypeError, ValueError, RuntimeError):
        made = []
    if isinstance(values, (str, bytes)) or (not made and not _is_empty(values)):
        raise Error(f"{name} must be {wanted}; this is {kind_of(values)}", name, "give a list of numbers", 3)
    if count is not None and len(made) != count:
        raise Error(f"{name} must be {wanted}; these are {len(made)}", name, "give one a picture", 3)
    return made


def _is_empty(values: Any) -> bool:
    return hasattr(values, "__len__") and not getattr(values, "shape", (0,)) == () and len(values) == 0


def as_number(value: Any, name: str) -> float:
    """A finite number. Raises Error 2 for anything else."""
    try:
        made = math.nan if isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError, RuntimeError):
        made = math.nan
    if math.isfinite(made):
        return made
    raise Error(f"{name} is {value!r}", name, "give a finite number", 2)


def as_whole(value: Any, name: str, least: int = -(2**63)) -> int:
    """A whole number of 64 bits. Raises Error 2 for anything else."""
    try:
        made = operator.index(value)
    except TypeError:
        made = least - 1
    if least <= made < 2**63 and not isinstance(value, bool):
        return made
    more = "" if least < 0 else f" of {least} or more"
    raise Error(f"{name} is {value!r}", name, f"give a whole number{more}", 2)


def as_pair(values: Any, name: str, hint: str) -> Tuple[float, float]:
    """Two finite numbers. Raises Error 2 for anything else."""
    try:
        given = tuple(values)
    except TypeError:
        given = ()
    if len(given) == 2 and not isinstance(values, (str, bytes)):
        return as_number(given[0], name), as_number(given[1], name)
    raise Error(f"{name} is {values!r}", name, hint, 2)


def as_text(value: Any, name: str, hint: str) -> str:
    """A text. Raises Error 2 for anything else."""
    if isinstance(value, str):
        return value
    raise Error(f"{name} must be a text; this is {kind_of(value)}", name, hint, 2)


def as_path(value: Any, name: str = "file") -> str:
    """The name of a file or a folder. Raises Error 2 for anything else."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    raise Error(f"{name} must be a path; this is {kind_of(value)}", name, "give a str or a pathlib.Path", 2)


def as_names(ids: Any, count: int) -> List[str]:
    """A name for each picture; "0", "1", ... from None. Raises Error 2 for others."""
    if ids is None:
        return [str(index) for index in range(count)]
    if isinstance(ids, (str, bytes)) or not hasattr(ids, "__iter__"):
        raise Error(f"ids must be a list of names; this is {kind_of(ids)}", "ids", "give ids=['a', 'b']", 2)
    names = [str(name) for name in ids]
    if len(names) == count and len(set(names)) == count:
        return names
    what = "two ids are equal" if len(names) == count else f"{len(names)} ids for {count} pictures"
    raise Error(what, "ids", "give each picture a name of its own", 2)
