"""What is registered, and files that are read."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import torch

from . import _robiq
from ._arguments import as_path, as_text
from ._models import PathLike


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
