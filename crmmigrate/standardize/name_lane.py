"""Names by their shape: one reading for all names whose words are of the same classes.

The words of all names are counted once and sorted into classes (`name_classes`). Each distinct
sequence of classes is read once by the scalar reading, on words that stand in for the classes, and
what it says is filled with the words of every name of that shape (`name_plans`). So Python sees
distinct words and distinct shapes only, and the lane says what the scalar reading says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled import cutting
from crmmigrate.compiled.shapes import number_distinct
from crmmigrate.standardize.name_classes import (
    LITERAL,
    MARK,
    POSITIONS,
    class_names,
    classify,
    stand_in,
)
from crmmigrate.standardize.name_cuts import cut_texts
from crmmigrate.standardize.name_filling import CutNames, Planned, Writings
from crmmigrate.standardize.name_loops import hash_shapes
from crmmigrate.standardize.name_plans import Plan, make_plan
from crmmigrate.standardize.name_turns import EVIDENCE, Orders, find_twins, weigh_orders
from crmmigrate.standardize.name_ways import number_ways, regional_words
from crmmigrate.values.name_tokens import known_words
from crmmigrate.values.name_words import NameWords
from crmmigrate.values.outcome import Outcome

__all__ = ["FEW", "Read", "read_shapes"]

Read = Callable[[str, NameWords, float], Outcome]
"""The scalar reading of a text in a region, and how sure it is that its order is not the usual one."""
Indices = NDArray[np.int64]
Numbers = NDArray[np.int32]

FEW = 2
"""Names of one shape from which on reading the shape is cheaper than reading each name."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of many texts.

    Attributes:
        firsts: Number of the first word of each text, and of all words.
        codes: Index of each word in `distinct`, text after text.
        distinct: Distinct words, with the marks of cuts.
        bare: The same without marks.
        classes: Class of each distinct word where second given names count, and elsewhere.
        regional: Whether the region decides what a distinct word is.
    """

    firsts: Indices
    codes: Numbers
    distinct: pl.Series
    bare: pl.Series
    classes: Numbers
    regional: NDArray[np.bool_]


def read_shapes(
    texts: pl.DataFrame,
    habits: Sequence[NameWords],
    read: Read,
    parts: Sequence[str],
    *,
    whole: bool = True,
) -> Planned:
    """Read names by their shape.

    Args:
        texts: `text`, null where it is not to be read, and `habit` (index in `habits`).
        habits: What is known about names, one a region or group of regions.
        read: The scalar reading.
        parts: Names of the parts.
        whole: The texts are whole names; else their parts are known, and the order is not asked.

    Returns:
        The names and their plans; names of rare shapes have none, nor those that are more than
        their words.
    """
    rows = cut_texts(texts.with_row_index("_at").drop_nulls("text"), tidy=whole)
    words = _count_words(rows["cut"], habits)
    shapes = _find_shapes(rows["habit"], words, habits)
    planner = _Planner(words, habits, read, tuple(parts))
    which = planner.plan(shapes, np.zeros(len(shapes.firsts), np.int64))[shapes.numbers]
    names = CutNames(words.firsts[:-1], words.codes)
    writings = Writings(words.bare)
    if whole and which.size:
        _turn(rows["text"], names, shapes, which, planner, writings)
    at = rows["_at"].to_numpy()
    plans, firsts = np.full(texts.height, -1, np.int32), np.zeros(texts.height, np.int64)
    plans[at], firsts[at] = which, names.firsts
    names = CutNames(firsts, words.codes)
    return Planned(texts["text"], names, planner.plans, plans, writings, tuple(parts))


def _whole(cut: str) -> str:
    """Undo the cuts."""
    return cut.replace(f" {MARK}", "").replace(f"{MARK} ", "").replace(MARK, "")


def _count_words(cut: pl.Series, habits: Sequence[NameWords]) -> Words:
    every = cutting.cut_texts(cut, POSITIONS)
    listed = [
        *(word for habit in habits for phrase in habit.titles for word in phrase.split()),
        *(word for h in habits for ws in (h.doubtful, h.suffixes, h.particles) for word in ws),
    ]
    own = frozenset(word.replace(" ", "") for word in listed)
    classified = classify(every.distinct, own - known_words())
    number = {name: at for at, name in enumerate(class_names(), 1)}
    literal = (pl.col("class") == LITERAL) | (pl.col("second") == LITERAL)
    own_number = literal.cum_sum().cast(pl.Int32) + len(number)

    def numbered(column: str) -> pl.Expr:
        code = pl.col(column).replace_strict(number, default=None, return_dtype=pl.Int32)
        return pl.when(pl.col(column) == LITERAL).then(own_number).otherwise(code)

    table = classified.select(f=numbered("second"), p=numbered("class"), literal=literal)
    classes = np.stack([table["f"].to_numpy(), table["p"].to_numpy()])
    regional = regional_words(classified["bare"], table["literal"], habits)
    bare = classified["bare"]
    return Words(every.firsts, every.codes, every.distinct, bare, classes, regional)


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Distinct shapes of names, and which one each name has.

    Attributes:
        numbers: Number of each name's shape.
        firsts: Row of the first name of each shape.
        sizes: How many names have each shape.
        habits: Index of each name's region in the habits.
    """

    numbers: Indices
    firsts: Indices
    sizes: Indices
    habits: Indices


