"""Attacks and purifiers that are written in Python."""

from __future__ import annotations

import inspect
import math
from typing import Any, Dict, List, NamedTuple, Type, TypeVar, Union

import torch

from . import _robiq
from ._arguments import kind_of
from ._error import Error
from ._models import Model

OptionValue = Union[bool, int, float, str]


class Option(NamedTuple):
    """An option of an attack or a purifier that is written in Python.

    Attributes:
        default: a bool, an int, a float or a str; values that are given must have its type.
        help: one line for `robiq.describe`.
        low: least number that is allowed.
        high: greatest number that is allowed.
        unit: of the number, "of [0,1]".

    Example:
        >>> import robiq
        >>> robiq.Option(0.01, "radius of the ball", 0, 1, "of [0,1]").default
        0.01
    """

    default: OptionValue
    help: str = ""
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""


class AttackContext:
    """What perturb() may use beside model and pictures. Randomness comes from here alone: a row's
    depends on its id and the seed, not on the batch.

    Attributes:
        ids: names of the pictures, one a row.
        clean_scores: [N] scores of the pictures, on the model's scale.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self.ids: List[str] = context.ids()
        self.clean_scores: torch.Tensor = context.clean_scores()

    def noise(self, low: float, high: float, name: str = "noise") -> torch.Tensor:
        """Uniform numbers in [low, high), [N,3,H,W]; another name gives other numbers."""
        return self._context.noise(name, low, high)

    def generator(self, row: int) -> torch.Generator:
        """A generator on the CPU for one row, seeded by its id."""
        return torch.Generator().manual_seed(self._context.seed_of(row) % 2**63)

    def stop(self) -> bool:
        """True once the user has asked to stop: long loops then end with KeyboardInterrupt."""
        return self._context.stop()


class _Registered:
    """What attacks and purifiers in Python have in common: options become attributes."""

    name: str = ""
    paper: str = ""
    options: Dict[str, Option] = {}

    def __init__(self, **options: OptionValue) -> None:
        for key, option in self.options.items():
            setattr(self, key, options.get(key, option.default))

    @property
    def title(self) -> str:
        """In tables and figures."""
        return type(self).name


class Attack(_Registered):
    """Base of an attack that is written in Python; register it with robiq.register_attack.

    A subclass sets `name` and `options`, and writes perturb(). Its options are attributes of the
    instance.

    Attributes:
        name: what specs call it, "my-attack".
        options: Option by name. One called "epsilon" is taken for the l_inf budget in [0,1], which
            robiq checks.
        white_box: it uses gradients of the attacked model.
        score_only: it asks for scores and never for a gradient.
        uses_model: False for perturbations that are made beforehand.
        rank: its place among the attacks of a table, small ones first.

    Example:
        >>> import robiq
        >>> class Invert(robiq.Attack):
        ...     name = "invert"
        ...     white_box = False
        ...     def perturb(self, model, images, context):
        ...         return 1 - images
        >>> Invert().linf_budget
        1.0
    """

    white_box: bool = True
    score_only: bool = False
    uses_model: bool = True
    rank: int = 50

    def perturb(
        self, model: Model, images: torch.Tensor, context: AttackContext
    ) -> torch.Tensor:
        """Attacks some pictures together; a row's result must not depend on the other rows.

        Args:
            model: in evaluation mode, its parameters frozen; for this call only.
            images: float32 [N,3,H,W] in [0,1]; not to be written to.
            context: ids, clean scores, randomness.

        Returns:
            float32 of the same shape, in [0,1], within epsilon of `images`.
        """
        raise NotImplementedError

    @property
    def strength(self) -> str:
        """The option by which it grows stronger; "" for none."""
        return "epsilon" if "epsilon" in self.options else ""

    @property
    def linf_budget(self) -> float:
        """Largest change of a value that it may make; 1 where none is declared."""
        return float(getattr(self, "epsilon", 1.0))

    def _perturb(self, handle: Any, images: torch.Tensor, context: Any) -> torch.Tensor:
        with torch.enable_grad():
            return self.perturb(Model(handle, lent=True), images, AttackContext(context))


class Purifier(_Registered):
    """Base of a purifier that is written in Python; register it with robiq.register_purifier.

    Attributes:
        name: what specs call it.
        options: Option by name.
        randomised: it draws random numbers: scores are means over several draws.
        differentiable: autograd can follow purify(); False: attacks that know of it take its
            gradient for that of the identity.

    Example:
        >>> import robiq
        >>> class Shift(robiq.Purifier):
        ...     name = "shift"
        ...     options = {"columns": robiq.Option(1, "how far", 0, 64, "pixels")}
        ...     def purify(self, images, seeds):
        ...         return images.roll(self.columns, 3)
        >>> Shift(columns=3).columns
        3
    """

    randomised: bool = False
    differentiable: bool = True

    def purify(self, images: torch.Tensor, seeds: "list[int]") -> torch.Tensor:
        """Changes pictures before they are scored; a row depends on itself and its seed only.

        Args:
            images: float32 or float64 [N,3,H,W] in [0,1].
            seeds: one a row, below 2**63; for randomised purifiers.

        Returns:
            [N,3,h,w] in [0,1], of the same type.
        """
        raise NotImplementedError

    def _purify(self, images: torch.Tensor, seeds: "list[int]") -> torch.Tensor:
        return self.purify(images, [seed % 2**63 for seed in seeds])

AttackClass = TypeVar("AttackClass", bound=Type[Attack])

PurifierClass = TypeVar("PurifierClass", bound=Type[Purifier])


def _check_facts(cls: Any, where: str, base: Any) -> None:
    """What a class says of itself has the type that the base gives it."""
    for key, value in {**vars(_Registered), **vars(base)}.items():
        said, wanted = getattr(cls, key), type(value)
        if key.startswith("_") or wanted not in (bool, int, str, dict) or isinstance(said, property):
            continue
        if not isinstance(said, wanted) or (wanted is int and isinstance(said, bool)):
            raise Error(f"its {key} is {said!r}", where, f"give one of type {wanted.__name__}", 2)


def _entry(cls: Any, method: str, base: Any) -> "dict[str, Any]":
    if not inspect.isclass(cls) or not issubclass(cls, base):
        what = f"the class {cls.__name__}" if inspect.isclass(cls) else kind_of(cls)
        hint = f"give a class that is derived from robiq.{base.__name__}, not an instance"
        raise Error(f"{what} is no robiq.{base.__name__}", "register", hint, 2)
    where = f"class {cls.__name__}"
    _check_facts(cls, where, base)
    if not isinstance(cls.name, str) or not cls.name or not set(cls.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_"):
        raise Error(f"its name is {cls.name!r}", where, "set name = 'small-letters-and-dashes'", 2)
    if getattr(cls, method) is getattr(base, method):
        raise Error(f"it has no {method}()", where, f"write def {method}(self, ...)", 2)
    rows = []
    for key, option in cls.options.items():
        if not isinstance(option, Option):
            raise Error(f"its option {key!r} is no robiq.Option", where, "write Option(default, help)", 2)
        rows.append((key, option.default, option.help, float(option.low), float(option.high), option.unit))
    summary = inspect.cleandoc(cls.__doc__ or "").split("\n")[0]  # its own, not that of the base
    return {"name": cls.name, "summary": summary, "paper": cls.paper, "options": rows, "make": cls}


def register_attack(cls: AttackClass) -> AttackClass:
    """Makes an attack of Python one of robiq's: a class decorator.

    Its name then works in every spec, of attack(), evaluate() and the report; its options are
    checked, and count in the identity of an evaluation. Registering the name again replaces the
    class. robiq cannot see the code: give it an option `version` to tell two versions apart.

    Args:
        cls: a subclass of Attack.

    Returns:
        the same class.

    Raises:
        Error: 2 for a name that robiq has, or a class without perturb().

    Example:
        >>> import robiq, torch
        >>> @robiq.register_attack
        ... class Brighten(robiq.Attack):
        ...     '''adds a constant'''
        ...     name = "brighten"
        ...     options = {"epsilon": robiq.Option(0.01, "how much is added", 0, 1, "of [0,1]")}
        ...     white_box = False
        ...     def perturb(self, model, images, context):
        ...         return (images + self.epsilon).clamp(0, 1)
        >>> model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
        >>> made = robiq.attack("brighten:epsilon=0.25", model, torch.full((1, 3, 16, 16), 0.5))
        >>> made.after
        tensor([0.7500])
    """
    _robiq.register_attack(_entry(cls, "perturb", Attack))
    return cls


def register_purifier(cls: PurifierClass) -> PurifierClass:
    """Makes a purifier of Python one of robiq's: a class decorator, as register_attack().

    Args:
        cls: a subclass of Purifier.

    Returns:
        the same class.

    Raises:
        Error: 2 for a name that robiq has, or a class without purify().

    Example:
        >>> import robiq, torch
        >>> @robiq.register_purifier
        ... class Halve(robiq.Purifier):
        ...     '''halves all values'''
        ...     name = "halve"
        ...     def purify(self, images, seeds):
        ...         return images / 2
        >>> robiq.purify("halve", torch.ones(1, 3, 8, 8)).max()
        tensor(0.5000)
    """
    _robiq.register_purifier(_entry(cls, "purify", Purifier))
    return cls
