"""Numbers for what is the same: words, or rows of numbers, known by a hash of 64 bits."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled

__all__ = ["number_hashes"]

_LEAST = 1 << 12


@compiled
def number_hashes(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Number distinct hashes in the order of their first appearance.

    Args:
        hashes: Well mixed in their low bits, as those of `mix` are.

    Returns:
        The number of each hash, and where each number appears first. Some 20 ns a hash, in
        memory for the distinct ones.
    """
    numbers = np.empty(len(hashes), np.int32)
    firsts = np.empty(len(hashes), np.int64)
    size, known = _LEAST, 0
    keys, held = np.empty(size, np.uint64), np.full(size, -1, np.int32)
    for row in range(len(hashes)):
        if known * 2 >= size:
            size *= 4
            keys, held = _grown(keys, held, size)
        at = _place(keys, held, hashes[row])
        if held[at] < 0:
            keys[at], held[at], firsts[known] = hashes[row], known, row
            known += 1
        numbers[row] = held[at]
    return numbers, firsts[:known].copy()


@compiled
def _place(keys: NDArray[np.uint64], held: NDArray[np.int32], wanted: np.uint64) -> int:
    """Return where a hash stands, or may be put."""
    last = len(keys) - 1
    at = int(np.int64(wanted) & last)
    while held[at] >= 0 and keys[at] != wanted:
        at = (at + 1) & last
    return at


@compiled
def _grown(
    keys: NDArray[np.uint64], held: NDArray[np.int32], size: int
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    more, where = np.empty(size, np.uint64), np.full(size, -1, np.int32)
    for at in range(len(keys)):
        if held[at] >= 0:
            to = _place(more, where, keys[at])
            more[to], where[to] = keys[at], held[at]
    return more, where
