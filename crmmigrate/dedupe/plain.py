"""Compare dates, identifiers, numbers and other plain values."""

import polars as pl

from crmmigrate.dedupe.distance import jaro_winkler, measured, slipped, token_sort
from crmmigrate.dedupe.evidence import Encoded, Glance, Level, counted, dictionary, rarity, sides
from crmmigrate.dedupe.fold import fold, sound
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import SemanticType

__all__ = ["compare_plain", "encode_plain", "plain_levels"]

_DATE = (
    Level("different", 0.03, 0.95),
    Level("year", 0.02, 0.02),
    Level("slip", 0.08, 0.005),
    Level("part", 0.02, 0.01),
    Level("exact", 0.85, 0.0005, rare=True),
)
_IDENTIFIER = (
    Level("different", 0.05, 0.9998),
    Level("slip", 0.10, 0.0002),
    Level("exact", 0.85, 0.0001, rare=True),
)
_TEXT = (
    Level("different", 0.15, 0.97),
    Level("near", 0.15, 0.01),
    Level("exact", 0.70, 0.02, rare=True),
)
_NUMBER = (
    Level("different", 0.04, 0.9),
    Level("slip", 0.06, 0.05),
    Level("exact", 0.90, 0.05, rare=True),
)
_VALUE = (Level("different", 0.10, 0.9), Level("exact", 0.90, 0.1, rare=True))


def plain_levels(kind: SemanticType) -> tuple[Level, ...]:
    """Return the levels of agreement of a simple type."""
    if kind in {SemanticType.DATE, SemanticType.DATETIME}:
        return _DATE
    if kind in {SemanticType.IDENTIFIER, SemanticType.EXTERNAL_ID}:
        return _IDENTIFIER
    if kind is SemanticType.TEXT:
        return _TEXT
    if kind is SemanticType.NUMBER:
        return _NUMBER
    return _VALUE


def encode_plain(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Fold the first filled field to one comparable text."""
    del words
    present = [pl.col(f).cast(pl.String) for f in feature.fields if f in frame.columns]
    known = [pl.when(c.str.strip_chars() != "").then(c.str.strip_chars()) for c in present]
    ids, values = dictionary(frame.select(pl.coalesce(known).alias("shown")))
    values = values.with_columns(_normalized(values["shown"], feature.type).alias("text"))
    values = rarity(counted(ids, values), "text").with_columns(
        sound(values["text"]).alias("sound"),
        pl.col("text").str.slice(0, 4).alias("year"),
        pl.when(pl.col("text").str.len_chars() == 8)
        .then(pl.col("text").str.slice(4, 4))
        .alias("day"),
    )
    levels = plain_levels(feature.type)
    checks: tuple[tuple[tuple[str, ...], str], ...] = ((("text",), levels[-1].name),)
    otherwise = levels[-2].name
    if levels is _DATE:
        checks, otherwise = (*checks, (("year", "day"), "part")), "different"
    glance = Glance(feature.name, checks, otherwise, "text~")
    return Encoded(feature, {feature.name: levels}, ids, values, (glance,))


def _normalized(shown: pl.Series, kind: SemanticType) -> pl.Series:
    if kind in {SemanticType.DATE, SemanticType.DATETIME}:
        # A date with a digit too many is kept as it came; its last digits count, too.
        days = shown.str.replace(r"^(\d{4}-\d\d-\d\d)[T ].*$", "${1}").str.slice(0, 14)
        return days.to_frame("day").select(_known_digits(pl.col("day")))["day"]
    folded = fold(shown)
    if kind in {SemanticType.IDENTIFIER, SemanticType.EXTERNAL_ID}:
        return folded.str.replace_all(" ", "")
    return folded


def _known_digits(day: pl.Expr) -> pl.Expr:
    """Return the digits of a date as far as they tell something: `1970-00-00` tells the year."""
    digits = day.str.replace_all(r"\D", "")
    told = digits.str.replace(r"^(\d{4}(?:0[1-9]|1[0-2])?)(?:00){1,2}$", "${1}")
    none = told.str.contains(r"^(0000|9999)") | (told.str.len_chars() < 4)
    return pl.when(~none).then(told)


def compare_plain(
    values: pl.DataFrame, pairs: pl.DataFrame, name: str, kind: SemanticType
) -> pl.DataFrame:
    """Add the level of agreement and the chance of the shared value."""
    both = sides(values, pairs, "text", "text~")
    same = pl.col("text") == pl.col("text_b")
    if kind in {SemanticType.DATE, SemanticType.DATETIME}:
        both = slipped(both, "text", "text_b")
        level = _date_level(same)
    elif kind in {SemanticType.IDENTIFIER, SemanticType.EXTERNAL_ID}:
        both = slipped(both, "text", "text_b")
        long = (
            pl.min_horizontal(pl.col("text").str.len_chars(), pl.col("text_b").str.len_chars()) >= 5
        )
        level = pl.when(same).then(2).when(pl.col("slip") & long).then(1).otherwise(0)
    elif kind is SemanticType.NUMBER:
        both = slipped(both, "text", "text_b")
        level = pl.when(same).then(2).when("slip").then(1).otherwise(0)
    elif kind is SemanticType.TEXT:
        both = measured(both, "text", "text_b", _jw=jaro_winkler, _sorted=token_sort)
        near = (pl.col("_jw") >= 0.92) | (pl.col("_sorted") >= 85)
        level = pl.when(same).then(2).when(near).then(1).otherwise(0)
    else:
        level = pl.when(same).then(1).otherwise(0)
    known = pl.col("text").is_not_null() & pl.col("text_b").is_not_null()
    return both.select(
        "va",
        "vb",
        pl.when(known).then(level).cast(pl.Int8).alias(name),
        pl.max_horizontal("text~", "text~_b").alias(f"{name}~"),
    )


def _date_level(same: pl.Expr) -> pl.Expr:
    x, y = pl.col("text"), pl.col("text_b")
    short = pl.min_horizontal(x.str.len_chars(), y.str.len_chars()) < 8
    part = short & (x.str.starts_with(y) | y.str.starts_with(x))
    swapped = (x.str.slice(0, 4) == y.str.slice(0, 4)) & (
        x.str.slice(4, 2) + x.str.slice(6, 2) == y.str.slice(6, 2) + y.str.slice(4, 2)
    )
    return (
        pl.when(same & ~short).then(4)
        .when(part).then(3)
        .when(pl.col("slip") | swapped).then(2)
        .when((x.str.slice(0, 4) == y.str.slice(0, 4)) | (x.str.slice(4) == y.str.slice(4))).then(1)
        .otherwise(0)
    )  # fmt: skip
