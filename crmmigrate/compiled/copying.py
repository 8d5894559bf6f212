"""Copy short pieces of bytes."""

import numpy as np

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled

__all__ = ["BLOCK", "copy_bytes"]

BLOCK = 8
"""Bytes that are copied at once; so many more than is asked for must have room in the copy."""


@compiled
def copy_bytes(data: Bytes, begin: int, end: int, written: Bytes, to: int) -> int:
    """Copy `data[begin:end]` to `written[to:]`, return where the copy ends.

    Whole blocks are copied, four times as fast as single bytes, so up to `BLOCK - 1` bytes behind
    the copy are overwritten: pieces are written from left to right.
    """
    here, behind, there = np.uint64(begin), np.uint64(end), np.uint64(to)
    last = np.uint64(max(len(data) - BLOCK, 0)) if len(data) >= BLOCK else np.uint64(0)
    if len(data) >= BLOCK:
        while here < behind and here <= last:
            for at in range(np.uint64(BLOCK)):
                written[there + at] = data[here + at]
            here += np.uint64(BLOCK)
            there += np.uint64(BLOCK)
    while here < behind:
        written[there] = data[here]
        here += np.uint64(1)
        there += np.uint64(1)
    return to + end - begin
