"""Progress as a bar, messages as Python's logging."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any, Iterator, Optional

from . import _robiq

_logger = logging.getLogger("robiq")
_LEVELS = {0: logging.DEBUG, 1: logging.INFO, 2: logging.WARNING}
_shown = True
_here = threading.local()


def set_progress(shown: bool) -> None:
    """Shows progress bars of long work, or not, from now on; they are shown at first.

    Bars need tqdm: where it is not installed, nothing is shown. Messages go to the logger "robiq" of
    Python's logging, whatever is set here.

    Args:
        shown: True for bars, False for silence.

    Example:
        >>> import robiq
        >>> robiq.set_progress(False)
    """
    global _shown
    _shown = shown


@contextlib.contextmanager
def progress(shown: Optional[bool]) -> Iterator[None]:
    """As set_progress(), for the calls of this thread inside the block; None leaves it as it is."""
    before = getattr(_here, "shown", None)
    _here.shown = before if shown is None else shown
    try:
        yield
    finally:
        _here.shown = before


def _wanted() -> bool:
    own = getattr(_here, "shown", None)
    return _shown if own is None else bool(own)


class _Bars:
    """The bars of the jobs that are under way, by job number."""

    def __init__(self) -> None:
        self._bars: dict[int, Any] = {}
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._make: Any = tqdm

    def __call__(
        self, job: int, label: str, unit: str, done: int, total: int, extra: str, ended: bool
    ) -> None:
        if ended:
            bar = self._bars.pop(job, None)
            if bar is not None:
                bar.close()
            return
        if self._make is None or not _wanted():
            return
        bar = self._bars.get(job)
        if bar is None:
            bar = self._make(desc=label, unit=" " + unit, total=total, initial=done, leave=False)
            self._bars[job] = bar
        bar.n = done
        if extra:
            bar.set_postfix_str(extra, refresh=False)
        bar.refresh()


def _log(level: int, text: str) -> None:
    _logger.log(_LEVELS.get(level, logging.WARNING), "%s", text)


_robiq.send_progress_to(_Bars())
_robiq.send_log_to(_log)
