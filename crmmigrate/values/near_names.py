"""Find the names that resemble a word, by signatures of their letters.

A ratio of similarity bounds how many letters may be inserted or removed between two texts. Each of
these changes at most one bit of a signature that has a bit for every letter that occurs; so only names
whose length fits and whose signature differs in few enough bits need be compared, and none is missed.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

__all__ = ["NameIndex"]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(58)


class NameIndex:
    """Names in the order of their length, with their signatures."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index the names once; they do not change."""
        self.names = tuple(sorted(filter(None, names), key=len))
        lengths = np.fromiter(map(len, self.names), np.int64, len(self.names))
        self._signatures = _signatures(self.names, lengths)
        longest = int(lengths[-1]) if len(lengths) else 0
        self._begins = np.searchsorted(lengths, np.arange(longest + 2)).tolist()

    def find_near(self, word: str, least: float) -> list[tuple[str, float]]:
        """Return the names whose ratio (0 to 100) with a word is at least so high, best first."""
        near = process.extract(
            word, self._candidates(word, least), scorer=fuzz.ratio, limit=None, score_cutoff=least
        )
        return [(name, ratio) for name, ratio, _ in near]

    def _candidates(self, word: str, least: float) -> list[str]:
        """Return names that may be near."""
        share = 1 - least / 100
        longest = int(len(word) * (1 + share) / (1 - share)) + 1
        shortest = int(len(word) * (1 - share) / (1 + share))
        last = len(self._begins) - 1
        first, end = (self._begins[min(at, last)] for at in (shortest, longest + 1))
        own = _signatures((word,), np.array([len(word)]))
        differing = np.bitwise_count(self._signatures[first:end] ^ own)
        most = int(share * (len(word) + longest) + _ROUNDING)
        return [self.names[first + at] for at in np.flatnonzero(differing <= most).tolist()]


_ROUNDING = 1e-6


def _signatures(names: tuple[str, ...], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a bit for every letter of each name, one of 64 by the letter's number; none is empty."""
    if not names:
        return np.zeros(0, np.uint64)
    text = "".join(names).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(text, np.uint32).astype(np.uint64)
    bits = np.uint64(1) << ((letters * _FACTOR) >> _SHIFT)
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return np.bitwise_or.reduceat(bits, begins)
