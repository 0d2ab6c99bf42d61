"""Refuses a PyTorch or a Python that the extension was not built for, before it is loaded: it would
crash, or name symbols that nobody can read."""

from __future__ import annotations

import sys

from . import _build


def check_fit(torch_version: str, python: str, cxx11_abi: bool) -> None:
    """Compares what is there with what robiq was built for.

    Args:
        torch_version: as torch.__version__, "2.6.0+cpu".
        python: "3.11".
        cxx11_abi: whether that PyTorch uses the new C++ ABI.

    Raises:
        ImportError: in one line, with what to do.
    """
    hint = "build it again with this Python and this PyTorch: pip install --no-build-isolation ."
    if python != _build.PYTHON:
        raise ImportError(f"robiq was built for Python {_build.PYTHON}, this is {python}; {hint}")
    built = ".".join(_build.LIBTORCH.split(".")[:2])
    here = ".".join(torch_version.split("+")[0].split(".")[:2])
    if here != built:
        raise ImportError(f"robiq was built for LibTorch {built}, this is {here}; {hint}")
    if cxx11_abi != _build.CXX11_ABI:
        raise ImportError(
            "robiq was built for the new C++ ABI, and this PyTorch uses the old one "
            "(_GLIBCXX_USE_CXX11_ABI=0); use PyTorch 2.7 or later, or Debian's python3-torch"
        )


def check_version(extension: str) -> None:
    """Compares the version of the Python files with that of the extension beside them.

    Raises:
        ImportError: where they come from two builds.
    """
    if extension != _build.VERSION:
        raise ImportError(
            f"robiq's Python files are of {_build.VERSION}, its extension is {extension}; "
            "install it again: pip install --force-reinstall --no-build-isolation ."
        )


def check_this() -> None:
    """check_fit() for the interpreter and the PyTorch that are running."""
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "robiq needs PyTorch, which this Python does not have; install python3-torch, or use "
            "the Python that has it"
        ) from error
    check_fit(
        torch.__version__,
        f"{sys.version_info.major}.{sys.version_info.minor}",
        torch.compiled_with_cxx11_abi(),
    )
