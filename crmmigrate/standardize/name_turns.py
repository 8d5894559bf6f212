"""What the words of many names say about their order: the twin of `values.name_evidence`."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column
from crmmigrate.standardize.name_cuts import SIGNS_CUT
from crmmigrate.standardize.name_filling import CutNames, Writings, fill_pieces, fill_templates
from crmmigrate.standardize.name_loops import hash_parts, have_twins
from crmmigrate.standardize.name_plans import Plan, Template
from crmmigrate.values.name_evidence import (
    family_names,
    family_pattern,
    given_names,
    likely_given_names,
)

__all__ = ["EVIDENCE", "find_twins", "weigh_orders"]

EVIDENCE = (0.0, 0.5, 0.7, 0.8)
"""What `order_evidence` may say."""

_GIVEN, _FAMILY, _LIKELY, _ENDS, _SHORT, _WHOLE = 1, 2, 4, 8, 16, 32
Bits = NDArray[np.uint8]


def weigh_orders(
    names: CutNames,
    plans: Sequence[Plan],
    which: NDArray[np.int32],
    first_families: NDArray[np.bool_],
    writings: Writings,
    parts: Sequence[str],
) -> NDArray[np.int64]:
    """Tell how sure it is that given and family name stand in each other's place.

    Args:
        names: The names.
        plans: Plans of the usual order.
        which: Plan of each name.
        first_families: Whether family names stand first where the name is from.
        writings: Words that were made; more may be.
        parts: Names of the parts.

    Returns:
        Of each name an index into `EVIDENCE`.
    """
    sure = np.zeros(len(which), np.int64)
    at = [parts.index(part) for part in ("given", "family")]
    both = [[(plan.parts[part], plan.region) for part in at] for plan in plans]
    asked = np.array([_is_asked(plan, parts) for plan in plans], np.bool_)
    lone = np.array([all(len(text) == 1 for text, _ in texts) for texts in both], np.bool_)
    rows = np.flatnonzero((asked & lone)[which])
    if len(rows):
        given, family = fill_pieces(names.some(rows), both, which[rows], writings)
        bits = _bits_of(writings.texts(), given, family)
        sure[rows] = _sure(bits[given], bits[family], first_families[rows])
    rows = np.flatnonzero((asked & ~lone)[which])
    if len(rows):
        first, last = fill_templates(names.some(rows), both, which[rows], writings)
        sure[rows] = _sure(_bits(first), _bits(last), first_families[rows])
    return sure


def _is_asked(plan: Plan, parts: Sequence[str]) -> bool:
    """Tell whether a name is a given and a family name of one word each."""
    told = dict(zip(parts, plan.parts, strict=True))
    both = (told["given"], told["family"])
    return not told["middle"] and all(both) and not any(map(_has_blank, both))


def _has_blank(template: Template) -> bool:
    return any(isinstance(piece, str) and " " in piece for piece in template)


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


def _sure(given: Bits, family: Bits, first_families: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Weigh what is known about two words as `order_evidence` does."""
    usual = (given & (_GIVEN | _SHORT)) | (family & (_FAMILY | _ENDS | _SHORT)) != 0
    ends = given & _ENDS != 0
    listed = given & (_WHOLE | _FAMILY) == _WHOLE | _FAMILY
    both = (family & _GIVEN != 0) & (listed | ends)
    doubt = (family & _LIKELY != 0) & ~first_families
    return np.select([usual, both, ends, doubt], [0, 3, 2, 1], 0)


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
