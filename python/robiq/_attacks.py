"""Attacks on tensors, and attacks and purifiers that are written in Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Union

import torch

from . import _robiq
from ._arguments import as_names, as_numbers, as_pictures, as_text, as_whole, outside_inference
from ._messages import progress as shown_progress
from ._models import Model, as_model


@dataclass(frozen=True)
class AttackResult:
    """Adversarial pictures, and what they cost. Scores are on the model's own scale.

    Attributes:
        images: float32 [N,3,H,W] in [0,1], not rounded, on the device of the pictures.
        before: [N] scores of the clean pictures.
        after: [N] scores of the attacked ones.
        after_8bit: [N] the same after rounding to 8 bits, as files have it.
        linf: [N] largest change of a value, of [0,1].
        l2: [N] euclidean length of the change.
        ssim: [N] structural similarity, 1 for equal pictures.
        psnr_db: [N] peak signal-to-noise ratio in decibels.
        forwards: forward passes that the attack spent, over all pictures together.
        backwards: backward passes likewise.
        seconds: time that the attack took.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> made = robiq.attack("fgsm:epsilon=0.01", model, torch.full((1, 3, 16, 16), 0.4))
        >>> made.linf, made.forwards, made.backwards
        (tensor([0.0100]), 1, 1)
    """

    images: torch.Tensor
    before: torch.Tensor
    after: torch.Tensor
    after_8bit: torch.Tensor
    linf: torch.Tensor
    l2: torch.Tensor
    ssim: torch.Tensor
    psnr_db: torch.Tensor
    forwards: int
    backwards: int
    seconds: float


def attack(
    spec: str,
    model: Model,
    images: torch.Tensor,
    *,
    ids: Optional[Sequence[str]] = None,
    views: Union[str, int] = "grid",
    seed: int = 0,
    mos: Optional[Sequence[float]] = None,
    surrogate: Optional[Model] = None,
    transfer: bool = False,
    progress: Optional[bool] = None,
) -> AttackResult:
    """Attacks pictures, each by itself; the model's parameters and mode are as before.

    The whole picture is attacked, through the views that its score is the mean of. A picture's
    result depends on its id, the seed and itself, not on the batch.

    Args:
        spec: a registered attack with options, "ifgsm:steps=10,epsilon=0.01"
            (robiq.list_entries("attacks"), robiq.describe("attack", "ifgsm")).
        model: of wrap() or Model.load().
        images: float32 [N,3,H,W] in [0,1]; stays on its device.
        ids: names, which seed what is random; by default "0", "1", ...
        views: as in Model.__call__, without "none".
        seed: of everything random.
        mos: labels on the model's scale, for attacks on the order of a set.
        surrogate: the model that black-box attacks see.
        transfer: make every attack that asks a model on the surrogate.
        progress: show a bar; None: as set_progress() says.

    Returns:
        the adversarial pictures, scores before and after, distances and passes.

    Raises:
        Error: 2 for a wrong spec, 3 for pictures outside [0,1], 4 for a model whose scores have
            another shape, no gradient or one value for all pictures, 6 for NaN.
        KeyboardInterrupt: after Ctrl-C.

    Example:
        >>> import robiq, torch
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
        >>> made = robiq.attack("ifgsm:steps=2,epsilon=0.02,step_size=0.01", model,
        ...                     torch.full((2, 3, 16, 16), 0.25))
        >>> made.after - made.before
        tensor([2.0000, 2.0000])
    """
    images = as_pictures(images)
    given = {
        "ids": as_names(ids, len(images)),
        "views": str(views),
        "seed": as_whole(seed, "seed"),
        "mos": as_numbers(mos, "mos", len(images)),
        "surrogate": None if surrogate is None else as_model(surrogate)._handle,
        "transfer": bool(transfer),
    }
    spec = as_text(spec, "spec", "give an attack, e.g. 'fgsm'")
    with outside_inference(), shown_progress(progress):
        return AttackResult(**_robiq.attack(spec, as_model(model)._handle, images, given))


def purify(
    spec: str, images: torch.Tensor, *, ids: Optional[Sequence[str]] = None, seed: int = 0
) -> torch.Tensor:
    """Runs a purifier, or several as "SPEC+SPEC", on pictures; gradients flow through it.

    Args:
        spec: "jpeg:quality=50" (robiq.list_entries("purifiers")).
        images: float32 [N,3,H,W] in [0,1].
        ids: names, which seed what is random; by default "0", "1", ...
        seed: of what is random.

    Returns:
        [N,3,h,w] in [0,1].

    Raises:
        Error: 2 for a wrong spec, 3 for pictures outside [0,1] or too small.

    Example:
        >>> import robiq, torch
        >>> robiq.purify("jpeg:quality=50", torch.full((1, 3, 16, 16), 0.5)).shape
        torch.Size([1, 3, 16, 16])
    """
    images = as_pictures(images, double=True)
    spec = as_text(spec, "spec", "give a purifier, e.g. 'jpeg:quality=50'")
    with outside_inference():
        return _robiq.purify(spec, images, as_names(ids, len(images)), as_whole(seed, "seed"))
