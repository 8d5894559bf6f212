"""Measure each field before standardizing and after merging."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import polars as pl

from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.findings import Rule
from crmmigrate.model.semantic import SemanticType
from crmmigrate.report.contract import QualityLine
from crmmigrate.report.fates import channel
from crmmigrate.report.funnel import RecordUnit, record_units
from crmmigrate.stages.changelog import finding_parts
from crmmigrate.store.artifacts import has_unit

__all__ = ["quality_lines"]

_NOT_MEASURED = {SemanticType.BINARY, SemanticType.EXTERNAL_ID}
_DERIVED_PARTS = {
    "valid",
    "type",
    "legal_form_code",
    "unparsed",
    "validity",
    "domain",
    "role",
    "provider",
    "kind",
}


def quality_lines(
    run_dir: Path, model: CanonicalModel, rules: Mapping[str, Rule]
) -> tuple[QualityLine, ...]:
    """Return one line for each field of each object that has a value anywhere."""
    mapped = record_units(run_dir)
    lines: list[QualityLine] = []
    for name, object_type in model.objects.items():
        group = [unit for unit in mapped if unit.object == name]
        if group:
            lines += _object_lines(run_dir, object_type, group, rules)
    return tuple(lines)


def _object_lines(
    run_dir: Path,
    object_type: ObjectType,
    group: list[RecordUnit],
    rules: Mapping[str, Rule],
) -> list[QualityLine]:
    fields = [f for f in object_type.fields.values() if f.type not in _NOT_MEASURED]
    raw = _rows(run_dir, "map", [unit.name for unit in group])
    records, filled = _filled(raw, fields)
    golden, golden_filled = _filled(_golden(run_dir, object_type.name, group), fields)
    touched = _touched(run_dir, object_type, group, rules)
    return [
        _line(
            object_type,
            field,
            (records, filled.get(field.name, 0), golden, golden_filled.get(field.name, 0)),
            touched.get(field.name, (0, 0, 0)),
        )
        for field in fields
        if filled.get(field.name) or golden_filled.get(field.name)
    ]


def _line(
    object_type: ObjectType,
    field: Field,
    counts: tuple[int, int, int, int],
    touched: tuple[int, int, int],
) -> QualityLine:
    records, filled, golden, golden_filled = counts
    changed, flagged, either = touched
    return QualityLine(
        object=object_type.name,
        field=field.name,
        label=field.label or field.name,
        type=field.type.value,
        records=records,
        filled=filled,
        sound_before=max(filled - either, 0),
        sound_after=max(filled - flagged, 0),
        changed=changed,
        flagged=flagged,
        golden=golden,
        golden_filled=golden_filled,
    )


def _rows(run_dir: Path, stage: str, names: list[str]) -> list[pl.LazyFrame]:
    found = (channel(run_dir, stage, name, "rows") for name in names)
    return [frame for frame in found if frame is not None]


def _golden(run_dir: Path, object_: str, group: list[RecordUnit]) -> list[pl.LazyFrame]:
    """Return the records of the latest stage that has run."""
    for stage in ("validate", "dedupe"):
        rows = _rows(run_dir, stage, [object_])
        if rows:
            return rows
    return _rows(run_dir, "standardize", [unit.name for unit in group])


def _filled(frames: list[pl.LazyFrame], fields: list[Field]) -> tuple[int, dict[str, int]]:
    """Count rows, and for each field the rows with a value in it or in one of its parts."""
    total, counts = 0, dict.fromkeys((f.name for f in fields), 0)
    for frame in frames:
        schema = frame.collect_schema()
        tests = {
            field.name: pl.any_horizontal(_has_value(c, schema[c]) for c in columns).sum()
            for field in fields
            if (columns := [c for c in _value_columns(field) if c in schema])
        }
        row = frame.select(pl.len().alias("_rows"), **tests).collect().row(0, named=True)
        total += row.pop("_rows")
        for name, count in row.items():
            counts[name] += count
    return total, counts


def _value_columns(field: Field) -> list[str]:
    """Columns that hold content: a type or validity that standardizing derives is none."""
    derived = {f"{field.name}_{part}" for part in _DERIVED_PARTS}
    return [column for column in field.columns if column not in derived]


def _has_value(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        return pl.col(column).str.strip_chars().str.len_bytes().fill_null(0) > 0
    return pl.col(column).is_not_null()


def _touched(
    run_dir: Path,
    object_type: ObjectType,
    group: list[RecordUnit],
    rules: Mapping[str, Rule],
) -> dict[str, tuple[int, int, int]]:
    """Count for each field the values changed, those flagged, and those either."""
    owner = {column: f.name for f in object_type.fields.values() for column in f.columns}
    dotted = {f"{f.name}.{part}": f.name for f in object_type.fields.values() for part in f.parts}
    field = pl.col("field").replace_strict(owner | dotted, default=None, return_dtype=pl.String)
    changed = pl.col("action").is_in(["changed", "split"])
    flagged = (pl.col("action") == "flagged") & (pl.col("severity") != "info")
    counts: dict[str, tuple[int, int, int]] = {}
    columns = ["_key", "field", "action", "severity"]
    names = (unit.name for unit in group if has_unit(run_dir, "standardize", unit.name))
    told = (finding_parts(run_dir, "standardize", name, rules, columns) for name in names)
    for part in chain.from_iterable(told):
        cells = part.group_by("_key", field.alias("_field")).agg(
            changed.any().alias("changed"), flagged.any().alias("flagged")
        )
        rows = cells.group_by("_field").agg(
            pl.col("changed").sum(),
            pl.col("flagged").sum(),
            (pl.col("changed") | pl.col("flagged")).sum().alias("either"),
        )
        for name, *numbers in rows.drop_nulls("_field").iter_rows():
            old = counts.get(name, (0, 0, 0))
            counts[name] = (old[0] + numbers[0], old[1] + numbers[1], old[2] + numbers[2])
    return counts
