"""Compare names of persons as a whole: either order, initials, nicknames, other scripts."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.dedupe.distance import edits, jaro_winkler, measured
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.fold import squash
from crmmigrate.dedupe.names import CODED

__all__ = ["compare_names"]

_DIFFERENT, _SIMILAR, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(8)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL, _F_EXACT = range(1, 6)


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
    same = (pl.col("sorted_a") == pl.col("sorted_b")).fill_null(False)
    other = pl.col("foreign_a") != pl.col("foreign_b")
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
    sides = []
    for end, role, ids in (("a", one, distinct // 2**32), ("b", other, distinct % 2**32)):
        at = (ids - 1).cast(pl.UInt32)
        sides += [c.gather(at).alias(f"{c.name}_{end}") for c in tables[role].get_columns()]
    compare = _given_level if one == "given" else _family_level
    levels = compare(pl.DataFrame(sides)).with_columns(distinct.alias("texts"))
    return packed.join(levels, on="texts", how="left", maintain_order="left")["level"]


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
    first = (one >= _TYPO) & (pl.col("straight_given") < _MANGLED)
    second = (other >= _F_TYPO) & (pl.col("straight_given") < _MANGLED)
    crossed = crossed.with_columns(
        pl.when(both_good | first).then(one).when(second).then(_EXACT).alias("crossed_given"),
        pl.when(both_good | first).then(other).when(second).then(_DIFFERENT)
        .alias("crossed_family"),
        (both_good | first | second).fill_null(value=False).alias("swap"),
    ).filter("swap").select("p", "crossed_given", "crossed_family", "swap")  # fmt: skip
    return both.join(crossed, on="p", how="left", maintain_order="left").with_columns(
        pl.col("swap").fill_null(False)
    )


def _given_level(both: pl.DataFrame) -> pl.DataFrame:
    both = measured(both, "text_a", "text_b", _jw=jaro_winkler, _edits=edits)
    x, y, fx, fy = (pl.col(c) for c in ("text_a", "text_b", "first_a", "first_b"))
    short = pl.min_horizontal(fx.str.len_chars(), fy.str.len_chars())
    initial = (short == 1) & (fx.str.slice(0, 1) == fy.str.slice(0, 1))
    shared = x.str.split(" ").list.set_intersection(y.str.split(" "))
    partial = shared.list.eval(pl.element().str.len_chars()).list.max() > 2
    nick = pl.col("nick_a") == pl.col("nick_b")
    prefix = (short >= 3) & (fx.str.starts_with(fy) | fy.str.starts_with(fx))
    level = (
        pl.when(squash(x) == squash(y)).then(_EXACT)
        .when(initial).then(_INITIAL)
        .when(partial).then(_PARTIAL)
        .when(nick).then(_NICKNAME)
        .when(_gendered(fx, fy)).then(_SIMILAR)
        .when(prefix).then(_NICKNAME)
        .when(_close(x, y) & _established()).then(_SIMILAR)
        .when(_close(x, y)).then(_TYPO)
        .when(_mangled(x, y) & ~_established()).then(_MANGLED)
        .otherwise(_DIFFERENT)
    )  # fmt: skip
    return both.select(level.cast(pl.Int8).alias("level"))


def _family_level(both: pl.DataFrame) -> pl.DataFrame:
    both = measured(both, "text_a", "text_b", _jw=jaro_winkler, _edits=edits)
    x, y = pl.col("text_a"), pl.col("text_b")
    shared = x.str.split(" ").list.set_intersection(y.str.split(" "))
    partial = shared.list.eval(pl.element().str.len_chars()).list.max() > 2
    married = (x + "ova" == y) | (y + "ova" == x) | (x + "a" == y) | (y + "a" == x)
    level = (
        pl.when(squash(x) == squash(y)).then(_F_EXACT)
        .when(partial).then(_F_PARTIAL)
        .when(married).then(_F_TYPO)
        .when(_close(x, y) & _established()).then(_F_SIMILAR)
        .when(_close(x, y)).then(_F_TYPO)
        .when(_mangled(x, y) & ~_established()).then(_F_MANGLED)
        .otherwise(0)
    )  # fmt: skip
    return both.select(level.cast(pl.Int8).alias("level"))


def _close(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    longest = pl.max_horizontal(x.str.len_chars(), y.str.len_chars())
    one = (pl.col("_edits") <= 1) & (longest >= 4)
    two = (pl.col("_edits") <= 2) & ((pl.col("_jw") >= 0.9) | (longest >= 8))
    near = (pl.col("_jw") >= 0.93) & (longest >= 6)
    alike = (pl.col("sound_a") == pl.col("sound_b")) & (pl.col("sound_a").str.len_chars() >= 3)
    return (one | two | near | (alike & (pl.col("_jw") >= 0.75))).fill_null(False)


def _mangled(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Much alike, but damaged: `aessicj` and `jessica`."""
    longest = pl.max_horizontal(x.str.len_chars(), y.str.len_chars())
    return ((pl.col("_jw") >= 0.78) | (pl.col("_edits") <= 0.45 * longest)) & (longest >= 4)


def _established() -> pl.Expr:
    """Both spellings are common: rather two names than one with a slip."""
    few = pl.min_horizontal("holders_a", "holders_b")
    many = pl.max_horizontal("holders_a", "holders_b")
    return (few >= 4) & (few * 20 >= many)


def _gendered(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Forms for a man and a woman: Daniel and Daniela, Mario and Maria, Andrei and Andreea."""
    ending = r"^(a|e|o|i|u|ia|ea|ina|ine|ana|ela|le|la|ette)$"
    found: pl.Expr = pl.lit(value=False)
    for short, long in ((x, y), (y, x)):
        stem = short.str.replace(r"[aeiou]$", "")
        rest = long.str.slice(stem.str.len_chars())
        added = long.str.starts_with(stem) & rest.str.contains(ending)
        found = found | (added & (stem.str.len_chars() >= 3) & (short.str.len_chars() >= 4))
    feminine = r"(a|ine|ette|elle|[^aeiou]e)$"
    return found & (x.str.contains(feminine) != y.str.contains(feminine))
