"""Reports of evaluations: a page, tables, figures."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, List, Sequence, Union

from . import _robiq
from ._arguments import as_path
from ._error import Error
from ._evaluation import Evaluation
from ._models import PathLike


@dataclass(frozen=True)
class Report:
    """A report on disk. A notebook shows its page.

    Attributes:
        page: one self-contained HTML file.
        files: everything that was written, the page first.

    Example:
        >>> import robiq, tempfile
        >>> model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), name="mean")
        >>> run = robiq.evaluate(model, data="builtin:scenes=8,size=64", attacks=["fgsm"],
        ...                      out=tempfile.mkdtemp(), limit=4, bootstrap=0, progress=False)
        >>> report = robiq.report(run)
        >>> report.files[0] == report.page
        True
    """

    page: str
    files: List[str]

    def _repr_html_(self) -> str:
        with open(self.page, encoding="utf-8") as file:
            text = html.escape(file.read(), quote=True)
        return f'<iframe srcdoc="{text}" style="width:100%;height:800px;border:0"></iframe>'


def report(run: Union[Evaluation, PathLike, Sequence[PathLike]], **options: Any) -> Report:
    """Writes what run folders hold as a page, tables and figures, as `robiq report` does.

    Args:
        run: an Evaluation, a run folder, or several.
        **options: those of `robiq report`: out (by default report/ in the first folder), title,
            tables, figures, paper, compare, force.

    Returns:
        where it is; the last line of a notebook's cell shows it.

    Raises:
        Error: 2 for wrong options, 3 for a folder without results.

    Example:
        >>> import robiq
        >>> robiq.report("no-such-folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        robiq.Error: ...
    """
    runs = [run] if isinstance(run, (Evaluation, str)) or not hasattr(run, "__iter__") else list(run)
    if not runs:
        raise Error("no run folder is given", "run", "give an Evaluation, a run folder, or several", 2)
    folders = [one.out if isinstance(one, Evaluation) else as_path(one, "run") for one in runs]
    files = _robiq.report(dict(options, runs=folders))
    return Report(files[0], files)
