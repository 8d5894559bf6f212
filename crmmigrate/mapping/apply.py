"""The mapping kernel: rows of a dataset become canonical records of one object."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from crmmigrate.errors import ConfigError
from crmmigrate.mapping.coverage import missing_columns
from crmmigrate.mapping.expressions import evaluate, with_derived
from crmmigrate.mapping.fields import Filled, fill_binary, fill_text
from crmmigrate.mapping.keys import record_key
from crmmigrate.mapping.lookups import resolve_references
from crmmigrate.mapping.regions import region_columns
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.columns import raw_text
from crmmigrate.model.mapping import FieldMapping, ObjectMapping, References
from crmmigrate.model.remarks import Remark, with_remarks
from crmmigrate.model.semantic import SemanticType

__all__ = ["EXCLUDED", "REJECTED", "MappedRows", "map_rows"]

REJECTED = pl.Schema(
    {
        "_key": pl.String,
        "_row_key": pl.String,
        "code": pl.String,
        "field": pl.String,
        "message": pl.String,
        "raw": pl.String,
    }
)
"""Rows that become no record, each with the first reason."""
EXCLUDED = pl.Schema(
    {
        "_key": pl.String,
        "_row_key": pl.String,
        "rule": pl.String,
        "why": pl.String,
        "raw": pl.String,
    }
)
"""Rows set aside by a named rule."""

_CARRIED = ("_modified_at", "_deleted")


@dataclass(frozen=True)
class MappedRows:
    """Every row that came in stands in exactly one of these.

    Attributes:
        rows: Canonical frame: `_key _row_key _source _row _region _region_raw`, the columns of
            the object (String, bytes as Binary), columns of further input parts, `_findings`.
        rejected: Schema REJECTED.
        excluded: Schema EXCLUDED.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    excluded: pl.DataFrame


def map_rows(
    frame: pl.DataFrame,
    mapping: ObjectMapping,
    object_type: ObjectType,
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame] = MappingProxyType({}),
) -> MappedRows:
    """Map the rows of one dataset to records of one object (row kernel).

    Args:
        frame: Source columns of any type, with `_row_key` and `_row`.
        mapping: Checked mapping.
        object_type: The mapping's object.
        known_keys: `source:object:dataset` → all record keys there; what is absent is not checked.
            With the suffix `lookups.EXCLUDED_KEYS`: keys of rows set aside there on purpose.
        indexes: Indexes for lookups by another column; see `lookups.build_index`.

    Raises:
        ConfigError: a column is missing or an expression does not fit the data.
    """
    require_columns(frame, mapping)
    key = record_key(mapping.source, mapping.object, mapping.dataset)
    frame = with_derived(frame.with_columns(key), mapping)
    excluded, frame = _exclude(frame, mapping)
    filled = {
        mapped.column: _fill(frame, mapping, mapped, object_type, known_keys, indexes)
        for mapped in mapping.fields
    }
    rejected, kept = _reject(frame, mapping, filled)
    rows = _records(frame, mapping, object_type, filled).filter(kept)
    return MappedRows(rows, rejected, excluded)


def require_columns(frame: pl.DataFrame, mapping: ObjectMapping) -> None:
    """Refuse rows that lack a column the mapping reads.

    Raises:
        ConfigError: with file, line and a suggestion.
    """
    wrong = missing_columns(mapping, frame.columns)
    if wrong:
        (where, message), *rest = wrong
        raise ConfigError(message, where=where, causes=[f"{p}: {m}" for p, m in rest])


def _exclude(frame: pl.DataFrame, mapping: ObjectMapping) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not mapping.exclude:
        return EXCLUDED.to_frame(), frame
    fired: list[pl.Expr] = []
    for number, rule in enumerate(mapping.exclude):
        key = f"exclude.{rule.rule}"
        result = evaluate(frame, rule.when, where=mapping.where(key), key=key)
        if result.dtype not in {pl.Boolean, pl.Null}:
            raise ConfigError(
                f"{key}: the condition is not true or false", where=mapping.where(key)
            )
        holds = result.cast(pl.Boolean).fill_null(value=False)
        fired.append(pl.when(pl.lit(holds)).then(pl.lit(number, dtype=pl.Int32)))
    numbers = frame.with_columns(pl.coalesce(fired).alias("_n")).get_column("_n")
    positions = list(range(len(mapping.exclude)))
    numbered = frame.with_columns(numbers.alias("_n")).filter(pl.col("_n").is_not_null())
    excluded = numbered.select(
        "_key",
        "_row_key",
        rule=_named(positions, [rule.rule for rule in mapping.exclude]),
        why=_named(positions, [rule.why for rule in mapping.exclude]),
        raw=raw_text(frame),
    )
    return excluded.cast(EXCLUDED), frame.filter(numbers.is_null())


