"""Compare what should be in the target with what is there, and explain each difference.

A difference is never just "not equal": the target may have cut a text, changed its case or its
white space, or someone may have edited the record; each has a code of its own.
"""

from collections.abc import Mapping

import polars as pl

from crmmigrate.changes.compare import comparable, differs
from crmmigrate.model.semantic import SemanticType

__all__ = ["DIFFERENCE", "differences", "stored_otherwise"]

DIFFERENCE = pl.Schema(
    {
        "external_id": pl.String,
        "field": pl.String,
        "expected": pl.String,
        "actual": pl.String,
        "code": pl.String,
    }
)
"""One row a field that differs."""

REFORMATTED, DIFFERENT, LOST, CUT, RECASED, RESPACED, ROUNDED, REPOINTED, EMPTIED_LINK = (
    "VER610",
    "VER611",
    "VER612",
    "VER613",
    "VER614",
    "VER615",
    "VER618",
    "VER621",
    "VER622",
)


_LOOSE = (SemanticType.PHONE, SemanticType.POSTAL_CODE)
"""Types in which signs between letters and digits mean nothing."""


def differences(
    desired: pl.DataFrame, current: pl.DataFrame, kinds: Mapping[str, SemanticType]
) -> pl.DataFrame:
    """Return one DIFFERENCE row for each field of each record that is in both.

    Args:
        desired: `external_id` and target columns.
        current: `_external_id` and target columns.
        kinds: Target columns with their semantic types.
    """
    now = current.select(
        pl.col("_external_id").alias("external_id"), *(pl.col(c).alias(f"now.{c}") for c in kinds)
    )
    both = desired.join(now, on="external_id", how="inner", maintain_order="left")
    found = [_column_differences(both, c, kind) for c, kind in kinds.items()]
    return pl.concat([DIFFERENCE.to_frame(), *found]).sort("external_id", maintain_order=True)


def _column_differences(both: pl.DataFrame, column: str, kind: SemanticType) -> pl.DataFrame:
    want, have = pl.col(column), pl.col(f"now.{column}")
    rows = both.filter(differs(want, have, kind))
    return rows.select(
        pl.col("external_id"),
        pl.lit(column).alias("field"),
        _shown(want, kind).alias("expected"),
        _shown(have, kind).alias("actual"),
        _cause(want, have, kind).alias("code"),
    )


def _cause(want: pl.Expr, have: pl.Expr, kind: SemanticType) -> pl.Expr:
    missing = comparable(have, kind).is_null()
    if kind is SemanticType.REFERENCE:
        return pl.when(missing).then(pl.lit(EMPTIED_LINK)).otherwise(pl.lit(REPOINTED))
    if kind is SemanticType.BINARY:
        return pl.when(missing).then(pl.lit(LOST)).otherwise(pl.lit(DIFFERENT))
    absent = comparable(want, kind).is_null()
    number = pl.lit(value=False) if kind is not SemanticType.NUMBER else _rounded(want, have)
    return (
        pl.when(missing)
        .then(pl.lit(LOST))
        .when(absent)
        .then(pl.lit(DIFFERENT))
        .when(number)
        .then(pl.lit(ROUNDED))
        .when(want.str.starts_with(have))
        .then(pl.lit(CUT))
        .when(want.str.to_lowercase() == have.str.to_lowercase())
        .then(pl.lit(RECASED))
        .when(_spaced(want) == _spaced(have))
        .then(pl.lit(RESPACED))
        .when(_reformatted(want, have) if kind in _LOOSE else pl.lit(value=False))
        .then(pl.lit(REFORMATTED))
        .otherwise(pl.lit(DIFFERENT))
    )


def stored_otherwise(want: pl.Expr, have: pl.Expr, kind: SemanticType) -> pl.Expr:
    """Return whether two values differ as a target's own way of writing makes them differ."""
    if kind in {SemanticType.BINARY, SemanticType.REFERENCE}:
        return pl.lit(value=False)
    ways = [REFORMATTED, CUT, RECASED, RESPACED, ROUNDED]
    return _cause(want, have, kind).is_in(ways)


def _reformatted(want: pl.Expr, have: pl.Expr) -> pl.Expr:
    """Return whether only signs between letters and digits differ, and not the plus of a phone."""
    plus = want.str.starts_with("+") == have.str.starts_with("+")
    return plus & (_bare(want) == _bare(have)) & (_bare(want) != "")


def _bare(text: pl.Expr) -> pl.Expr:
    """Return letters and digits only."""
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "")


def _rounded(want: pl.Expr, have: pl.Expr) -> pl.Expr:
    """Return whether a number has lost decimals: it is nearer than one of its last places."""
    near = (want.cast(pl.Float64, strict=False) - have.cast(pl.Float64, strict=False)).abs()
    places = have.str.extract(r"\.(\d+)$").str.len_chars().fill_null(0).cast(pl.Float64)
    fewer = places < want.str.extract(r"\.(\d+)$").str.len_chars().fill_null(0)
    return (fewer & (near < pl.lit(10.0).pow(-places))).fill_null(value=False)


def _spaced(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFC").str.replace_all(r"\s+", " ").str.strip_chars()


def _shown(value: pl.Expr, kind: SemanticType) -> pl.Expr:
    if kind is not SemanticType.BINARY:
        return value
    return pl.format("{} bytes", value.bin.size())
