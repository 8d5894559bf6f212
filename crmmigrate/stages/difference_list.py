"""The differences that verify has found, each with its explanation, for people and for files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.model.findings import Rule
from crmmigrate.store.artifacts import parts, units

__all__ = ["DIFFERENCE_ROW", "difference_rows", "first_differences"]

DIFFERENCE_ROW = pl.Schema(
    dict.fromkeys(
        ("object", "key", "field", "expected", "actual", "code", "why", "target_id", "page"),
        pl.String(),
    )
)
"""One row a difference: `why` explains its code, `page` is where a person can look at the record."""


def difference_rows(
    run_dir: Path, objects: Sequence[str], rules: Mapping[str, Rule]
) -> Iterator[pl.DataFrame]:
    """Yield DIFFERENCE_ROW frames of a verified run; a part is in memory at a time."""
    docs = {code: rule.doc for code, rule in rules.items()}
    present = set(units(run_dir, "verify"))
    for object_ in (o for o in objects if o in present):
        for part in parts(run_dir, "verify", object_, "differences"):
            yield part.select(
                pl.lit(object_).alias("object"),
                pl.col("external_id").alias("key"),
                "field",
                "expected",
                "actual",
                "code",
                pl.col("code").replace(docs).alias("why"),
                "target_id",
                "page",
            )


def first_differences(
    run_dir: Path, objects: Sequence[str], rules: Mapping[str, Rule], most: int
) -> list[dict[str, Any]]:
    """Return the first differences of each object and code."""
    held = DIFFERENCE_ROW.to_frame()
    for rows in difference_rows(run_dir, objects, rules):
        groups = pl.concat([held, rows]).group_by("object", "code", maintain_order=True)
        held = groups.head(most).select(DIFFERENCE_ROW.names())
    return held.to_dicts()
