"""The one exception type that robiq raises by itself."""

from __future__ import annotations

import re


_WORDS = (
    ("--scale WORST:BEST", "scale=(worst, best)"),
    ("--fit enlarges", "score(file, fit=True) enlarges"),
    ("convert them with to_float()", "give float32 in [0,1], e.g. x.float() / 255"),
    ("convert pictures with to_float()", "give float32 in [0,1], e.g. x.float() / 255"),
)


_FLAG = re.compile(r"(?<![\w-])--([a-z][a-z-]*)( (?=[A-Z]))?")


def _in_python(hint: str) -> str:
    for words, ours in _WORDS:
        hint = hint.replace(words, ours)
    return _FLAG.sub(lambda flag: flag[1].replace("-", "_") + ("=" if flag[2] else ""), hint)


class Error(Exception):
    """What went wrong, where, and what to do.

    Attributes:
        what: what is wrong, with the offending value in it.
        where: file and line, option, picture or tensor; may be "".
        hint: what the reader can do about it; may be "".
        code: the exit code of the program for the same failure: 2 usage, 3 files, 4 weights and
            models, 5 device, 6 NaN or infinity, 70 a bug of robiq's.

    Example:
        >>> import robiq
        >>> try:
        ...     robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1), views=5)
        ... except robiq.Error as error:
        ...     print(error.what, "|", error.where, "|", error.code)
        views is 5 | robiq.wrap | 2
    """

    def __init__(self, what: str, where: str = "", hint: str = "", code: int = 70) -> None:
        super().__init__(what, where, hint, code)
        self.what = what
        self.where = where
        self.hint = hint
        self.code = code

    @classmethod
    def of_program(cls, what: str, where: str, hint: str, code: int) -> "Error":
        """Of robiq's C++, whose hints are written for the program: flags become arguments."""
        return cls(what, _in_python(where), _in_python(hint), code)

    def __str__(self) -> str:
        text = self.what
        if self.where:
            text += f" (in {self.where})"
        if self.hint:
            text += f"; {self.hint}"
        return text
