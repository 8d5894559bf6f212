"""Count findings by rule over all stages, with a few masked samples of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.model.canonical import CanonicalModel, Field
from crmmigrate.model.findings import Rule
from crmmigrate.report.books import STAGES
from crmmigrate.report.contract import FindingLine, Sample
from crmmigrate.report.masks import describe_change, mask_message, mask_value
from crmmigrate.stages.changelog import finding_parts
from crmmigrate.store.artifacts import units

__all__ = ["FieldBook", "finding_lines"]

SAMPLES = 4
_CANDIDATES = 24
_LOOKED_AT = 200
"""Findings of a rule in each part of an artifact among which samples are looked for."""
_ORDER = {"error": 0, "warning": 1, "info": 2}
_COLUMNS = ("_key", "code", "field", "before", "after", "message", "severity")


@dataclass(frozen=True, slots=True)
class FieldBook:
    """Find the field that a key and a column name are about, for masking by type."""

    model: CanonicalModel

    def find(self, key: str, column: str | None) -> Field | None:
        """Return the field of a record key and a column, or None (raw columns have none)."""
        object_type = self.model.objects.get(key.split(":", 2)[1] if key.count(":") > 1 else "")
        if object_type is None or not column:
            return None
        name = column.split(".")[0]
        owners = {c: f for f in object_type.fields.values() for c in f.columns}
        return object_type.fields.get(name) or owners.get(name)


@dataclass
class _Rows:
    """What has been met of one code in one stage."""

    stage: str
    severity: str
    count: int = 0
    candidates: list[dict[str, Any]] = field(default_factory=list)


def finding_lines(
    run_dir: Path, rules: Mapping[str, Rule], model: CanonicalModel
) -> tuple[FindingLine, ...]:
    """Return one line a rule: errors first, then by frequency."""
    book = FieldBook(model)
    met: dict[tuple[str, str], _Rows] = {}
    for stage in STAGES:
        for frame in _finding_parts(run_dir, stage, rules):
            _collect(met, stage, frame)
    lines = [_line(code, rows, rules.get(code), book) for (_, code), rows in met.items()]
    return tuple(sorted(lines, key=lambda f: (_ORDER.get(f.severity, 1), -f.count, f.code)))


def _finding_parts(run_dir: Path, stage: str, rules: Mapping[str, Rule]) -> Iterator[pl.DataFrame]:
    for unit in units(run_dir, stage):
        yield from finding_parts(run_dir, stage, unit, rules, list(_COLUMNS))


def _collect(met: dict[tuple[str, str], _Rows], stage: str, frame: pl.DataFrame) -> None:
    grouped = frame.group_by("code", maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("severity").first(),
        pl.struct(_COLUMNS)
        .head(_LOOKED_AT)
        .unique(maintain_order=True)
        .head(_CANDIDATES)
        .alias("rows"),
    )
    for code, count, severity, rows in grouped.iter_rows():
        found = met.setdefault((stage, code), _Rows(stage, severity or "warning"))
        found.count += count
        found.candidates += rows[: max(_CANDIDATES - len(found.candidates), 0)]


def _line(code: str, rows: _Rows, rule: Rule | None, book: FieldBook) -> FindingLine:
    return FindingLine(
        code=code,
        name=rule.name if rule else code.lower(),
        severity=rows.severity,
        stage=rows.stage,
        count=rows.count,
        doc=rule.doc.strip() if rule else "",
        hint=rule.hint.strip() if rule else "",
        samples=_samples(rows.candidates, book),
    )


def _samples(candidates: list[dict[str, Any]], book: FieldBook) -> tuple[Sample, ...]:
    """Choose samples that look different from each other."""
    chosen: dict[tuple[str, str | None, str | None], Sample] = {}
    for row in candidates:
        sample = _masked(row, book)
        chosen.setdefault((sample.field, sample.before, sample.after), sample)
        if len(chosen) == SAMPLES:
            break
    return tuple(chosen.values())


def _told(row: dict[str, Any]) -> tuple[str | None, ...]:
    """Return the values a message may repeat, also those it adds: `further: …`."""
    further = str(row["message"] or "").partition("further: ")[2]
    return row["before"], row["after"], further


def _masked(row: dict[str, Any], book: FieldBook) -> Sample:
    key, column = row["_key"] or "", row["field"] or ""
    owner = book.find(key, column)
    kind = owner.type if owner else None
    before, after = row["before"], row["after"]
    return Sample(
        key=key,
        field=column,
        before=mask_value(before, kind),
        after=mask_value(after, kind),
        message=mask_message(row["message"], _told(row), {column}),
        change=describe_change(before, after),
    )
