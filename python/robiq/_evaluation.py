"""Whole evaluations into a results database, and reports of them."""

from __future__ import annotations

import html
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import torch

from . import _robiq
from ._arguments import as_number, as_pair, as_path, as_text, kind_of, outside_inference
from ._error import Error
from ._messages import progress as shown_progress
from ._models import Model, PathLike, as_model
from ._training import kept_arithmetic

Picture = Union[PathLike, torch.Tensor, Any]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation measured. A notebook shows it as a table.

    Attributes:
        rows: two dicts an attack, of the blocks "mos_after" and "before_after", after one of
            the clean scores, whose block is "mos_before" and whose attack is "none": n, rmse, srocc,
            krocc, plcc, r, their intervals as NAME_low and NAME_high, and more.
        out: the run folder, which robiq.report() and `robiq report` take.

    Example:
        >>> import robiq, tempfile
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), name="mean")
        >>> run = robiq.evaluate(model, data="builtin:scenes=8,size=64", attacks=["fgsm"],
        ...                      out=tempfile.mkdtemp(), limit=4, bootstrap=0, progress=False)
        >>> [row["n"] for row in run.rows if row["block"] == "mos_after"]
        [4]
    """

    rows: List[Dict[str, Any]]
    out: str

    _columns = ("attack", "level", "block", "n", "rmse", "srocc", "krocc", "plcc", "r")

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self._columns)
        body = ""
        for row in self.rows:
            cells = (row.get(name) for name in self._columns)
            body += "<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in cells) + "</tr>"
        return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else html.escape(str(value))


class _Pictures:
    """A sequence of (name, picture, MOS), read when it is asked for."""

    def __init__(self, data: Any) -> None:
        if not hasattr(data, "__getitem__") and not hasattr(data, "__iter__"):
            hint = "give 'builtin', a .csv file, or (name, picture, MOS) of each picture"
            raise Error(f"the data is {kind_of(data)}", "data", hint, 3)
        self._data = data if hasattr(data, "__getitem__") and hasattr(data, "__len__") else list(data)
        self.rows: List[Tuple[str, float, str]] = []
        names = set()
        for index in range(len(self._data)):
            name, picture, mos = self._item(index)
            name = str(name)
            if name in names:
                raise Error(f"two pictures are called {name!r}", "data", "give each its own name", 3)
            names.add(name)
            path = os.fspath(picture) if isinstance(picture, (str, os.PathLike)) else ""
            self.rows.append((name, _label_of(mos, index), path))
        if not self.rows:
            raise Error("there are no pictures", "data", "give (name, picture, MOS) of each", 3)

    def _item(self, index: int) -> Any:
        try:
            item = self._data[index]
        except KeyError:
            what = f"the data is {kind_of(self._data)} without an item {index}"
            raise Error(what, "data", "give a list of (name, picture, MOS)", 3) from None
        if isinstance(item, (tuple, list)) and len(item) == 3:
            return item
        raise Error(f"item {index} is {kind_of(item)}", "data", "give (name, picture, MOS) of each", 3)

    def read(self, index: int) -> torch.Tensor:
        """uint8 [3,H,W] of a picture."""
        name, picture, _ = self._item(index)
        return _bytes_of(picture, str(name))


def _label_of(mos: Any, index: int) -> float:
    try:
        return as_number(mos, "mos")
    except Error as error:
        raise Error(f"the MOS of item {index} is {mos!r}", "data", error.hint, 3) from None


def _tensor_of(array: Any, name: str) -> torch.Tensor:
    """A copy: arrays may be read-only, or run backwards."""
    import numpy

    try:
        return torch.from_numpy(numpy.array(array, order="C"))
    except TypeError:
        raise _wrong_values(str(getattr(array, "dtype", "no numbers")), name) from None


def _wrong_values(kind: str, name: str) -> Error:
    return Error(f"its values are {kind}", name, "give uint8, or (x * 255).round() / 255 in [0,1]", 3)


def _bytes_of(picture: Any, name: str) -> torch.Tensor:
    if hasattr(picture, "convert") and hasattr(picture, "tobytes"):  # of Pillow
        if picture.mode[0] in "IF":  # Pillow would cut their values off at 255
            raise Error(f"its mode is {picture.mode}: more than 8 bits", name, "give its file instead", 3)
        rgb = picture.convert("RGB")
        flat = torch.frombuffer(bytearray(rgb.tobytes()), dtype=torch.uint8)
        return flat.view(rgb.height, rgb.width, 3).permute(2, 0, 1).contiguous()
    if hasattr(picture, "__array_interface__"):  # of NumPy, height by width by channels
        tensor = _tensor_of(picture, name)
        picture = tensor.permute(2, 0, 1) if tensor.dim() == 3 and tensor.shape[2] == 3 else tensor
    if not isinstance(picture, torch.Tensor) or picture.dim() != 3 or picture.shape[0] != 3:
        raise Error(
            f"it is a {type(picture).__name__}",
            name,
            "give a file, a Pillow image, a NumPy array [H,W,3] or a tensor [3,H,W]",
            3,
        )
    if picture.dtype == torch.uint8:
        return picture.detach().cpu().contiguous()
    if not picture.is_floating_point():  # whole numbers up to what?
        raise _wrong_values(str(picture.dtype).removeprefix("torch."), name)
    levels = picture.detach().cpu().float() * 255
    in_range = bool(((levels >= 0) & (levels <= 255)).all())  # not where there is a NaN
    if levels.numel() == 0 or not in_range or (levels - levels.round()).abs().max() > 1e-3:
        raise Error(
            "its values are not those of 8 bits",
            name,
            "give uint8, or (x * 255).round() / 255 in [0,1]: evaluations work on pictures as files",
            3,
        )
    return levels.round().to(torch.uint8).contiguous()


def _write_note(model: Model, folder: str) -> str:
    """What stands for a model of Python in the identity of an evaluation: its weights, how it is
    fed, and the version that the user gave."""
    note = {
        "name": model.name,
        "state_sha256": model._handle.state_sha256(),
        "version": model._version,
        "input": getattr(model, "_identity", {"spec": model._handle.facts()["spec"]}),
        "scale": model.scale,
    }
    folder = os.path.join(folder, "python")
    os.makedirs(folder, exist_ok=True)
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in model.name)[:60]
    file = os.path.join(folder, f"{stem}.json")
    with open(file + ".new", "w", encoding="utf-8") as out:
        json.dump(note, out, indent=1, sort_keys=True, default=str)
        out.write("\n")
    os.replace(file + ".new", file)
    return file


def _escaped(text: str) -> str:
    return text.replace(",", ",,")


def evaluate(
    model: Union[Model, str],
    *,
    data: Union[str, Sequence[Tuple[str, Picture, float]]],
    attacks: Sequence[str] = ("fgsm",),
    out: PathLike,
    mos_scale: Optional[Tuple[float, float]] = None,
    data_name: str = "pictures",
    progress: Optional[bool] = None,
    **options: Any,
) -> Evaluation:
    """Scores pictures clean and under attacks into a results database, as `robiq evaluate` does.

    Numbers are those of the program to the last bit for the same model, data and seed. A run goes on
    where an equal one was stopped. Ctrl-C keeps what was done.

    Args:
        model: of wrap() or Model.load(), or the name of one of robiq's, with weights=FILE.
        data: "builtin", "csv:FILE", "NAME:PATH" of a published set, a .csv file, or any sequence of
            (name, picture, MOS): files, Pillow images, NumPy arrays [H,W,3] of uint8, or tensors
            [3,H,W] of uint8 or in steps of 1/255.
        attacks: specs; those of register_attack() too.
        out: folder of the run.
        mos_scale: (worst, best) label of a sequence; None: the least and the greatest in it.
        data_name: what a sequence is called in the results.
        progress: show a bar; None: as set_progress() says.
        **options: those of `robiq evaluate` by their names in a configuration file: seed, split,
            limit, level, views, distance, purify, surrogate, save, bootstrap, ... A sequence has
            no split, and is taken whole unless split says otherwise.

    Returns:
        the measures and the folder.

    Raises:
        Error: as the program, with its exit code.
        KeyboardInterrupt: after Ctrl-C; call again to go on.

    Example:
        >>> import robiq, tempfile
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), name="mean")
        >>> run = robiq.evaluate(model, data="builtin:scenes=8,size=64", attacks=["fgsm"],
        ...                      out=tempfile.mkdtemp(), limit=4, bootstrap=0, progress=False)
        >>> sorted({row["block"] for row in run.rows})
        ['before_after', 'mos_after', 'mos_before']
    """
    folder = as_path(out, "out")
    if isinstance(attacks, str) or not hasattr(attacks, "__iter__"):
        what = "one text" if isinstance(attacks, str) else kind_of(attacks)
        raise Error(f"attacks is {what}", "robiq.evaluate", "give a list: attacks=['fgsm']", 2)
    specs = [as_text(spec, "attacks", "give specs: attacks=['fgsm']") for spec in attacks]
    given: Dict[str, Any] = dict(options, out=folder, attack=specs)
    given.setdefault("threads", torch.get_num_threads())
    handle = _name_model(model, folder, given)
    rows, reader = _name_data(data, mos_scale, data_name, given)
    command = "python: " + " ".join(sys.argv)
    with outside_inference(), kept_arithmetic(), shown_progress(progress):
        made = _robiq.evaluate(given, handle, rows, reader, command)
    return Evaluation(json.loads(made), folder)


def _name_model(model: Union[Model, str], folder: str, given: Dict[str, Any]) -> Any:
    """Puts the model into the options. Returns the handle of one that is not as in its file."""
    if isinstance(model, str):
        given["model"] = model
        return None
    handle = as_model(model)._handle
    facts = handle.facts()
    given.setdefault("device", handle.device())
    if handle.is_as_loaded():
        given.update(model=facts["spec"], weights=facts["weights"])
        if facts["scale_given"]:
            given.setdefault("scale", facts["scale_given"])
        return None
    if "weights" in given:
        raise Error("weights has no effect: the model has its own", "weights", "leave it out", 2)
    given.setdefault("label", model.name)
    given.setdefault("scale", f"{facts['scale'][0]!r}:{facts['scale'][1]!r}")
    given["model"] = "python:" + _escaped(_write_note(model, folder))
    return handle


def _name_data(
    data: Any, mos_scale: Optional[Tuple[float, float]], name: str, given: Dict[str, Any]
) -> "tuple[list[Any], Any]":
    """Puts the data into the options. Returns the rows of a sequence and who reads them."""
    if isinstance(data, os.PathLike) or (isinstance(data, str) and data.endswith(".csv") and ":" not in data):
        data = "csv:" + _escaped(os.fspath(data))
    if isinstance(data, str):
        if mos_scale is not None:
            raise Error("mos_scale has no effect on a set that has its own", "mos_scale", "leave it out", 2)
        given["data"] = data
        return [], None
    pictures = _Pictures(data)
    labels = [mos for _, mos, _ in pictures.rows]
    worst, best = min(labels), max(labels)
    if mos_scale is not None:
        worst, best = as_pair(mos_scale, "mos_scale", "give (worst, best)")
    if worst == best:
        raise Error("all labels are equal", "data", "give mos_scale=(worst, best)", 3)
    given["data"] = f"python:{_escaped(name)},worst={worst!r},best={best!r}"
    given.setdefault("split", "all")
    return pictures.rows, pictures.read
