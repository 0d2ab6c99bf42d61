"""The one exception type that robiq raises by itself."""

from __future__ import annotations


class Error(Exception):
    """What went wrong, where, and how to mend it.

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

    def __str__(self) -> str:
        text = self.what
        if self.where:
            text += f" (in {self.where})"
        if self.hint:
            text += f"; {self.hint}"
        return text
