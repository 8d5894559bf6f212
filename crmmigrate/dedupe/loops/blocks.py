"""Pairs of records that share a key, formed in one loop over the sorted keys.

The pairs are those of `crmmigrate.dedupe.block`, the reference.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled

__all__ = ["pair_blocks"]

_HALF = np.uint64(32)
_ROW = np.uint64(0xFFFFFFFF)
Packed = NDArray[np.uint64]


def pair_blocks(keyed: pl.DataFrame, size: int, budget: float) -> tuple[pl.Series, pl.DataFrame]:
    """Form all pairs of small blocks.

    Args:
        keyed: `key` (UInt64; its upper half counts) and `row` (UInt32) of records.
        size: Most records that any block may have.
        budget: Pairs that may be formed: blocks are taken from the smallest on.

    Returns:
        Packed pairs, and `key`, `row` of the blocks that are too large.
    """
    packed = np.sort(_packed(keyed["key"].to_numpy(), keyed["row"].to_numpy()))
    records = _count_sizes(packed, size)
    sizes = np.arange(len(records))
    pairs = np.cumsum(records * np.maximum(sizes - 1, 0) // 2)
    fitting = np.flatnonzero((records > 0) & (sizes > 1) & (pairs <= budget))
    most = int(fitting[-1]) if len(fitting) else 1
    found = np.empty(int(pairs[most]), np.uint64)
    large = np.empty(len(packed), np.bool_)
    _pair(packed, most, found, large)
    left = packed[large]
    frame = pl.DataFrame([
        pl.Series("key", (left >> _HALF).astype(np.uint32)),
        pl.Series("row", (left & _ROW).astype(np.uint32)),
    ])  # fmt: skip
    return pl.Series("pair", found[found != 0]), frame


def _packed(keys: Packed, rows: NDArray[np.uint32]) -> Packed:
    return (keys >> _HALF << _HALF) | rows.astype(np.uint64)


@compiled
def _count_sizes(packed: Packed, size: int) -> NDArray[np.int64]:
    """Return how many records are in blocks of each size up to the greatest allowed."""
    records, begin = np.zeros(size + 1, np.int64), 0
    for at in range(1, len(packed) + 1):
        if at == len(packed) or packed[at] >> _HALF != packed[begin] >> _HALF:
            if at - begin <= size:
                records[at - begin] += at - begin
            begin = at
    return records


@compiled
def _pair(packed: Packed, most: int, found: Packed, large: NDArray[np.bool_]) -> None:
    """Write all pairs of each block of at most `most` records, 0 for a record and itself."""
    begin, written = 0, 0
    for at in range(1, len(packed) + 1):
        if at < len(packed) and packed[at] >> _HALF == packed[begin] >> _HALF:
            continue
        for one in range(begin, at):
            large[one] = at - begin > max(most, 1)
            if at - begin <= most:
                for other in range(one + 1, at):
                    same = packed[one] == packed[other]
                    low, high = packed[one] & _ROW, packed[other] & _ROW
                    found[written] = np.uint64(0) if same else low << _HALF | high
                    written += 1
        begin = at
