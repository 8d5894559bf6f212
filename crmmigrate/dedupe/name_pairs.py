"""Compare names of persons as a whole: either order, initials, nicknames, other scripts."""

from collections.abc import Iterator, Mapping
from itertools import starmap

import polars as pl

from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.name_words import Spelt, family_level, given_level
from crmmigrate.dedupe.names import CODED

__all__ = ["compare_names"]

_DIFFERENT, _SIMILAR, _CLASH, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(9)
_F_TYPO, _F_PARTIAL, _F_EXACT = range(3, 6)


def compare_names(encoded: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add the levels of given name, family name and generation, with chances of agreement.

    Args:
        encoded: Names.
        pairs: Pairs `va`, `vb` of value ids.
    """
    name, tables = encoded.feature.name, encoded.tables
    both = _both_sides(encoded.values, pairs)
    both = both.with_columns(
        _levels(both, tables, "given", "given").alias("straight_given"),
        _levels(both, tables, "family", "family").alias("straight_family"),
    )
    both = _crossed(both, tables)
    swap = pl.col("swap")
    known_given = (pl.col("given_a").is_not_null() & pl.col("given_b").is_not_null()) | swap
    known_family = (pl.col("family_a").is_not_null() & pl.col("family_b").is_not_null()) | swap
    same = pl.any_horizontal(
        (pl.col(f"{c}_a") == pl.col(f"{c}_b")).fill_null(value=False) for c in ("sorted", "joined")
    )
    other = pl.col("foreign_a") != pl.col("foreign_b")
    both = _held(encoded.values["words"], both)
    given = _either_way("given", _EXACT, _TYPO, same, other)
    family = _either_way("family", _F_EXACT, _F_TYPO, same, other)
    return both.select(
        "va",
        "vb",
        pl.when(known_given | same).then(given).cast(pl.Int8).alias(f"{name}.given"),
        pl.min_horizontal("given~_a", "given~_b").alias(f"{name}.given~"),
        pl.when(known_family | same).then(family).cast(pl.Int8).alias(f"{name}.family"),
        pl.min_horizontal("family~_a", "family~_b").alias(f"{name}.family~"),
        (pl.col("suffix_a") == pl.col("suffix_b")).cast(pl.Int8).alias(f"{name}.suffix"),
    )


def _held(words: pl.Series, both: pl.DataFrame) -> pl.DataFrame:
    """Look at the words of whole names where those of given and family names do not tell.

    Partly the same is a name of two words or more that the other one holds: Maria Silva and Maria
    Silva Costa, where Silva is a given name of the one and the family name of the other. What is
    left out in both (Ana Maria Costa, Ana Costa Lopez) clashes.
    """
    given, family = pl.col("straight_given"), pl.col("straight_family")
    partly = (given == _PARTIAL) & (family == _F_PARTIAL)
    poor = ((given < _INITIAL) | (family < _F_TYPO)) & given.is_not_null() & family.is_not_null()
    few = both.with_row_index("row").filter((poor | partly) & ~pl.col("swap"))
    sides = pl.DataFrame([
        few["row"], words.gather(few["va"]).alias("a"), words.gather(few["vb"]).alias("b")
    ])  # fmt: skip
    least = pl.min_horizontal(pl.col("a").list.len(), pl.col("b").list.len())
    shared = pl.col("a").list.set_intersection("b").list.len()
    held = sides.select("row", held=(least >= 2) & (shared == least))
    told = both.with_row_index("row").join(held, on="row", how="left", maintain_order="left")
    yes, no = pl.col("held").fill_null(value=False), ~pl.col("held").fill_null(value=True)
    return told.with_columns(
        pl.when(yes).then(pl.max_horizontal(given, pl.lit(_PARTIAL, pl.Int8)))
        .when(no & partly).then(pl.lit(_CLASH, pl.Int8)).otherwise(given).alias("straight_given"),
        pl.when(yes).then(pl.max_horizontal(family, pl.lit(_F_PARTIAL, pl.Int8))).otherwise(family)
        .alias("straight_family"),
    ).drop("row", "held")  # fmt: skip


def _either_way(role: str, exact: int, typo: int, same: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return the level of a role in the order that fits, straight or crossed.

    A transliteration (`other` script) that does not agree proves nothing.
    """
    level = (
        pl.when(same)
        .then(exact)
        .when(pl.col("swap"))
        .then(f"crossed_{role}")
        .otherwise(f"straight_{role}")
    )
    return pl.when(other & (level < typo)).then(None).otherwise(level)


def _both_sides(values: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return what is needed of both values of each pair, texts by the numbers of `_spelt`."""
    side = values.select(
        *(pl.col(f"{c}_code").alias(c) for c in CODED), "foreign", "given~", "family~"
    )
    columns = [pairs["va"], pairs["vb"]]
    for end, ids in (("a", pairs["va"]), ("b", pairs["vb"])):
        columns += [c.gather(ids).alias(f"{c.name}_{end}") for c in side.get_columns()]
    return pl.DataFrame(columns)


def _levels(
    both: pl.DataFrame, tables: Mapping[str, pl.DataFrame], one: str, other: str
) -> pl.Series:
    """Compare names of one role with names of another, each two texts once.

    As given names if `one` is the given name, else as family names.
    """
    packed = both.select(
        (pl.col(f"{one}_a").cast(pl.UInt64) * 2**32 + pl.col(f"{other}_b")).alias("texts")
    )
    distinct = packed["texts"].drop_nulls().unique()
    sides = (
        _spelt(tables[role], (ids - 1).cast(pl.UInt32))
        for role, ids in ((one, distinct // 2**32), (other, distinct % 2**32))
    )
    compare = given_level if one == "given" else family_level
    found = pl.Series("level", map(compare, *sides), dtype=pl.Int8)
    levels = pl.DataFrame([distinct, found])
    return packed.join(levels, on="texts", how="left", maintain_order="left")["level"]


def _spelt(table: pl.DataFrame, at: pl.Series) -> Iterator[Spelt]:
    return starmap(Spelt, table.select("text", "nick", "sound", "holders")[at].iter_rows())


def _crossed(both: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Compare given with family names where the straight comparison fails."""
    poor = (pl.col("straight_given") < _TYPO).fill_null(value=False) & (
        pl.col("straight_family") < _F_TYPO
    ).fill_null(value=True)
    both = both.with_row_index("p")
    crossed = both.filter(poor)
    crossed = crossed.with_columns(
        _levels(crossed, tables, "given", "family").alias("crossed_given"),
        _levels(crossed, tables, "family", "given").alias("crossed_family"),
    )
    one, other = pl.col("crossed_given"), pl.col("crossed_family")
    both_good = (one >= _INITIAL) & (other >= _F_TYPO)
    # Only one name agrees: it is the given name that stands in the wrong place.
    first = (one >= _TYPO) & (pl.col("straight_given") < _CLASH)
    second = (other >= _F_TYPO) & (pl.col("straight_given") < _CLASH)
    crossed = crossed.with_columns(
        pl.when(both_good | first).then(one).when(second).then(_EXACT).alias("crossed_given"),
        pl.when(both_good | first).then(other).when(second).then(_DIFFERENT)
        .alias("crossed_family"),
        (both_good | first | second).fill_null(value=False).alias("swap"),
    ).filter("swap").select("p", "crossed_given", "crossed_family", "swap")  # fmt: skip
    return both.join(crossed, on="p", how="left", maintain_order="left").with_columns(
        pl.col("swap").fill_null(False)
    )
