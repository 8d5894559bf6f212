"""Hashes of words and phrases, and tables that loops look them up in."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn
from crmmigrate.compiled.compiler import compiled, inlined
from crmmigrate.compiled.shapes import mix
from crmmigrate.standardize.address_letters import LOWER, THAI, UPPER, letters

__all__ = ["SEED", "decode", "fill_table", "find", "hash_phrases", "mix_fold", "mix_letter"]

SEED = np.uint64(0xCBF29CE484222325)
_NOTHING = np.uint64(0)


@inlined
def decode(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the code point at a byte, and the number of its bytes."""
    point, size = int(data[at]), 1
    if point >= 0xF0:
        point, size = 0x1FFFFF, 4
    elif point >= 0xE0 and at + 2 < end:
        point, size = (
            ((point & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F),
            3,
        )
    elif point >= 0xC0 and at + 1 < end:
        point, size = ((point & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    return point, size


@inlined
def mix_letter(
    low: np.uint64, form: np.uint64, point: int, lower: NDArray[np.int32], fold: NDArray[np.int32]
) -> tuple[np.uint64, np.uint64]:
    """Take a letter into the hash of small letters and into that of lookup forms."""
    small = lower[point]
    low = mix(low, np.uint64(small if small >= 0 else point))
    form = mix(form, np.uint64(fold[point, 0] or point))
    if fold[point, 1]:
        form = mix(form, np.uint64(fold[point, 1]))
    return low, form


@inlined
def mix_fold(
    state: np.uint64, point: int, kinds: NDArray[np.uint8], fold: NDArray[np.int32]
) -> np.uint64:
    """Take the lookup form of one letter or digit into a hash; signs leave it as it is."""
    if point >= len(kinds):
        state = mix(state, np.uint64(point))
    elif fold[point, 0]:
        state = mix(state, np.uint64(fold[point, 0]))
        if fold[point, 1]:
            state = mix(state, np.uint64(fold[point, 1]))
    return state


@compiled
def find(keys: NDArray[np.uint64], values: NDArray[np.int32], key: np.uint64) -> int:
    """Return the value of a key; 0 if the table has none."""
    most = np.uint64(len(keys) - 1)
    at = key & most
    while keys[at] != _NOTHING:
        if keys[at] == key:
            return int(values[at])
        at = (at + np.uint64(1)) & most
    return 0


@compiled
def _enter(
    keys: NDArray[np.uint64],
    values: NDArray[np.int32],
    new: NDArray[np.uint64],
    told: NDArray[np.int32],
) -> None:
    most = np.uint64(len(keys) - 1)
    for row in range(len(new)):
        at = new[row] & most
        while keys[at] != _NOTHING and keys[at] != new[row]:
            at = (at + np.uint64(1)) & most
        keys[at] = new[row]
        values[at] = told[row]


def fill_table(
    new: NDArray[np.uint64], told: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Make a table with open addressing; of a key that comes twice the last value holds."""
    size = 1 << max(int(np.ceil(np.log2(max(len(new), 1) * 3))), 4)
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    _enter(keys, values, new, told)
    return keys, values


def hash_phrases(
    column: TextColumn,
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Hash phrases of words with single signs between them.

    Returns:
        For each phrase: hash of its small letters, hash of its lookup form, and the hash of the
        first word's lookup form. A phrase of one word has the hash of that word.
    """
    rows, known = len(column), letters()
    small, folded = np.zeros(rows, np.uint64), np.zeros(rows, np.uint64)
    firsts = np.zeros(rows, np.uint64)
    _hash(column.data, column.offsets, known.kinds, known.lower, known.fold, small, folded, firsts)
    return small, folded, firsts


@compiled
def _hash(
    data: Bytes, offsets: Offsets, kinds: NDArray[np.uint8], lower: NDArray[np.int32],
    fold: NDArray[np.int32], small: NDArray[np.uint64], folded: NDArray[np.uint64],
    firsts: NDArray[np.uint64],
) -> None:  # fmt: skip
    for row in range(len(offsets) - 1):
        at, end, words = offsets[row], offsets[row + 1], 0
        while at < end:
            low, form, begin = SEED, SEED, at
            while at < end:
                point, size = decode(data, at, end)
                if not _joins(data, at, begin, point, kinds, words):
                    break
                if point < len(kinds):
                    low, form = mix_letter(low, form, point, lower, fold)
                else:
                    low, form = mix(low, np.uint64(point)), mix(form, np.uint64(point))
                at += size
            if at == begin:
                _, size = decode(data, at, end)
                at += size
                continue
            words += 1
            small[row] = low if words == 1 else mix(small[row], low)
            folded[row] = form if words == 1 else mix(folded[row], form)
            firsts[row] = form if words == 1 else firsts[row]


@compiled
def _joins(
    data: Bytes, at: int, begin: int, point: int, kinds: NDArray[np.uint8], words: int
) -> bool:
    """Tell whether a sign belongs to the word that begins before it: a letter, or the stop of `ถ.`."""
    if point >= len(kinds):
        return True
    kind = kinds[point]
    dotted = point == 46 and words == 0 and at > begin and data[begin] == 0xE0
    return bool(kind in (UPPER, LOWER, THAI) or dotted)
