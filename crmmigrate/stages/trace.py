"""Follow one record from the source cell through every stage to the target field.

Nothing is computed anew: all is read from the artifacts of the run, by key.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.config.project import Project
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import RESERVED_COLUMNS
from crmmigrate.model.findings import Rule
from crmmigrate.model.operations import after_column, before_column
from crmmigrate.model.tracing import FieldTrace, Member, RecordTrace, Trace, TracedFinding
from crmmigrate.stages.changelog import findings_of_key
from crmmigrate.stages.lookup import as_text, damage_told, near_keys, row_of, rows_of, set_aside
from crmmigrate.stages.outcomes import Outcomes, open_outcomes
from crmmigrate.store.artifacts import units
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["trace"]


def trace(workspace: Workspace, run: Run, project: Project, key: str) -> Trace:
    """Follow a row key, a record key or a golden key through the run.

    Args:
        workspace: The workspace of the run.
        run: The run to read.
        project: For the objects of the model.
        key: `source:dataset:id`, or `source:object:dataset/id`.

    Raises:
        UsageError: no row or record has this key; the causes name near ones.
        CorruptError: an artifact or the ledger is damaged.
    """
    with damage_told(run.dir):
        return _trace(workspace, run, project, key)


def _trace(workspace: Workspace, run: Run, project: Project, key: str) -> Trace:
    found = _find(run.dir, set(project.model.objects), key.strip())
    if found is None:
        near = near_keys(run.dir, key.strip())
        raise UsageError(
            f"no row or record has the key '{key}' in run {run.id}",
            where=str(workspace.home),
            causes=[f"did you mean {name}?" for name in near],
            hint="a row key is source:dataset:id, a record key is source:object:dataset/id",
        )
    source, dataset, row_key, record_keys = found
    row = row_of(run.dir, "extract", f"{source}.{dataset}", "rows", ("_row_key", row_key))
    aside = set_aside(run.dir, "extract", f"{source}.{dataset}", row_key)
    with open_outcomes(workspace, run) as outcomes:
        records = tuple(
            _record(run.dir, o, record, outcomes, project.rules) for o, record in record_keys
        )
    return Trace(
        key=key,
        run_id=run.id,
        row_key=row_key,
        source=_cells(row or {}) or {"(text)": aside[1] if aside else None},
        findings=tuple(_findings(run.dir, "extract", f"{source}.{dataset}", row_key)),
        fate=aside[0] if aside else "read",
        records=records,
    )


def _find(
    run_dir: Path, objects: set[str], key: str
) -> tuple[str, str, str, list[tuple[str, str]]] | None:
    """Return source, dataset, row key and the (object, record key) pairs of a key."""
    for name in units(run_dir, "map"):
        object_, _, place = name.partition("~")
        source, _, dataset = place.partition(".")
        if object_ in objects and key.startswith(f"{source}:{object_}:{dataset}/"):
            row = f"{source}:{dataset}:{key.removeprefix(f'{source}:{object_}:{dataset}/')}"
            if _known(run_dir, name, key) or _row_exists(run_dir, place, row):
                return source, dataset, row, [(object_, key)]
    for place in units(run_dir, "extract"):
        source, _, dataset = place.partition(".")
        if key.startswith(f"{source}:{dataset}:") and _row_exists(run_dir, place, key):
            return source, dataset, key, _records_of(run_dir, place, key)
    return None


def _row_exists(run_dir: Path, unit: str, row_key: str) -> bool:
    row = row_of(run_dir, "extract", unit, "rows", ("_row_key", row_key))
    return row is not None or set_aside(run_dir, "extract", unit, row_key) is not None


def _known(run_dir: Path, unit: str, key: str) -> bool:
    row = row_of(run_dir, "map", unit, "rows", ("_key", key))
    return row is not None or set_aside(run_dir, "map", unit, key) is not None


def _records_of(run_dir: Path, place: str, row_key: str) -> list[tuple[str, str]]:
    source, _, dataset = place.partition(".")
    identity = row_key.removeprefix(f"{source}:{dataset}:")
    names = [name for name in units(run_dir, "map") if name.partition("~")[2] == place]
    keys = [(n, n.partition("~")[0]) for n in names]
    return [
        (object_, key)
        for name, object_ in keys
        if _known(run_dir, name, key := f"{source}:{object_}:{dataset}/{identity}")
    ]


def _record(
    run_dir: Path, object_: str, key: str, outcomes: Outcomes, rules: Mapping[str, Rule]
) -> RecordTrace:
    source, _, rest = key.partition(f":{object_}:")
    unit = f"{object_}~{source}.{_dataset(run_dir, object_, source, rest)}"
    golden_key = _golden_key(run_dir, object_, key)
    mapped = row_of(run_dir, "map", unit, "rows", ("_key", key)) or {}
    standard = row_of(run_dir, "standardize", unit, "rows", ("_key", key)) or {}
    golden = _golden_row(run_dir, object_, golden_key)
    operation = _operation(run_dir, object_, golden_key or key, outcomes)
    findings = [*_findings(run_dir, "map", unit, key)]
    if standard:
        told = findings_of_key(run_dir, unit, key, rules)
        findings += [_finding("standardize", row) for row in told.iter_rows(named=True)]
    for stage in ("dedupe", "validate", "plan", "load", "verify"):
        findings += _findings(run_dir, stage, object_, golden_key or key)
    return RecordTrace(
        object=object_,
        key=key,
        golden_key=golden_key,
        fate=_fate(run_dir, unit, key, golden_key, operation),
        fields=_fields(mapped, standard, golden, _origins(run_dir, object_, golden_key), operation),
        findings=tuple(findings),
        members=tuple(_members(run_dir, object_, key, golden_key)),
        operation={k: v for k, v in operation.items() if not k.startswith(("to.", "was."))},
    )


def _dataset(run_dir: Path, object_: str, source: str, rest: str) -> str:
    datasets = [
        name.partition("~")[2].partition(".")[2]
        for name in units(run_dir, "map")
        if name.startswith(f"{object_}~{source}.")
    ]
    matching = [d for d in datasets if rest.startswith(f"{d}/")]
    return max(matching, key=len, default=rest.partition("/")[0])


def _fate(
    run_dir: Path,
    unit: str,
    key: str,
    golden_key: str | None,
    operation: Mapping[str, Any],
) -> str:
    """Say in a few words where the record ended."""
    object_ = unit.partition("~")[0]
    for stage, name, wanted in (
        ("map", unit, key),
        ("standardize", unit, key),
        ("validate", object_, golden_key or key),
        ("plan", object_, golden_key or key),
    ):
        aside = set_aside(run_dir, stage, name, wanted)
        if aside is not None:
            return f"{aside[0]} by {stage}"
    if golden_key is not None and golden_key != key:
        return f"merged into {golden_key}"
    if operation:
        return f"{operation.get('action')}: {operation.get('status') or 'planned'}"
    return "on its way"


def _golden_key(run_dir: Path, object_: str, key: str) -> str | None:
    member = row_of(run_dir, "dedupe", object_, "members", ("_key", key))
    return str(member["golden_key"]) if member else None


def _golden_row(run_dir: Path, object_: str, golden_key: str | None) -> dict[str, Any]:
    for stage in ("validate", "dedupe"):
        row = golden_key and row_of(run_dir, stage, object_, "rows", ("_key", golden_key))
        if row:
            return dict(row)
    return {}


def _operation(run_dir: Path, object_: str, golden_key: str, outcomes: Outcomes) -> dict[str, Any]:
    """Return the planned operation with its outcome; empty if nothing is planned."""
    operation = row_of(run_dir, "plan", object_, "operations", ("golden_key", golden_key))
    if operation is None:
        return {}
    where = ("external_id", str(operation["external_id"]))
    for later in rows_of(run_dir, "plan", object_, "deferred", where):
        written = {k: v for k, v in later.items() if k.startswith("to.") and v is not None}
        operation = operation | written
    op_id = str(operation["op_id"])
    statuses = outcomes.statuses(object_, [op_id])
    remarks = outcomes.reasons(object_).filter(pl.col("op_id") == op_id)
    for outcome in (*statuses.to_dicts(), *remarks.to_dicts()):
        operation = operation | {k: v for k, v in outcome.items() if v is not None}
    return operation


def _origins(
    run_dir: Path, object_: str, golden_key: str | None
) -> dict[str, tuple[str | None, str | None]]:
    rows = rows_of(run_dir, "dedupe", object_, "provenance", ("golden_key", golden_key or ""))
    return {row["field"]: (row["key"], row["rule"]) for row in rows}


def _fields(
    mapped: Mapping[str, Any],
    standard: Mapping[str, Any],
    golden: Mapping[str, Any],
    origins: Mapping[str, tuple[str | None, str | None]],
    operation: Mapping[str, Any],
) -> tuple[FieldTrace, ...]:
    written = [k.removeprefix("to.") for k in operation if k.startswith("to.")]
    names = dict.fromkeys([*mapped, *standard, *golden, *written])
    lines = []
    for name in (n for n in names if n not in RESERVED_COLUMNS and not n.startswith("_")):
        chosen_from, chosen_by = origins.get(name, (None, None))
        line = FieldTrace(
            field=name,
            mapped=as_text(mapped.get(name)),
            standardized=as_text(standard.get(name)),
            golden=as_text(golden.get(name)),
            chosen_from=chosen_from,
            chosen_by=chosen_by,
            target=as_text(operation.get(after_column(name))),
            was=as_text(operation.get(before_column(name))),
        )
        if any((line.mapped, line.standardized, line.golden, line.target, line.was)):
            lines.append(line)
    return tuple(lines)


def _members(run_dir: Path, object_: str, key: str, golden_key: str | None) -> Iterator[Member]:
    """Yield the other records of the cluster, with the pair's score where there is one."""
    rows = rows_of(run_dir, "dedupe", object_, "members", ("golden_key", golden_key or ""))
    others = sorted(str(row["_key"]) for row in rows if row["_key"] != key)
    if not others:
        return
    pairs = {
        row["key_b"] if row["key_a"] == key else row["key_a"]: row
        for side in ("key_a", "key_b")
        for row in rows_of(run_dir, "dedupe", object_, "pairs", (side, key))
    }
    for other in others:
        pair = pairs.get(other)
        if pair is None:
            yield Member(other)
        else:
            yield Member(
                other, pair["score"], pair["judgement"], tuple(pair["contributions"] or ())
            )


def _findings(run_dir: Path, stage: str, unit: str, key: str) -> Iterator[TracedFinding]:
    for row in rows_of(run_dir, stage, unit, "findings", ("_key", key)):
        yield _finding(stage, row)


def _finding(stage: str, row: Mapping[str, Any]) -> TracedFinding:
    return TracedFinding(
        stage=stage,
        code=row["code"],
        field=row["field"] or "",
        before=row["before"],
        after=row["after"],
        message=row["message"] or "",
        action=row["action"] or "",
    )


def _cells(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {k: as_text(v) for k, v in row.items() if not k.startswith("_")}
