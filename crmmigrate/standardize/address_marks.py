"""Tokens of addresses: their columns, kinds, cases and scripts, for compiled loops."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled

__all__ = [
    "CAPITALS",
    "CASE",
    "CODE",
    "COMMA",
    "COUNT",
    "CYRILLIC",
    "EASTERN",
    "FIGURES",
    "FORCED",
    "FROM",
    "GREEK",
    "HAN",
    "HANGUL",
    "KIND",
    "LATIN",
    "LETTERED",
    "LETTERS",
    "LITERAL",
    "LONGEST_WORD",
    "MARK",
    "MIXED",
    "MOST_TOKENS",
    "NATIVE",
    "NO_CASE",
    "SCRIPT",
    "SMALLS",
    "SPACE",
    "SPACED",
    "THAI",
    "THAI_WORDS",
    "TITLED",
    "TO",
    "VALUE",
    "Chars",
    "Hashes",
    "Marks",
    "Tables",
    "enter_native",
]  # fmt: skip

MOST_TOKENS = 120
KIND, FROM, TO, COUNT, CASE, VALUE, FORCED, SCRIPT = 0, 1, 2, 3, 4, 5, 6, 7
"""Columns of tokens: kind, first and last byte, letters or digits, case, value in the vocabulary,
whether the word belongs to a phrase, script."""
SPACE, COMMA, MARK, LETTERS, FIGURES, LETTERED, CODE, NATIVE = 1, 2, 3, 4, 5, 6, 7, 8
"""Kinds: blanks, comma or line break, other sign, word, digits, digits with a letter, postcode with
letters, letters of a script without cases or blanks. 0 for what a phrase before it has swallowed."""
CAPITALS, SMALLS, TITLED, MIXED, NO_CASE = 1, 2, 3, 4, 5
LATIN, GREEK, CYRILLIC, THAI, HAN, HANGUL = 1, 2, 3, 4, 5, 6
LONGEST_WORD = 24
LITERAL = 1
"""Class of words that stand for themselves, and of every country in scripts without blanks."""
SPACED, THAI_WORDS, EASTERN = 0, 1, 2
"""How words are told: by blanks, or within a run of letters in which known words are looked for."""

Marks = NDArray[np.int64]
Hashes = NDArray[np.uint64]
"""Of each token: of its small letters (or its sign), and of its lookup form."""
Chars = tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]
"""Kinds, small letters and lookup forms of code points."""
Tables = tuple[
    NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32],
    NDArray[np.uint64], NDArray[np.int32],
]  # fmt: skip
"""Keys and values of the region's words, of countries, of endings of streets."""


@compiled
def enter_native(
    tokens: Marks, hashes: Hashes, at: int, first: int, last: int, value: int, low: np.uint64, script: int,
) -> int:  # fmt: skip
    """Enter a token of letters without cases; return the place of the next."""
    tokens[at, KIND], tokens[at, FROM], tokens[at, TO] = NATIVE, first, last
    tokens[at, COUNT], tokens[at, CASE], tokens[at, VALUE] = (last - first) // 3, NO_CASE, value
    tokens[at, FORCED], tokens[at, SCRIPT] = 0, script
    hashes[at, 0] = low
    return at + 1
