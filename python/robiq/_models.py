"""Models: robiq's own, and any callable of the user's."""

from __future__ import annotations

import os
from typing import Any, Optional, Tuple, Union

import torch

from . import _robiq
from ._arguments import as_bytes, as_pair, as_path, as_pictures, as_text, as_whole, kind_of, outside_inference
from ._error import Error

PathLike = Union[str, "os.PathLike[str]"]
Views = Union[None, Tuple[int, int, int], Tuple[str, int], Tuple[str, int, int]]

_SCALE_HINT = "give scale=(worst, best), two finite numbers"


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
            Error: 2 for an unknown name and where weights are needed and none were given, 4 for a
                file that is missing, damaged or does not fit, 5
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
            pixels = as_bytes(picture)
        else:
            pixels = _robiq.read_picture(os.fspath(picture))
        with outside_inference():
            return self._handle.score_bytes(pixels, str(views), bool(fit), as_whole(seed, "seed"))

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