def _named(positions: list[int], names: list[str]) -> pl.Expr:
    return pl.col("_n").replace_strict(positions, names, default=None, return_dtype=pl.String)


def _fill(
    frame: pl.DataFrame,
    mapping: ObjectMapping,
    mapped: FieldMapping,
    object_type: ObjectType,
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> Filled:
    if isinstance(mapped.origin, References):
        return _refer(frame, mapping, mapped, known_keys, indexes)
    if object_type.fields[mapped.field].type is SemanticType.BINARY:
        return fill_binary(frame, mapping, mapped)
    return fill_text(frame, mapping, mapped)


def _refer(
    frame: pl.DataFrame,
    mapping: ObjectMapping,
    mapped: FieldMapping,
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> Filled:
    lookups = mapped.origin.lookups if isinstance(mapped.origin, References) else ()
    found = resolve_references(frame, mapping, mapped, lookups, known_keys, indexes)
    targets = " or ".join(f"{one.source}.{one.dataset}" for one in lookups)
    missing = f"no such record in {targets}"
    several = f"several records in {targets}"
    remarks = (
        Remark("MAP301", mapped.target, found.dangling, missing, found.sought, found.keys),
        Remark("MAP302", mapped.target, found.ambiguous, several, found.sought, found.keys),
    )
    rejects = [("MAP303", f"{mapped.target}: {missing}", found.rejects)]
    if mapped.required:
        message = f"{mapped.target}: required, but there is no value"
        rejects.append(("MAP202", message, found.keys.is_null()))
    return Filled(found.keys.alias(mapped.column), remarks, tuple(rejects))


def _reject(
    frame: pl.DataFrame, mapping: ObjectMapping, filled: Mapping[str, Filled]
) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rejected rows with the first reason, and which rows are kept."""
    reasons = [
        (code, mapped.target, message, fires)
        for mapped in mapping.fields
        for code, message, fires in filled[mapped.column].rejects
    ]
    numbers = [
        pl.when(pl.lit(fires)).then(pl.lit(i, dtype=pl.Int32))
        for i, (*_, fires) in enumerate(reasons)
        if fires.any()
    ]
    if not numbers:
        return REJECTED.to_frame(), pl.repeat(value=True, n=frame.height, eager=True)
    numbered = frame.with_columns(_n=pl.coalesce(numbers))
    positions = list(range(len(reasons)))
    rejected = numbered.filter(pl.col("_n").is_not_null()).select(
        "_key",
        "_row_key",
        code=_named(positions, [code for code, *_ in reasons]),
        field=_named(positions, [target for _, target, *_ in reasons]),
        message=_named(positions, [message for _, _, message, _ in reasons]),
        raw=raw_text(frame),
    )
    return rejected.cast(REJECTED), numbered.get_column("_n").is_null()


def _records(
    frame: pl.DataFrame,
    mapping: ObjectMapping,
    object_type: ObjectType,
    filled: Mapping[str, Filled],
) -> pl.DataFrame:
    binary = {f.name for f in object_type.fields.values() if f.type is SemanticType.BINARY}
    region, remark = region_columns(frame, mapping)
    extra = [column for column in filled if column not in object_type.columns]
    columns: list[pl.Expr] = [
        pl.lit(filled[name].values).alias(name)
        if name in filled
        else pl.lit(None, dtype=pl.Binary if name in binary else pl.String).alias(name)
        for name in (*object_type.columns, *extra)
    ]
    carried = [name for name in _CARRIED if name in frame.columns]
    records = frame.select(
        "_key",
        "_row_key",
        pl.lit(mapping.source).alias("_source"),
        pl.col("_row").cast(pl.Int64),
        *(pl.lit(series) for series in region),
        *carried,
        *columns,
    )
    remarks: list[Remark] = [r for one in filled.values() for r in one.remarks]
    return with_remarks(records, [*remarks, *([remark] if remark else [])])
