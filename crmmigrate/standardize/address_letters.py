"""What compiled loops know of letters: class, other case and lookup form of each code point."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crmmigrate.values.folding import fold

__all__ = ["BLANK", "DIGIT", "LOWER", "OTHER", "SIGN", "THAI", "UPPER", "Letters", "letters"]

OTHER, DIGIT, UPPER, LOWER, SIGN, THAI, BLANK = range(7)
"""Classes of code points: what no loop reads, digits, letters, signs between words, Thai letters and
marks, and what parts words: blank, comma, line break."""

_KNOWN = 0x2100
_SCRIPTS = ((0x00C0, 0x0250), (0x0370, 0x0400), (0x0400, 0x0530), (0x1E00, 0x1F00))
"""Latin, Greek and Cyrillic letters that come in two cases."""
_SIGNS = ".'-/()#&:+’ªº°–"
_BLANKS = " ,\n"


@dataclass(frozen=True, slots=True)
class Letters:
    """Tables by code point below 0x2100.

    Attributes:
        kinds: Class of the code point.
        lower: Its small letter, -1 where that is not one code point of the same length.
        upper: Its capital letter, or -1.
        fold: Its lookup form, up to two letters, 0 for none; shape (n, 2).
    """

    kinds: NDArray[np.uint8]
    lower: NDArray[np.int32]
    upper: NDArray[np.int32]
    fold: NDArray[np.int32]


@lru_cache(maxsize=1)
def letters() -> Letters:
    """Return the tables; made once, in some milliseconds."""
    kinds = np.zeros(_KNOWN, np.uint8)
    lower = np.arange(_KNOWN, dtype=np.int32)
    upper = lower.copy()
    folded = np.zeros((_KNOWN, 2), np.int32)
    for low, high in ((0x41, 0x7B), *_SCRIPTS):
        for point in range(low, high):
            _tell(point, kinds, lower, upper, folded)
    for point in range(0x30, 0x3A):
        kinds[point], folded[point, 0] = DIGIT, point
    for point in range(0x0E01, 0x0E4F):
        if unicodedata.category(chr(point))[0] in "LM":
            kinds[point], folded[point, 0] = THAI, point
    for signs, kind in ((_SIGNS, SIGN), (_BLANKS, BLANK)):
        kinds[list(map(ord, signs))] = kind
    return Letters(kinds, lower, upper, folded)


def _tell(
    point: int,
    kinds: NDArray[np.uint8],
    lower: NDArray[np.int32],
    upper: NDArray[np.int32],
    folded: NDArray[np.int32],
) -> None:
    """Enter one letter; one whose other case has another length, or depends on the word, gets -1."""
    char = chr(point)
    small, great, found = char.lower(), char.upper(), fold(char)
    if not char.isalpha() or len(found) not in {1, 2} or small == great:
        return
    kinds[point] = UPPER if char.isupper() else LOWER
    if not (char.isupper() or char.islower()):
        kinds[point] = OTHER
    plain = len(small) == len(great) == 1 and small.upper() == great and great.lower() == small
    plain = plain and len(small.encode()) == len(great.encode()) and char in {small, great}
    lower[point] = ord(small) if plain or char == small else -1
    upper[point] = ord(great) if plain or char == great else -1
    for at, letter in enumerate(found):
        folded[point, at] = ord(letter)
