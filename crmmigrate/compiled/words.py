"""Tables of words that a loop can look up: open addressing over 64-bit hashes.

A word is hashed from its last byte to its first, so that a loop that reads a text backwards has the
hash of every ending on its way. A table is one array, which a loop hands on to its functions at no
cost, where each array of a tuple would be counted at every call.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import mix

__all__ = ["START", "WordTable", "find_word", "hash_word", "make_table"]

START = 0x51ED270B9F1E6A37
"""Hash of no byte at all; words of different meaning in one table may begin with different ones."""

WordTable = NDArray[np.uint64]
"""Hash and number of each word, (slots, 2), at the slot of its hash or the next free one; 0 where there
is none. The slots are a power of two, at most half of them taken. A word that is not there is found
with a chance of 1 in 10**13."""


def make_table(*words: tuple[int, Mapping[str, int]]) -> WordTable:
    """Return a table.

    Args:
        words: The hash to begin with, and words with their numbers above 0. The numbers of a word
            that comes twice are joined bit by bit.
    """
    count = sum(len(some) for _, some in words)
    table = np.zeros((1 << (2 * count + 1).bit_length(), 2), np.uint64)
    for start, some in words:
        column = text_column(pl.Series(list(some), dtype=pl.String))
        numbers = np.fromiter(some.values(), np.uint64, len(some))
        _fill(column.data, column.offsets, numbers, np.uint64(start), table)
    return table


@compiled
def find_word(table: WordTable, state: np.uint64) -> np.int64:
    """Return the number of the word with a hash, 0 if there is none."""
    last = len(table) - 1
    at = np.int64(state & np.uint64(last))
    while table[at, 0] != 0:
        if table[at, 0] == state:
            return np.int64(table[at, 1])
        at = (at + 1) & last
    return np.int64(0)


@compiled
def hash_word(data: Bytes, begin: int, end: int, start: np.uint64) -> np.uint64:
    """Return the hash of the bytes from one place to another."""
    state = start
    for place in range(end - 1, begin - 1, -1):
        state = mix(state, np.uint64(data[place]))
    return state


@compiled
def _fill(
    data: Bytes, offsets: Offsets, numbers: NDArray[np.uint64], start: np.uint64, table: WordTable
) -> None:
    last = len(table) - 1
    for word in range(len(numbers)):
        state = hash_word(data, offsets[word], offsets[word + 1], start)
        at = np.int64(state & np.uint64(last))
        while table[at, 0] != 0 and table[at, 0] != state:
            at = (at + 1) & last
        table[at, 0] = state
        table[at, 1] |= numbers[word]
