"""What comparisons are made of: levels of agreement and dictionary-encoded values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from crmmigrate.dedupe.loops import LEAST_PAIRS
from crmmigrate.model.matching import Feature

__all__ = [
    "OTHER_SCRIPT",
    "VALUE_ID",
    "Encoded",
    "Glance",
    "Level",
    "among",
    "chance_of",
    "counted",
    "dictionary",
    "first_rows",
    "rarity",
    "sides",
    "spread",
]

VALUE_ID = "_value"
OTHER_SCRIPT = r"[^\P{L}\p{Latin}]"
"""Matches a letter that is not Latin."""
_UNSEEN_RECORDS = 20
"""Records without the value that are imagined besides those there are: few records tell little
about how common a value is."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement of a piece of evidence.

    Attributes:
        name: e.g. exact, typo, different.
        match: Share of true matches at this level, as far as is known before seeing the data.
        random: The same of random pairs.
        rare: The agreeing value's own frequency stands for `random` where it is known.
        apart: Part of that frequency that is chance; the rest are records of one and the same.
    """

    name: str
    match: float
    random: float
    rare: bool = False
    apart: float = 1.0


@dataclass(frozen=True, slots=True)
class Glance:
    """How a piece of evidence is judged by whole numbers, before texts are compared.

    Attributes:
        evidence: Full evidence name.
        checks: Columns of `Encoded.values` → the best level possible if any of them is the same on
            both sides; the first check that holds counts. `given/family` compares two columns.
        otherwise: The best level possible if no check holds.
        rarity: Column with the chance of the value, for levels that count rare values.
    """

    evidence: str
    checks: tuple[tuple[tuple[str, ...], str], ...]
    otherwise: str
    rarity: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that is looked at."""
        every = (part for check, _ in self.checks for c in check for part in c.split("/"))
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True)
class Encoded:
    """One feature of all records, dictionary-encoded.

    Attributes:
        feature: The feature.
        evidence: Full evidence name → levels; the first level (0) is disagreement.
        ids: UInt32 per record; null where nothing is known.
        values: One row per id, in the order of ids, with the columns that comparing and blocking read, and `shown`.
        glances: How pairs are screened.
        tables: What comparing looks up besides, made once.
        prepared: What compiled loops made of the values, by the function that made it.
    """

    feature: Feature
    evidence: Mapping[str, tuple[Level, ...]]
    ids: pl.Series
    values: pl.DataFrame
    glances: tuple[Glance, ...] = ()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    prepared: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def dictionary(rows: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Return an id per row and the distinct rows with `VALUE_ID`; rows of only nulls have no id."""
    known = pl.any_horizontal(pl.col(c).is_not_null() for c in rows.columns)
    filled = rows.select(known).to_series()
    some = rows.filter(filled)
    firsts, numbers = first_rows(some)
    ids = spread(pl.DataFrame([numbers.alias(VALUE_ID)]), filled)[VALUE_ID]
    return ids, some[firsts].with_row_index(VALUE_ID)


def first_rows(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the first of equal rows, in order, and the place among these of each row (UInt32).

    Of many rows 64 bits are compared: two of a million are taken for one with a chance of 1 in 10**7.
    """
    if rows.height >= LEAST_PAIRS:
        from crmmigrate.compiled.shapes import number_distinct

        firsts, numbers = number_distinct(rows.hash_rows(7).to_numpy())
        return pl.Series(firsts.astype("uint32")), pl.Series(numbers.astype("uint32"))
    at = pl.int_range(pl.len(), dtype=pl.UInt32).alias("_at")
    distinct = rows.with_columns(at).unique(rows.columns, keep="first", maintain_order=True)
    placed = distinct.select(*rows.columns, at.alias("_place"))
    found = rows.join(placed, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")
    return distinct["_at"], found["_place"]


def counted(ids: pl.Series, values: pl.DataFrame) -> pl.DataFrame:
    """Add `_count`: the number of records that hold each value."""
    counts = ids.drop_nulls().value_counts(name="_count").rename({ids.name: VALUE_ID})
    return values.join(counts, on=VALUE_ID, how="left", maintain_order="left").with_columns(
        pl.col("_count").fill_null(0)
    )


def among(records: int) -> int:
    """Return how many records a count of holders is taken to be a share of."""
    return max(records, 1) + _UNSEEN_RECORDS


def chance_of(holders: pl.Expr, records: int) -> pl.Expr:
    """How likely a second record holds a value by chance, seeing that so many do."""
    return ((holders - 1).clip(1).cast(pl.Float64) / (among(records) - 1)).cast(pl.Float32)


def rarity(values: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add `<column>~`: how likely a second record holds the same text by chance, and its count."""
    known = values.filter(pl.col(column).is_not_null())
    total = int(known["_count"].sum())
    counts = known.group_by(column).agg(pl.col("_count").sum().alias(f"{column}#"))
    chance = chance_of(pl.col(f"{column}#"), total)
    return values.join(
        counts.with_columns(chance.alias(f"{column}~")), on=column, how="left",
        maintain_order="left",
    )  # fmt: skip


def sides(values: pl.DataFrame, pairs: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return va, vb and both values' columns of each pair; those of vb are named `<column>_b`."""
    found = [pairs["va"], pairs["vb"]]
    found += [values[c].gather(pairs["va"]) for c in columns]
    found += [values[c].gather(pairs["vb"]).alias(f"{c}_b") for c in columns]
    return pl.DataFrame(found)


def spread(rows: pl.DataFrame, where: pl.Series) -> pl.DataFrame:
    """Return rows placed where `where` is true, with null rows between them."""
    if rows.height == len(where):
        return rows
    place = where.alias("at").to_frame().select(pl.when("at").then(pl.col("at").cum_sum() - 1))
    return pl.DataFrame([column.gather(place["at"]) for column in rows.get_columns()])
