"""Put values right that people corrected by hand, before golden records are validated."""

from collections.abc import Sequence

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.corrections import CLEAR, Correction
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType, part_column
from crmmigrate.standardize.fields import FieldInput, standardize_field

__all__ = ["CORRECTED", "Corrector"]

CORRECTED = "VAL461"
_AS_GIVEN = frozenset({SemanticType.REFERENCE, SemanticType.EXTERNAL_ID})


class Corrector:
    """Applies the corrections of one object to its golden records, part by part.

    Args:
        object_type: The object.
        corrections: What people corrected; of a record and field the last one counts.
        members: `_key` and `golden_key`, so that the key of any merged record will do.
        book: Rules of all regions: a corrected value is standardized like any other.
    """

    def __init__(
        self,
        object_type: ObjectType,
        corrections: Sequence[Correction],
        members: pl.DataFrame | None,
        book: RegionBook,
    ) -> None:
        self._type, self._book = object_type, book
        rows = [(c.key, c.field, c.value) for c in corrections]
        names = ("given", "field", "value")
        given = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        if members is not None and given.height:
            golden = members.select(pl.col("_key").alias("given"), "golden_key")
            given = given.join(golden, on="given", how="left", maintain_order="left")
            key = pl.coalesce("golden_key", "given").alias("_key")
        else:
            key = pl.col("given").alias("_key")
        self._given = given.with_columns(key).unique(["_key", "field"], keep="last")

    def apply(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the records with their values put right, and a finding for each."""
        here = self._given.filter(pl.col("_key").is_in(frame["_key"].implode()))
        findings = [FINDING_FRAME.to_frame()]
        for (name,), rows in here.partition_by("field", as_dict=True, maintain_order=True).items():
            frame, told = self._put(frame, str(name), rows)
            findings.append(told)
        return frame, pl.concat(findings)

    def _put(
        self, frame: pl.DataFrame, name: str, rows: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        field = self._type.fields[name]
        columns = [name, *(part_column(name, p) for p in field.parts)]
        absent = [pl.lit(None, pl.String).alias(c) for c in columns if c not in frame.columns]
        frame = frame.with_columns(absent)
        value = pl.when(pl.col("value") != CLEAR).then("value").alias(name)
        region = ["_region"] if "_region" in frame.columns else []
        regions = frame.select("_key", pl.col(name).alias("before"), *region)
        new = rows.select("_key", value).join(regions, on="_key", how="left")
        if field.type not in _AS_GIVEN:
            wanted = FieldInput(name, field.type, options={"choices": field.choices} if field.choices else {})  # fmt: skip
            new = standardize_field(new, wanted, self._book)
        put = new.select("_key", *(pl.col(c).alias(f"{c}!") if c in new.columns else pl.lit(None, pl.String).alias(f"{c}!") for c in columns))  # fmt: skip
        joined = frame.join(
            put.with_columns(_put=True), on="_key", how="left", maintain_order="left"
        )
        chosen = [pl.when("_put").then(f"{c}!").otherwise(c).alias(c) for c in columns]
        told = new.select(
            "_key", pl.lit(CORRECTED).alias("code"), pl.lit(name).alias("field"),
            pl.col("before").cast(pl.String), pl.col(name).cast(pl.String).alias("after"),
            pl.lit("corrected by hand").alias("message"), pl.lit("changed").alias("action"),
            pl.lit("info").alias("severity"),
        )  # fmt: skip
        return joined.with_columns(chosen).select(frame.columns), told
