"""The change log: what standardizing did with each cell that it changed or doubts."""

import polars as pl

__all__ = ["CHANGES", "CHANGE_FRAME", "NOTED", "STATUSES", "RegionOrigin"]

CHANGES = "changes"
"""Name of the channel in the artifacts of stage standardize."""

STATUSES = (
    "unchanged",
    "normalised",
    "repaired",
    "split",
    "ambiguous",
    "invalid",
    "left_alone",
)
"""What can become of a value."""

_NOTED: dict[str, pl.DataType] = {
    "before": pl.String(),
    "after": pl.String(),
    "rule": pl.String(),
    "codes": pl.String(),
    "confidence": pl.Float64(),
    "status": pl.String(),
    "alternatives": pl.List(pl.String),
    "message": pl.String(),
    "action": pl.String(),
    "region": pl.String(),
}
NOTED = pl.Schema(_NOTED)
"""What is told of a distinct value; `codes` are all rules that fired, in order, with `;` between."""

CHANGE_FRAME = pl.Schema(
    {"_key": pl.String(), "field": pl.String(), **_NOTED, "region_from": pl.String()}
)
"""One row a changed or doubtful cell.

`rule` is the first of `codes`; `action` is changed, flagged or split; `alternatives` is null where
there are none. `region_from` tells where the region came from: the record, the evidence of its
column, the default of the file, or null if there was no region.
"""


class RegionOrigin:
    """Words of `region_from`."""

    RECORD = "record"
    COLUMN = "column"
    FILE = "file default"
