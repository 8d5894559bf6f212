"""What the words of many names say about their order: the twin of `values.name_evidence`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column
from crmmigrate.standardize.name_cuts import SIGNS_CUT
from crmmigrate.standardize.name_filling import CutNames, Writings, fill_pieces, fill_templates
from crmmigrate.standardize.name_loops import hash_parts, have_twins
from crmmigrate.standardize.name_plans import Plan, Template, cut_words
from crmmigrate.values.name_evidence import (
    family_names,
    family_pattern,
    given_names,
    likely_given_names,
)
from crmmigrate.values.name_words import NameWords

__all__ = ["EVIDENCE", "Orders", "find_twins", "weigh_orders"]

EVIDENCE = (0.0, 0.5, 0.7, 0.8)
"""What `order_evidence` may say."""

_GIVEN, _FAMILY, _LIKELY, _ENDS, _SHORT, _WHOLE = 1, 2, 4, 8, 16, 32
Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Orders:
    """How names are written where they are from.

    Attributes:
        family_first: Whether family names stand first.
        initials: Whether an initial behind a family name stands for the given name.
        longer: Whether names of three words may stand in another order.
    """

    family_first: NDArray[np.bool_]
    initials: NDArray[np.bool_]
    longer: NDArray[np.bool_]

    @classmethod
    def of_regions(cls, habits: Sequence[NameWords]) -> "Orders":
        """Tell it of each region."""
        first = np.array([habit.family_first for habit in habits], np.bool_)
        initials = ~first & ~np.array([habit.initials_last for habit in habits], np.bool_)
        longer = ~first & ~np.array([habit.two_families for habit in habits], np.bool_)
        return cls(first, initials, longer)

    def some(self, rows: NDArray[np.int64]) -> "Orders":
        """Return those of some rows, of which one may be asked for several times."""
        return Orders(self.family_first[rows], self.initials[rows], self.longer[rows])


def weigh_orders(
    names: CutNames,
    plans: Sequence[Plan],
    which: NDArray[np.int32],
    orders: Orders,
    writings: Writings,
    parts: Sequence[str],
) -> NDArray[np.int64]:
    """Tell how sure it is that given and family name stand in each other's place.

    Args:
        names: The names.
        plans: Plans of the usual order.
        which: Plan of each name.
        orders: How names are written where each name is from.
        writings: Words that were made; more may be.
        parts: Names of the parts.

    Returns:
        Of each name an index into `EVIDENCE`.
    """
    sure = np.zeros(len(which), np.int64)
    asked = [_asked_words(plan, parts) for plan in plans]
    counts = np.array([len(words) for words in asked], np.int64)
    lone = np.array([all(len(word) == 1 for word in words) for words in asked], np.bool_)
    for count, weigh in ((2, _sure), (3, _long_sure)):
        both = [
            [(word, plan.region) for word in (words if len(words) == count else [()] * count)]
            for words, plan in zip(asked, plans, strict=True)
        ]
        may = (counts == count)[which] & (orders.longer | (count == 2))
        if len(rows := np.flatnonzero(may & lone[which])):
            pieces = fill_pieces(names.some(rows), both, which[rows], writings)
            bits = _bits_of(writings.texts(), *pieces)
            sure[rows] = weigh([bits[piece] for piece in pieces], orders.some(rows))
        if len(rows := np.flatnonzero(may & ~lone[which])):
            texts = fill_templates(names.some(rows), both, which[rows], writings)
            sure[rows] = weigh([_bits(text) for text in texts], orders.some(rows))
    return sure


def _asked_words(plan: Plan, parts: Sequence[str]) -> list[Template]:
    """Return the words of a name of two or three words whose last is the family name; else none."""
    told = dict(zip(parts, plan.parts, strict=True))
    given, middle, family = (cut_words(told[part]) for part in ("given", "middle", "family"))
    words = [*given, *middle, *family]
    whole = given and len(family) == 1 and len(words) in {2, 3}
    return words if whole else []


def _bits_of(pieces: pl.Series, *asked: NDArray[np.int32]) -> Bits:
    """Return what is known about each piece of text, only of those that are asked for."""
    needed = np.zeros(pieces.len(), np.bool_)
    for numbers in asked:
        needed[numbers] = True
    bits = np.zeros(pieces.len(), np.uint8)
    bits[needed] = _distinct_bits(pieces.filter(pl.Series(needed)))
    return bits


def _bits(words: pl.Series) -> Bits:
    """Return what is known about each word."""
    encoded = words.to_arrow().dictionary_encode()
    distinct = pl.Series("word", pl.from_arrow(encoded.dictionary), dtype=pl.String)
    told: Bits = _distinct_bits(distinct)[encoded.indices.to_numpy()]
    return told


def _distinct_bits(words: pl.Series) -> Bits:
    lower = words.str.replace_all("İ", "i", literal=True).str.to_lowercase()
    bare = lower.str.replace_all(".", " ", literal=True).str.strip_chars(" ,")
    bare = bare.str.replace_all("  ", " ", literal=True)
    first = bare.str.extract("^([^-]*)")
    known = [first.is_in(_words(kind)) for kind in (given_names, family_names, likely_given_names)]
    ends = first.str.contains(family_pattern()) & ~known[0]
    every = [*known, ends, first.str.len_chars() < 2, ~words.str.contains("-", literal=True)]
    bits: Bits = np.sum([one.to_numpy().astype(np.uint8) << at for at, one in enumerate(every)], 0)
    return bits


def _words(kind: Callable[[], frozenset[str]]) -> pl.Series:
    """Return the words of a list as a series."""
    return _series(kind).implode()


@cache
def _series(kind: Callable[[], frozenset[str]]) -> pl.Series:
    return pl.Series(sorted(kind()), dtype=pl.String)


def _is_family(word: Bits) -> NDArray[np.bool_]:
    listed = word & (_WHOLE | _FAMILY) == _WHOLE | _FAMILY
    told: NDArray[np.bool_] = listed | (word & _ENDS != 0)
    return told


def _sure(words: Sequence[Bits], orders: Orders) -> NDArray[np.int64]:
    """Weigh what is known about two words as `order_evidence` does."""
    given, family = words
    known, ends = _is_family(given), given & _ENDS != 0
    usual = given & (_GIVEN | _SHORT) != 0
    initial = family & _SHORT != 0
    bears = family & (_FAMILY | _ENDS) != 0
    likely = family & _LIKELY != 0
    both = (likely & known) | ((family & _GIVEN != 0) & ends)
    doubt = (likely | ((family & _GIVEN != 0) & known)) & ~orders.family_first
    first = np.where(known & orders.initials, 2, 0)
    return np.select([usual, initial, bears, both, ends, doubt], [0, first, 0, 3, 2, 1], 0)


def _long_sure(words: Sequence[Bits], _: Orders) -> NDArray[np.int64]:
    """Weigh what is known about three words as `long_order_evidence` does."""
    first, second, third = words
    known = _is_family(first)
    usual = first & (_GIVEN | _SHORT) != 0
    for word in (second, third):
        usual |= (word & (_FAMILY | _ENDS | _SHORT) != 0) | (word & _GIVEN == 0)
    usual |= third & _LIKELY == 0
    likely = second & _LIKELY != 0
    return np.select([usual, known & likely, known | likely], [0, 3, 1], 0)


def find_twins(
    names: CutNames, texts: pl.Series, rows: NDArray[np.int64], distinct: pl.Series
) -> NDArray[np.int64]:
    """Return names that may be the same when their words are turned round: `ANA Ana`.

    Args:
        names: The names as words.
        texts: The same as they are written.
        rows: Numbers of those whose shape says that the order changes; the scalar reading compares
            the texts.
        distinct: Distinct words.
    """
    at = distinct.str.contains(r"[^\x00-\x7f]").arg_true()
    odd = distinct.gather(at).str.replace_all("[İı]", "i").str.to_lowercase()
    odd = odd.str.replace_many(["ß", "ς"], ["ss", "σ"]).str.replace_all(r"[^\p{L}\p{M}]+", " ")
    column = text_column(distinct.clone().scatter(at, odd))
    begins, parts = hash_parts(column.data, column.offsets)
    twins = rows[have_twins(rows, names.firsts, names.codes, begins, parts)]
    same = texts.gather(pl.Series(twins))
    comma = same.str.contains(r"\pL[^,]*, ?\pL") & ~same.str.contains(SIGNS_CUT)
    some: NDArray[np.int64] = twins[~comma.to_numpy()]
    return some
