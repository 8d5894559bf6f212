"""Loops that write texts by programs: pieces of text and words of a name, one behind the other.

A program is a row of operations `(kind, argument)`: a kind of 0 or more is the position of a word in
its name, and the argument how it is written; `PIECE` is a piece of text, `RAW` the whole text.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets
from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.copying import copy_bytes

__all__ = ["PIECE", "RAW", "find_pieces", "mark_words", "measure_texts", "weave_texts"]

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]

PIECE, RAW = -1, -2


@compiled
def mark_words(
    programs: Numbers,
    firsts: Places,
    codes: Numbers,
    operations: Numbers,
    bounds: Numbers,
    needed: NDArray[np.bool_],
) -> None:
    """Mark which words (columns) are needed in which writing (rows).

    Args:
        programs: Program of each text; texts of one below 0 are passed over.
        firsts: Number of the first word of each text.
        codes: Distinct word of each word.
        operations: (all, 2), kind and argument.
        bounds: Where the operations of each program begin, and the end of the last.
        needed: What is marked.
    """
    for row in range(len(programs)):
        if programs[row] < 0:
            continue
        for at in range(bounds[programs[row]], bounds[programs[row] + 1]):
            if operations[at, 0] >= 0 and operations[at, 1] > 0:
                needed[operations[at, 1], codes[firsts[row] + operations[at, 0]]] = True


@compiled
def find_pieces(
    programs: Numbers,
    firsts: Places,
    codes: Numbers,
    operations: Numbers,
    bounds: Numbers,
    places: Numbers,
) -> Numbers:
    """Return the piece that each text begins with; the arguments are those of `measure_texts`."""
    found = np.empty(len(programs), np.int32)
    for row in range(len(programs)):
        at = bounds[programs[row]]
        kind, piece = operations[at, 0], operations[at, 1]
        found[row] = piece if kind < 0 else places[piece, codes[firsts[row] + kind]]
    return found


@compiled
def measure_texts(
    programs: Numbers,
    firsts: Places,
    codes: Numbers,
    operations: Numbers,
    bounds: Numbers,
    places: Numbers,
    pieces: Offsets,
    raw: Offsets,
    left: Offsets,
) -> Offsets:
    """Return where each text begins.

    Args:
        programs: Program of each text; -1 - n for the n-th of the texts that are known.
        firsts: Number of the first word of each text.
        codes: Distinct word of each word.
        operations: (all, 2), kind and argument.
        bounds: Where the operations of each program begin, and the end of the last.
        places: Piece of each distinct word (columns) in each writing (rows).
        pieces: Where each piece begins, and the end of the last.
        raw: The same of the whole texts, one a row.
        left: The same of the texts that are known.
    """
    offsets = np.zeros(len(programs) + 1, np.int64)
    for row in range(len(programs)):
        if programs[row] < 0:
            offsets[row + 1] = offsets[row] + left[-programs[row]] - left[-1 - programs[row]]
            continue
        length = 0
        for at in range(bounds[programs[row]], bounds[programs[row] + 1]):
            kind, piece = operations[at, 0], operations[at, 1]
            if kind == RAW:
                length += raw[row + 1] - raw[row]
                continue
            if kind >= 0:
                piece = places[piece, codes[firsts[row] + kind]]
            length += pieces[piece + 1] - pieces[piece]
        offsets[row + 1] = offsets[row] + length
    return offsets


@compiled
def weave_texts(
    programs: Numbers,
    firsts: Places,
    codes: Numbers,
    operations: Numbers,
    bounds: Numbers,
    places: Numbers,
    pieces: Offsets,
    letters: Bytes,
    raw: Offsets,
    texts: Bytes,
    left: Offsets,
    known: Bytes,
    written: Bytes,
) -> None:
    """Write texts; the arguments are those of `measure_texts`, the bytes of all, and room for them."""
    to = 0
    for row in range(len(programs)):
        if programs[row] < 0:
            at = -1 - programs[row]
            to = copy_bytes(known, left[at], left[at + 1], written, to)
            continue
        for at in range(bounds[programs[row]], bounds[programs[row] + 1]):
            kind, piece = operations[at, 0], operations[at, 1]
            if kind == RAW:
                to = copy_bytes(texts, raw[row], raw[row + 1], written, to)
                continue
            if kind >= 0:
                piece = places[piece, codes[firsts[row] + kind]]
            to = copy_bytes(letters, pieces[piece], pieces[piece + 1], written, to)
