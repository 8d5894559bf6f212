"""Compile a function to machine code at its first call, and keep the code for later processes."""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

from crmmigrate.compiled import LEAST_ROWS

__all__ = ["LEAST_ROWS", "compiled", "inlined", "inner"]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numpy arrays and numbers; it lets other threads run meanwhile.

    In a loop over rows hand numbers, not arrays, to other functions: each array that is handed over
    costs some 10 ns, as it is counted who holds it, even where the function is compiled in place.

    The machine code is kept beside the source or, where that folder is read-only, in the user's
    cache folder, and found again until the source changes, or that of a module it imports from. Where
    neither folder can be written to, it is compiled anew in each process.
    """
    try:
        kept = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder for its cache
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))
    # numba itself asks only whether the function's own file has changed
    file = kept._cache._cache_file  # type: ignore[attr-defined]  # noqa: SLF001
    file._source_stamp = (file._source_stamp, *_stamps(function.__module__, {}))  # noqa: SLF001
    return cast("Callable[P, R]", kept)


_IMPORTED = re.compile(r"^from (crmmigrate[.\w]*) import (\([^)]*\)|.*)", re.MULTILINE)


def _stamps(module: str, seen: dict[str, tuple[int, int]]) -> list[tuple[int, int]]:
    """Return time and size of the sources of a module and of all it imports from this package."""
    path = getattr(sys.modules.get(module), "__file__", None)
    if module in seen or path is None:
        return []
    text, found = _read_source(path)
    seen[module] = found
    for package, names in _IMPORTED.findall(text):
        _stamps(package, seen)
        for name in re.findall(r"\w+", names):
            _stamps(f"{package}.{name}", seen)
    return list(seen.values())


@cache
def _read_source(path: str) -> tuple[str, tuple[int, int]]:
    known = Path(path).stat()
    return Path(path).read_text(encoding="utf-8"), (known.st_mtime_ns, known.st_size)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function into each function that calls it.

    A call between compiled functions counts the references to each array it hands over, which takes
    longer than the work of a small function.
    """
    return cast("Callable[P, R]", numba.njit(inline="always", error_model="numpy")(function))


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled ones call.

    It has no entry for Python and is not kept by itself, because its machine code is part of theirs:
    there is less to compile and to write.
    """
    entries = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(
        "Callable[P, R]",
        numba.njit(nogil=True, error_model="numpy", **entries)(function),  # type: ignore[call-overload]
    )