def _find_shapes(which: pl.Series, words: Words, habits: Sequence[NameWords]) -> _Shapes:
    """Number the distinct shapes; names without words are of a shape that nothing is read of."""
    own = which.to_numpy().astype(np.int64)
    rows = [0 if habit.two_families else 1 for habit in habits]
    kinds = np.stack([rows, number_ways(habits)], 1).astype(np.int32)
    hashes = hash_shapes(words.firsts, words.codes, words.classes, words.regional, own, kinds)
    firsts, numbers = number_distinct(hashes)
    return _Shapes(numbers, firsts, np.bincount(numbers, minlength=len(firsts)), own)


def _turn(
    texts: pl.Series,
    names: CutNames,
    shapes: _Shapes,
    which: Numbers,
    planner: "_Planner",
    writings: Writings,
) -> None:
    """Plan names anew whose words say that they stand in another order than is usual.

    Those that are the same when turned are left to the scalar reading, which compares the texts.
    """
    read = np.flatnonzero(which >= 0)
    sure = np.zeros(len(which), np.int64)
    orders = Orders.of_regions(planner.habits).some(shapes.habits[read])
    sure[read] = weigh_orders(
        names.some(read), planner.plans, which[read], orders, writings, planner.parts
    )
    turned = np.flatnonzero(sure)
    keys = shapes.numbers[turned] * np.int64(len(EVIDENCE)) + sure[turned]
    known, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
    sizes = np.bincount(numbers, minlength=len(known))
    again = _Shapes(numbers, turned[firsts], sizes, shapes.habits)
    which[turned] = planner.plan(again, known % len(EVIDENCE))[numbers]
    moved = np.array(
        [not {"STD203", "STD213"}.isdisjoint(p.codes) for p in planner.plans], np.bool_
    )
    rows = np.flatnonzero(which >= 0)
    twins = find_twins(names, texts, rows[moved[which[rows]]], planner.words.bare)
    which[twins] = -1


class _Planner:
    """Reads one name of each shape; two shapes often have the same plan."""

    def __init__(
        self, words: Words, habits: Sequence[NameWords], read: Read, parts: tuple[str, ...]
    ) -> None:
        self.words, self.habits, self.parts = words, habits, parts
        self._read = read
        self._known: dict[Plan, int] = {}

    @property
    def plans(self) -> list[Plan]:
        """All plans made so far."""
        return list(self._known)

    def plan(self, shapes: _Shapes, sure: Indices) -> Numbers:
        """Return the number of each shape's plan, -1 for rare ones and those that have none."""
        numbers = np.full(len(shapes.firsts), -1, np.int32)
        kept = np.flatnonzero(shapes.sizes >= FEW)
        rows = shapes.firsts[kept]
        begins, ends = self.words.firsts[rows], self.words.firsts[rows + 1]
        where = np.concatenate(
            [np.arange(a, b) for a, b in zip(begins, ends, strict=True)] or [begins]
        )
        codes = self.words.codes[where]
        written = self.words.distinct.gather(pl.Series(codes)).to_list()
        classes = self.words.classes[:, codes].tolist()
        end = 0
        for shape, row, count in zip(kept, rows, ends - begins, strict=True):
            begin, end = end, end + count
            habit = self.habits[shapes.habits[row]]
            kinds = classes[0 if habit.two_families else 1][begin:end]
            plan = self._one(kinds, written[begin:end], habit, EVIDENCE[sure[shape]])
            if plan is not None:
                numbers[shape] = self._known.setdefault(plan, len(self._known))
        return numbers

    def _one(
        self, classes: Sequence[int], written: Sequence[str], habit: NameWords, sure: float
    ) -> Plan | None:
        stood = _stood_in(classes, written) if classes else None
        if stood is None:
            return None
        text = _whole(" ".join(stood[0]))
        return _plan(text, tuple(stood[1].items()), habit, self._read, sure, self.parts)


def _stood_in(
    classes: Sequence[int], written: Sequence[str]
) -> tuple[list[str], dict[int, str]] | None:
    """Return words that stand in for those of a name, and those of them that are not its own.

    None if a class has no word for its position.
    """
    names = class_names()
    cut, stand_ins = list(written), {}
    for at, number in enumerate(classes):
        if number > len(names):
            continue
        word = stand_in(names[number - 1], at)
        if word is None:
            return None
        cut[at], stand_ins[at] = word, word.strip(MARK)
    return cut, stand_ins


@lru_cache(maxsize=1 << 15)
def _plan(
    text: str,
    stand_ins: tuple[tuple[int, str], ...],
    habit: NameWords,
    read: Read,
    sure: float,
    parts: tuple[str, ...],
) -> Plan | None:
    """Read one name of stand-ins; the next part of a file has mostly the same shapes."""
    return make_plan(text, dict(stand_ins), read(text, habit, sure), habit.region, parts)
