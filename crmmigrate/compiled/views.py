"""Arrays that nobody counts: for loops that hand their arrays on to other functions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import carray  # type: ignore[attr-defined]
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from crmmigrate.compiled.columns import INLINE, Bytes, Views
from crmmigrate.compiled.compiler import compiled, inlined

__all__ = ["put_view", "text_at", "uncounted"]

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


@inlined
def text_at(views: Views, addresses: NDArray[np.int64], row: int) -> Bytes:
    """Return the bytes of a text of a `ViewedColumn`, an array without an owner.

    Hand over arrays without owners, too: see `uncounted`.
    """
    size = views[row, 0]
    address = views.ctypes.data + 16 * row + 4
    if size > INLINE:
        address = addresses[views[row, 2]] + views[row, 3]
    return carray(_pointer(address), size, np.uint8)  # type: ignore[call-arg]


@compiled
def put_view(views: Views, row: int, data: Bytes, begin: int, end: int, buffer: int) -> None:
    """Let the text of a row be `data[begin:end]`, where `data` is a buffer of the column's."""
    size = end - begin
    views[row, 0] = size
    for part in range(3):
        word = np.int64(0)
        for at in range(part * 4, min(part * 4 + 4, size)):
            word |= np.int64(data[begin + at]) << (8 * (at & 3))
        views[row, part + 1] = np.int32(word)
        if size > INLINE:
            views[row, 2], views[row, 3] = buffer, begin
            return
