"""Fill plans with the words of names, all names in one loop a column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn, text_column, text_series
from crmmigrate.compiled.copying import BLOCK
from crmmigrate.standardize.name_plans import Plan, Template, Word
from crmmigrate.standardize.name_weaving import (
    PIECE,
    RAW,
    find_pieces,
    mark_words,
    measure_texts,
    weave_texts,
)
from crmmigrate.values.casing import case_name, lower_word

__all__ = ["CutNames", "Planned", "Writings", "fill_pieces", "fill_templates"]

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class CutNames:
    """Names as words.

    Attributes:
        firsts: Number of the first word of each name.
        codes: Distinct word of each word.
    """

    firsts: NDArray[np.int64]
    codes: Numbers

    def some(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "CutNames":
        """Return some of the names."""
        return CutNames(self.firsts[rows], self.codes)


_ODD = r"(?i)(?:^|-)ma?c|[İıßŉǰẞσΣςա-և]"
"""Words whose capitals are not made from the first letter of each part alone."""
_SURE = r"^[\p{L}\p{M}]{2,}(?:-[\p{L}\p{M}]{2,})*$"
_LETTERS = r"^[\p{L}\p{M}'’ʼ‘-]+$"
_OWN_LETTERS = {"TR": "[iIİı]", "NL": "(?i)ij", "FR": "['’ʼ`]"}
"""Words that some ways of casing write otherwise than is usual."""


class Writings:
    """Distinct words in the writings that plans ask for, and pieces of text, each made once."""

    def __init__(self, distinct: pl.Series) -> None:
        self._distinct = distinct
        self._texts = [distinct.alias("")]
        self._count = distinct.len()
        self._pieces: dict[str, int] = {}
        self._rows: dict[tuple[str, str | None], int] = {("raw", None): 0}
        self.places = np.arange(distinct.len(), dtype=np.int32).reshape(1, -1)
        """Piece of each distinct word (columns) in each writing (rows); -1 where it is not made."""

    def piece(self, text: str) -> int:
        """Return the number of a piece of text."""
        if text not in self._pieces:
            self._pieces[text] = self._add(pl.Series([text], dtype=pl.String))
        return self._pieces[text]

    def row(self, writing: str, region: str | None) -> int:
        """Return the number of a writing."""
        own = region if region in _OWN_LETTERS and writing != "upper" else None
        key = (writing, None) if writing == "raw" else (writing, own)
        if key not in self._rows:
            self._rows[key] = len(self._rows)
            more = np.full((1, self._distinct.len()), -1, np.int32)
            self.places = np.concatenate([self.places, more])
        return self._rows[key]

    def write(self, needed: NDArray[np.bool_]) -> None:
        """Make the words that are needed and not made yet."""
        for (writing, region), row in self._rows.items():
            missing = np.flatnonzero(needed[row] & (self.places[row] < 0))
            if len(missing):
                words = self._distinct.gather(pl.Series(missing))
                begin = self._add(_written(words, writing, region))
                self.places[row, missing] = np.arange(begin, begin + len(missing), dtype=np.int32)

    def texts(self) -> pl.Series:
        """Return all pieces."""
        return pl.concat(self._texts, rechunk=True)

    def _add(self, texts: pl.Series) -> int:
        self._texts.append(texts.alias(""))
        self._count += texts.len()
        return self._count - texts.len()


def _written(words: pl.Series, writing: str, region: str | None) -> pl.Series:
    if writing == "upper":
        return words.str.to_uppercase()
    if writing == "title":
        return _titled(words, region)
    return pl.Series([lower_word(word, region) for word in words], dtype=pl.String)


def _titled(words: pl.Series, region: str | None) -> pl.Series:
    """Return words with a capital at the start of each part; only those in one case are asked for."""
    one_case = words.str.contains(r"\p{Lu}") != words.str.contains(r"\p{Ll}")
    odd = ~words.str.contains(_SURE) | words.str.contains(_ODD)
    odd &= words.str.contains(_LETTERS)
    if region is not None:
        odd |= words.str.contains(_OWN_LETTERS[region])
    odd &= one_case
    recased = [case_name(word, region) for word in words.filter(odd)]
    return words.str.to_titlecase().scatter(odd.arg_true(), pl.Series(recased, dtype=pl.String))


class _Programs:
    """The templates of plans as programs (`name_weaving`); the first is the empty one."""

    def __init__(self, writings: Writings) -> None:
        self._writings = writings
        self._operations: list[tuple[int, int]] = []
        self._bounds = [0, 0]

    def add(self, template: Template, region: str | None) -> int:
        """Add a template, return its number."""
        for piece in template:
            self._operations.append(self._operation(piece, region))
        self._bounds.append(len(self._operations))
        return len(self._bounds) - 2

    def _operation(self, piece: str | Word, region: str | None) -> tuple[int, int]:
        if isinstance(piece, str):
            return PIECE, self._writings.piece(piece)
        if piece.position < 0:
            return RAW, 0
        return piece.position, self._writings.row(piece.writing, region)

    def arrays(self) -> tuple[Numbers, Numbers]:
        """Return operations and bounds."""
        operations = np.array(self._operations or [(PIECE, 0)], np.int32).reshape(-1, 2)
        return operations, np.array(self._bounds, np.int32)


@dataclass(frozen=True, slots=True)
class Known:
    """Texts that are known beside those that are written.

    Attributes:
        whole: The whole text of each name, for templates that ask for it.
        left: Texts of the names without a template.
    """

    whole: TextColumn
    left: Sequence[TextColumn]


_NONE = text_column(pl.Series([], dtype=pl.String))


def fill_templates(
    names: CutNames,
    templates: Sequence[Sequence[tuple[Template, str | None]]],
    which: Numbers,
    writings: Writings,
    known: Known | None = None,
) -> list[pl.Series]:
    """Fill templates, several of each name.

    Args:
        names: The names.
        templates: For each plan the templates to fill, as many for each, and the region of casing.
        which: Plan of each name; -1 - n for the n-th of the names whose texts are known.
        writings: Words and pieces that were made; more may be.
        known: Texts that are known; they may be left out where no template asks for them.

    Returns:
        One column for each template of a plan; null where the template is empty.
    """
    columns, loops = _program(names, templates, which, writings, known)
    pieces = text_column(writings.texts())
    return [
        _woven(names, programs, loops, (writings.places, pieces), known, at)
        for at, programs in enumerate(columns)
    ]


def fill_pieces(
    names: CutNames,
    templates: Sequence[Sequence[tuple[Template, str | None]]],
    which: Numbers,
    writings: Writings,
) -> list[Numbers]:
    """Return the numbers of the pieces that templates of one piece are filled with.

    The arguments are those of `fill_templates`.
    """
    columns, loops = _program(names, templates, which, writings, None)
    return [
        find_pieces(programs, names.firsts, names.codes, *loops, writings.places)
        for programs in columns
    ]


def _program(
    names: CutNames,
    templates: Sequence[Sequence[tuple[Template, str | None]]],
    which: Numbers,
    writings: Writings,
    known: Known | None,
) -> tuple[list[Numbers], tuple[Numbers, Numbers]]:
    """Return the program of each text, a column for each template, and what the programs do.

    The words that they ask for are made.
    """
    made = _Programs(writings)
    numbers = [[made.add(t, region) if t else 0 for t, region in plan] for plan in templates]
    width = len(templates[0]) if templates else len(known.left) if known else 0
    table, loops = np.array(numbers, np.int32).reshape(-1, width), made.arrays()
    columns = [
        _programs_of(np.ascontiguousarray(column), which, known.left[at] if known else None)
        for at, column in enumerate(table.T)
    ]
    needed = np.zeros(writings.places.shape, np.bool_)
    for programs in columns:
        mark_words(programs, names.firsts, names.codes, *loops, needed)
    writings.write(needed)
    return columns, loops


def _programs_of(table: Numbers, which: Numbers, left: TextColumn | None) -> Numbers:
    """Return the program of each text of a column, 0 for null."""
    if left is None or not len(left):
        return table[which]
    last = (
        np.where(left.missing, 0, -1 - np.arange(len(left)))
        if left.missing is not None
        else -1 - np.arange(len(left))
    )
    # Negative numbers count from the end: -1 - n is the n-th of the known texts turned round.
    return np.concatenate([table, last[::-1].astype(np.int32)])[which]


def _woven(
    names: CutNames,
    programs: Numbers,
    loops: tuple[Numbers, Numbers],
    made: tuple[Numbers, TextColumn],
    known: Known | None,
    at: int,
) -> pl.Series:
    if not programs.any():
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(programs))
    places, pieces = made
    whole, left = (known.whole, known.left[at]) if known else (_NONE, _NONE)
    given = (programs, names.firsts, names.codes, *loops, places, pieces.offsets)
    offsets = measure_texts(*given, whole.offsets, left.offsets)
    written = np.empty(offsets[-1] + BLOCK, np.uint8)
    weave_texts(
        *given, pieces.data, whole.offsets, whole.data, left.offsets, left.data, written
    )  # fmt: skip
    return text_series("", written[: offsets[-1]], offsets, programs == 0)


@dataclass(frozen=True, slots=True)
class Planned:
    """Names that were read, each as a plan to be filled.

    Attributes:
        texts: Each name as it is written.
        names: The same as words.
        plans: What to fill.
        which: Plan of each name, -1 where there is none.
        writings: Words that were made.
        parts: Names of the parts.
    """

    texts: pl.Series
    names: CutNames
    plans: Sequence[Plan]
    which: Numbers
    writings: Writings
    parts: Sequence[str]

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which names have a plan."""
        return self.which >= 0

    def fill(self, left: pl.DataFrame) -> pl.DataFrame:
        """Return the outcome of every name.

        Args:
            left: Outcomes of the names without a plan, in their order.
        """
        missing = ~self.done
        which = self.which.copy()
        which[missing] = -1 - np.arange(left.height, dtype=np.int32)
        strings = ["value", *self.parts, "message"]
        known = Known(text_column(self.texts), [text_column(left[name]) for name in strings])
        told = [[(t, p.region) for t in (p.value, *p.parts, p.message)] for p in self.plans]
        columns = fill_templates(self.names, told, which, self.writings, known)
        which[missing] = len(self.plans) + np.arange(left.height, dtype=np.int32)
        place, plans = pl.Series(which), _told(self.plans)
        series = [column.alias(name) for column, name in zip(columns, strings, strict=True)]
        series += [
            pl.concat([plans[name], left[name]], rechunk=True).gather(place)
            for name in plans.columns
        ]
        return pl.DataFrame([*series, self._alternatives(left["alternatives"])])

    def _alternatives(self, left: pl.Series) -> pl.Series:
        """Return the other readings of each name, mostly none."""
        counts = np.array([len(plan.alternatives) for plan in self.plans], np.int64)
        rows = np.flatnonzero(self.done)
        rows = rows[counts[self.which[rows]] > 0]
        which, most = self.which[rows], int(counts.max(initial=0))
        told = [
            [((*p.alternatives, *[()] * most)[at], p.region) for at in range(most)]
            for p in self.plans
        ]
        lists = [pl.Series([[]], dtype=pl.List(pl.String)), left.rename("")]
        if len(rows):
            columns = fill_templates(self.names.some(rows), told, which, self.writings)
            frame = pl.DataFrame(columns, [str(at) for at in range(most)])
            lists.append(frame.select(pl.concat_list(pl.all()).list.drop_nulls()).to_series())
        place = np.zeros(len(self.which), np.int64)
        place[~self.done] = 1 + np.arange(len(left))
        place[rows] = 1 + len(left) + np.arange(len(rows))
        table = pl.concat([one.alias("alternatives") for one in lists], rechunk=True)
        return table.gather(pl.Series(place))


def _told(plans: Sequence[Plan]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "status": [plan.status for plan in plans],
            "codes": [list(plan.codes) for plan in plans],
            "confidence": [plan.confidence for plan in plans],
        },
        schema={"status": pl.String, "codes": pl.List(pl.String), "confidence": pl.Float64},
    )
