"""Standardize one field of a frame: distinct values, kernel, join back, findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from crmmigrate.model.findings import FINDING, FINDINGS_COLUMN
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType, part_column
from crmmigrate.standardize.further import MORE
from crmmigrate.standardize.kinds import KINDS

__all__ = ["FieldInput", "standardize_field", "standardize_values"]

_UNEXPLAINED = "STD900"


@dataclass(frozen=True, slots=True)
class FieldInput:
    """One field of a frame.

    Attributes:
        name: Column of the whole value; parts stand in `<name>_<part>`.
        type: Semantic type.
        region_column: Column with the region of each row.
        options: Options of the kernel, e.g. the choices of a choice.
        keep_further: Whether further values of a cell are kept in `_more_<name>`.
    """

    name: str
    type: SemanticType
    region_column: str = "_region"
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    keep_further: bool = False


def standardize_field(frame: pl.DataFrame, field: FieldInput, book: RegionBook) -> pl.DataFrame:
    """Write the field's value and parts in canonical spelling and tell what was found.

    The value column may be missing when the source has only parts of it. What the kernel says is
    appended to `_findings`.
    """
    outcome = standardize_values(frame, field, book)
    parts = KINDS[field.type].parts
    columns = [outcome["value"].alias(field.name)]
    columns += [outcome[part].alias(part_column(field.name, part)) for part in parts]
    if field.keep_further:
        columns.append(_further(outcome).alias(f"{MORE}{field.name}"))
    result = frame.with_columns(columns)
    if FINDINGS_COLUMN not in result.columns:
        return result.with_columns(outcome["findings"].alias(FINDINGS_COLUMN))
    known = pl.col(FINDINGS_COLUMN).cast(pl.List(FINDING)).fill_null([])
    return result.with_columns(pl.concat_list(known, outcome["findings"]).alias(FINDINGS_COLUMN))


def standardize_values(frame: pl.DataFrame, field: FieldInput, book: RegionBook) -> pl.DataFrame:
    """Return what the kernel says about each row: the contract's columns and `findings`.

    Each distinct combination of value, parts and region is looked at once.
    """
    given = _given(frame, field)
    distinct = given.unique(maintain_order=True)
    outcome = KINDS[field.type].standardize(distinct, book, field.options)
    outcome = outcome.with_columns(_findings(distinct, outcome, field.name))
    keys = distinct.columns
    numbered = distinct.with_row_index("_at").select(*keys, "_at")
    rows = given.join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return outcome[rows["_at"]]


def _further(outcome: pl.DataFrame) -> pl.Series:
    """Return the further values of cells that were split, not other readings of doubtful ones."""
    nothing = pl.lit([], dtype=pl.List(pl.String))
    split = pl.when(pl.col("status") == "split").then(pl.col("alternatives")).otherwise(nothing)
    return outcome.select(split).to_series()


def _given(frame: pl.DataFrame, field: FieldInput) -> pl.DataFrame:
    text = pl.col(field.name) if field.name in frame.columns else pl.lit(None)
    region = pl.col(field.region_column) if field.region_column in frame.columns else pl.lit(None)
    parts = [
        pl.col(part_column(field.name, part)).cast(pl.String).alias(part)
        for part in INPUT_PARTS.get(field.type, ())
        if part_column(field.name, part) in frame.columns
    ]
    kind = pl.Binary if field.type is SemanticType.BINARY else pl.String
    return frame.select(
        text.cast(kind).alias("text"), *parts, region.cast(pl.String).alias("_region")
    )


def _findings(distinct: pl.DataFrame, outcome: pl.DataFrame, name: str) -> pl.Series:
    """Build the list of findings of each distinct value."""
    if distinct.schema["text"] == pl.Binary:
        return pl.Series("findings", [[]] * distinct.height, dtype=pl.List(FINDING))
    parts = [c for c in distinct.columns if c not in {"text", "_region"}]
    before = pl.coalesce(
        "text", pl.concat_str(parts, separator=" ", ignore_nulls=True) if parts else pl.lit(None)
    )
    further = pl.concat_str(pl.lit("further: "), pl.col("alternatives").list.join(", "))
    message = pl.when(pl.col("status") == "split").then(pl.coalesce("message", further))
    table = outcome.select(
        "value", "status", "codes", message.otherwise("message").alias("message")
    ).with_columns(distinct.select(before.alias("before")).to_series())
    changed = pl.col("before").ne_missing(pl.col("value"))
    untold = changed & (pl.col("codes").list.len() == 0) & pl.col("value").is_not_null()
    codes = pl.when(untold).then(pl.lit([_UNEXPLAINED])).otherwise("codes")
    action = (
        pl.when(pl.col("status") == "split")
        .then(pl.lit("split"))
        .when(changed)
        .then(pl.lit("changed"))
        .otherwise(pl.lit("flagged"))
    )
    told = _told(
        table.with_columns(codes.alias("code"), action.alias("action"), field=pl.lit(name))
    )
    every = pl.DataFrame({"_at": pl.int_range(distinct.height, dtype=pl.UInt32, eager=True)})
    joined = every.join(told, on="_at", how="left", maintain_order="left")
    return (
        joined["findings"].cast(pl.List(FINDING)).fill_null(pl.Series([[]], dtype=pl.List(FINDING)))
    )


def _told(table: pl.DataFrame) -> pl.DataFrame:
    """Gather the findings of each row number, one a code."""
    return (
        table.with_row_index("_at")
        .filter(pl.col("code").list.len() > 0)
        .explode("code")
        .select(
            "_at",
            pl.struct(
                "code", "field", "before", pl.col("value").alias("after"), "message", "action"
            )
            .cast(FINDING)
            .alias("findings"),
        )
        .group_by("_at", maintain_order=True)
        .agg("findings")
    )
