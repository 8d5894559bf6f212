"""Give further numbers and addresses of one cell a field of their own.

A cell with two telephone numbers keeps the first; the others go to the next empty field of the
same type, so that nothing is lost on the way to the CRM. What finds no room stays in a finding.
"""

from collections.abc import Sequence

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING, FINDINGS_COLUMN
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = ["MORE", "place_further"]

MORE = "_more_"
"""Prefix of the column that holds the further values of a field while records are standardized."""
MOVED = "STD121"
NO_ROOM = "STD122"
_SPILLING = (SemanticType.PHONE, SemanticType.EMAIL)
_LAST_RESORT = ("fax",)


def place_further(frame: pl.DataFrame, object_type: ObjectType) -> tuple[pl.DataFrame, list[str]]:
    """Move the values in `_more_<field>` to empty fields of the same type.

    Returns:
        The frame without those columns, and the fields that were given values (to be
        standardized once more, so that their parts are right).
    """
    filled: list[str] = []
    for kind in _SPILLING:
        names = [f.name for f in object_type.fields.values() if f.type is kind]
        sources = [n for n in names if f"{MORE}{n}" in frame.columns]
        for source in sources:
            frame, touched = _spread(frame, source, _targets(names, source))
            filled += touched
    return frame.drop([c for c in frame.columns if c.startswith(MORE)]), sorted(set(filled))


def _targets(names: Sequence[str], source: str) -> list[str]:
    """Return where further values may go: `other_…` first."""
    free = [n for n in names if n != source and n not in _LAST_RESORT]
    return sorted(free, key=lambda name: not name.startswith("other_"))


def _spread(
    frame: pl.DataFrame, source: str, targets: Sequence[str]
) -> tuple[pl.DataFrame, list[str]]:
    more = f"{MORE}{source}"
    touched = []
    if frame[more].list.len().sum() == 0:
        return frame, []
    for target in targets:
        if target not in frame.columns:
            continue
        waits = (pl.col(more).list.len() > 0) & pl.col(target).is_null()
        takes = frame.select(waits).to_series()
        if not takes.any():
            continue
        touched.append(target)
        first = pl.col(more).list.first()
        frame = frame.with_columns(
            pl.when(takes).then(first).otherwise(pl.col(target)).alias(target),
            _with_finding(takes, MOVED, target, first, f"stood in {source}, behind the first one"),
            *_cleared_parts(frame, target, takes),
        )
        frame = frame.with_columns(
            pl.when(takes).then(pl.col(more).list.slice(1)).otherwise(pl.col(more)).alias(more)
        )
    left = frame.select(pl.col(more).list.len() > 0).to_series()
    rest = pl.col(more).list.join("; ")
    message = "there is no empty field for it"
    return frame.with_columns(_with_finding(left, NO_ROOM, source, rest, message)), touched


def _cleared_parts(frame: pl.DataFrame, target: str, takes: pl.Series) -> list[pl.Expr]:
    parts = (part_column(target, part) for part in ("e164", "type", "extension", "valid"))
    return [
        pl.when(takes).then(None).otherwise(pl.col(c)).alias(c) for c in parts if c in frame.columns
    ]


def _with_finding(where: pl.Series, code: str, field: str, value: pl.Expr, message: str) -> pl.Expr:
    """Append a finding to `_findings` of the rows where `where` holds."""
    finding = pl.struct(
        pl.lit(code).alias("code"),
        pl.lit(field).alias("field"),
        (value if code == NO_ROOM else pl.lit(None, pl.String)).alias("before"),
        (value if code == MOVED else pl.lit(None, pl.String)).alias("after"),
        pl.lit(message).alias("message"),
        pl.lit("changed" if code == MOVED else "flagged").alias("action"),
    ).cast(FINDING)
    known = pl.col(FINDINGS_COLUMN)
    return (
        pl.when(where).then(pl.concat_list(known, finding)).otherwise(known).alias(FINDINGS_COLUMN)
    )
