"""Compile a function to machine code at its first call, and keep the code for later processes."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

from crmmigrate.compiled import LEAST_ROWS

__all__ = ["LEAST_ROWS", "compiled", "inlined"]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numpy arrays and numbers; it lets other threads run meanwhile.

    In a loop over rows hand numbers, not arrays, to other functions: each array that is handed over
    costs some 10 ns, as it is counted who holds it, even where the function is compiled in place.

    The machine code is kept beside the source or, where that folder is read-only, in the user's
    cache folder, and found again until the source changes. Where neither can be written to, it is
    compiled anew in each process.
    """
    try:
        return cast(
            "Callable[P, R]", numba.njit(cache=True, nogil=True, error_model="numpy")(function)
        )
    except RuntimeError:  # numba found no folder for its cache
        return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy")(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function into each function that calls it.

    A call between compiled functions counts the references to each array it hands over, which takes
    longer than the work of a small function.
    """
    return cast("Callable[P, R]", numba.njit(inline="always", error_model="numpy")(function))
