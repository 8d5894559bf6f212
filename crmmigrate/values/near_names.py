"""Find the names that resemble a word, by an index of short pieces.

A ratio of similarity bounds how many letters may be inserted or removed between two texts. Cut into
one piece more than that, at least one piece of the word stands unchanged in every name near enough;
so only names with one of the pieces need be compared, and none is missed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

__all__ = ["NameIndex"]

_PIECES = (2, 3)


class NameIndex:
    """Names by the pieces of two and three letters that stand in them."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index the names once; they do not change."""
        self.names = tuple(names)
        pieces: dict[tuple[int, str], list[str]] = defaultdict(list)
        by_length: dict[int, list[str]] = defaultdict(list)
        for name in self.names:
            length = len(name)
            by_length[length].append(name)
            for piece in {name[a : a + n] for n in _PIECES for a in range(length - n + 1)}:
                pieces[length, piece].append(name)
        self._pieces: Mapping[tuple[int, str], list[str]] = dict(pieces)
        self._by_length: Mapping[int, list[str]] = dict(by_length)

    def find_near(self, word: str, least: float) -> list[tuple[str, float]]:
        """Return the names whose ratio (0 to 100) with a word is at least so high, best first."""
        near = process.extract(
            word, self._candidates(word, least), scorer=fuzz.ratio, limit=None, score_cutoff=least
        )
        return [(name, ratio) for name, ratio, _ in near]

    def _candidates(self, word: str, least: float) -> list[str]:
        """Return names that may be near: of fitting length and with a piece of the word."""
        share = 1 - least / 100
        longest = int(len(word) * (1 + share) / (1 - share)) + 1
        shortest = int(len(word) * (1 - share) / (1 + share))
        count = int(share * (len(word) + longest)) + 1
        lengths = range(shortest, longest + 1)
        if len(word) < _PIECES[0] * count:
            return [name for length in lengths for name in self._by_length.get(length, ())]
        cuts = [len(word) * at // count for at in range(count)]
        ends = [*cuts[1:], len(word)]
        pieces = {word[a : min(z, a + _PIECES[-1])] for a, z in zip(cuts, ends, strict=True)}
        found = (self._pieces.get((length, p), ()) for length in lengths for p in pieces)
        return list(set().union(*found))
