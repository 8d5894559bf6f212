"""Arrays that nobody counts: for loops that hand their arrays on to other functions."""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import carray  # type: ignore[attr-defined]
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import inlined

__all__ = ["uncounted"]

Generate = Callable[[object, ir.IRBuilder, object, Sequence[ir.Value]], ir.Value]


@intrinsic
def _pointer(_context: object, _address: object) -> tuple[object, Generate]:
    """Take a number for an address."""

    def generate(
        _target: object, builder: ir.IRBuilder, _signature: object, args: Sequence[ir.Value]
    ) -> ir.Value:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.intp), generate


@inlined
def uncounted(array: NDArray[Any]) -> NDArray[Any]:
    """Return the same array without an owner; it must not outlive the one that was given.

    Handing an array to another function costs some 10 ns, because it is counted who holds it; for
    an array without an owner there is nothing to count.
    """
    pointer: object = _pointer(array.ctypes.data)  # type: ignore[call-arg]
    return carray(pointer, array.shape, array.dtype)
