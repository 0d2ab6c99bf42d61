"""robiq: attacks, defends and evaluates no-reference image quality models, yours among them.

Pictures are float32 tensors [N,3,H,W], RGB, in [0,1], everywhere; scores are [N] on the model's own
scale. What goes wrong is a robiq.Error. docs/python.md shows each task.

Example:
    >>> import robiq, torch
    >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
    >>> made = robiq.attack("fgsm:epsilon=0.01", model, torch.full((1, 3, 32, 32), 0.4))
    >>> round((made.after - made.before).item(), 3)
    1.0
"""

from __future__ import annotations

from . import _fit

_fit.check_this()

from . import _robiq  # noqa: E402
from ._attacks import AttackResult, attack, purify  # noqa: E402
from ._catalog import describe, list_entries, load_plugin, load_weights, read_picture  # noqa: E402
from ._certificates import Certificate, certify  # noqa: E402
from ._error import Error  # noqa: E402
from ._evaluation import Evaluation, evaluate  # noqa: E402
from ._measures import Distance, dists, lpips, metrics, ms_ssim, psnr, ssim  # noqa: E402
from ._messages import set_progress  # noqa: E402
from ._models import Model  # noqa: E402
from ._promises import Promise, check  # noqa: E402
from ._registering import (  # noqa: E402
    Attack,
    AttackContext,
    Option,
    Purifier,
    register_attack,
    register_purifier,
)
from ._report import Report, report  # noqa: E402
from ._training import adversarial_batch, gradient_norm_penalty  # noqa: E402
from ._wrap import wrap  # noqa: E402

_robiq.set_error_class(Error)

__version__: str = _robiq.version()
_fit.check_version(__version__)

__all__ = [
    "Attack",
    "AttackContext",
    "AttackResult",
    "Certificate",
    "Distance",
    "Error",
    "Evaluation",
    "Model",
    "Option",
    "Promise",
    "Purifier",
    "Report",
    "__version__",
    "adversarial_batch",
    "attack",
    "certify",
    "check",
    "describe",
    "dists",
    "evaluate",
    "gradient_norm_penalty",
    "list_entries",
    "load_plugin",
    "load_weights",
    "lpips",
    "metrics",
    "ms_ssim",
    "psnr",
    "purify",
    "read_picture",
    "register_attack",
    "register_purifier",
    "report",
    "set_progress",
    "ssim",
    "wrap",
]
