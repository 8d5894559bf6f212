"""Texts cut at their blanks, each distinct word once, and texts put together of words."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, TextColumn, text_column, text_series
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.copying import BLOCK, copy_bytes
from crmmigrate.compiled.shapes import mix, number_distinct

__all__ = ["CutTexts", "cut_texts", "cut_words", "join_words"]

_SEED = np.uint64(0xCBF29CE484222325)


@dataclass(frozen=True, slots=True)
class CutTexts:
    """Texts as words.

    Attributes:
        firsts: Number of the first word of each text, and of all words, int64.
        codes: Distinct word of each word, int32.
        distinct: Distinct words.
    """

    firsts: NDArray[np.int64]
    codes: NDArray[np.int32]
    distinct: pl.Series


def cut_texts(texts: pl.Series, most: int) -> CutTexts:
    """Cut texts at each of their blanks; texts of more than `most` words have none.

    Some 50 ns a word. Two words are taken for one with a chance of 1 in 10**7 for a million words:
    64 bits are compared.
    """
    column = text_column(texts)
    firsts, begins, ends, hashes = cut_words(column.data, column.offsets, most)
    seen, codes = number_distinct(hashes)
    distinct = text_series("word", *_take_pieces(column.data, begins[seen], ends[seen]))
    return CutTexts(firsts, codes.astype(np.int32), distinct)


def join_words(cut: CutTexts, words: pl.Series) -> pl.Series:
    """Return texts with other words in the place of theirs; empty ones and their blanks fall away.

    Args:
        cut: Texts as words.
        words: What stands for each distinct word, without null.
    """
    column: TextColumn = text_column(words)
    offsets = np.zeros(len(cut.firsts), np.int64)
    _measure(cut.firsts, cut.codes, column.offsets, offsets)
    written = np.empty(offsets[-1] + BLOCK, np.uint8)
    _join(cut.firsts, cut.codes, column.offsets, column.data, offsets, written)
    return text_series(words.name, written[: offsets[-1]], offsets)


@compiled
def cut_words(
    data: Bytes, offsets: Offsets, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Cut texts at their blanks.

    Args:
        data: UTF-8 of all texts.
        offsets: Where each begins, and the end of the last.
        most: Texts of more words have none.

    Returns:
        Number of the first word of each text, and of all words; of each word its first byte, the
        byte behind it, and its hash.
    """
    rows = len(offsets) - 1
    firsts = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        words = 1
        for at in range(offsets[row], offsets[row + 1]):
            words += data[at] == 32
        firsts[row + 1] = firsts[row] + (words if words <= most else 0)
    begins, ends = np.empty(firsts[rows], np.int64), np.empty(firsts[rows], np.int64)
    hashes = np.empty(firsts[rows], np.uint64)
    for row in range(rows):
        word, last = firsts[row], firsts[row + 1]
        if word == last:
            continue
        state, begins[word] = _SEED, offsets[row]
        for at in range(offsets[row], offsets[row + 1]):
            if data[at] == 32:
                hashes[word], ends[word] = mix(state, np.uint64(0)), at
                word += 1
                state, begins[word] = _SEED, at + 1
            else:
                state = mix(state, np.uint64(data[at]))
        hashes[word], ends[word] = mix(state, np.uint64(0)), offsets[row + 1]
    return firsts, begins, ends, hashes


@compiled
def _take_pieces(
    data: Bytes, begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[Bytes, Offsets]:
    """Copy pieces of some bytes one behind the other."""
    offsets = np.zeros(len(begins) + 1, np.int64)
    for at in range(len(begins)):
        offsets[at + 1] = offsets[at] + ends[at] - begins[at]
    taken = np.empty(offsets[-1] + BLOCK, np.uint8)
    for at in range(len(begins)):
        copy_bytes(data, begins[at], ends[at], taken, offsets[at])
    return taken[: offsets[-1]], offsets


@compiled
def _measure(
    firsts: NDArray[np.int64], codes: NDArray[np.int32], words: Offsets, offsets: Offsets
) -> None:
    for row in range(len(firsts) - 1):
        length = 0
        for at in range(firsts[row], firsts[row + 1]):
            word = words[codes[at] + 1] - words[codes[at]]
            length += word + 1 if word and length else word
        offsets[row + 1] = offsets[row] + length


@compiled
def _join(
    firsts: NDArray[np.int64],
    codes: NDArray[np.int32],
    words: Offsets,
    letters: Bytes,
    offsets: Offsets,
    written: Bytes,
) -> None:
    for row in range(len(firsts) - 1):
        to = offsets[row]
        for at in range(firsts[row], firsts[row + 1]):
            begin, end = words[codes[at]], words[codes[at] + 1]
            if begin == end:
                continue
            if to > offsets[row]:
                written[to] = 32
                to += 1
            to = copy_bytes(letters, begin, end, written, to)
