"""Records that were refused by our rules or by the target: why, and what people make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, REJECTED, ROW
from crmmigrate.adapters.registry import open_file
from crmmigrate.changes.admission import nearest_choice
from crmmigrate.config.corrections import (
    CORRECTIONS_FOLDER,
    correction_problem,
    corrections_text,
)
from crmmigrate.config.project import Project
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.corrections import Correction
from crmmigrate.store.artifacts import manifest, read, units
from crmmigrate.store.files import storage_errors, write_text
from crmmigrate.store.workspace import Run

__all__ = [
    "FAILURE",
    "Selection",
    "add_corrections",
    "failures",
    "groups_of",
    "read_remedy",
    "rejected_before",
]

FAILURE = pl.Schema(
    dict.fromkeys(
        ("stage", "object", "key", "code", "field", "value", "reason", "suggestion"), pl.String
    )
)
"""One row a reason; a record that was refused for several has several."""
_STAGES = ("validate", "load")
_SHARED = 0o644


@dataclass(frozen=True, slots=True)
class Selection:
    """Which failures are meant; what is blank lets all through."""

    object: str = ""
    code: str = ""

    def condition(self) -> pl.Expr:
        """Return the rows that are meant."""
        wanted = [pl.lit(value=True)]
        wanted += [pl.col("object") == self.object] if self.object else []
        wanted += [pl.col("code") == self.code.upper()] if self.code else []
        return pl.all_horizontal(wanted)


def failures(run: Run, model: CanonicalModel, selected: Selection) -> pl.DataFrame:
    """Return FAILURE rows of a run: what its stages validate and load refused.

    Raises:
        UsageError: neither has run.
    """
    if not any(units(run.dir, stage) for stage in _STAGES):
        raise UsageError(f"run {run.id} has loaded nothing", hint="run `crmmigrate load` first")
    found = [
        _of_object(run, stage, object_, model)
        for stage in _STAGES
        for object_ in units(run.dir, stage)
        if "rejected" in manifest(run.dir, stage, object_)["channels"]
    ]
    return pl.concat([FAILURE.to_frame(), *found]).filter(selected.condition())


def _of_object(run: Run, stage: str, object_: str, model: CanonicalModel) -> pl.DataFrame:
    findings = read(run.dir, stage, object_, "findings")
    rejected = read(run.dir, stage, object_, "rejected")
    if findings is None or rejected is None:
        return FAILURE.to_frame()
    told = findings.filter(pl.col("action") == "rejected").join(
        rejected.select("_key", "raw").unique("_key"), on="_key", how="left", maintain_order="left"
    )
    parts = [
        rows.with_columns(_value(str(field) if field else None))
        for (field,), rows in told.partition_by("field", as_dict=True, maintain_order=True).items()
    ]
    if not parts:
        return FAILURE.to_frame()
    rows = pl.concat(parts).select(
        pl.lit(stage).alias("stage"), pl.lit(object_).alias("object"), pl.col("_key").alias("key"),
        "code", "field", "value", pl.col("message").alias("reason"),
    )  # fmt: skip
    return _with_suggestions(rows, object_, model).select(FAILURE.names())


def _value(field: str | None) -> pl.Expr:
    """Return what stood in the field, from the JSON of the refused record."""
    if field is None:
        return pl.lit(None, pl.String).alias("value")
    return pl.col("raw").str.json_path_match(f"$['{field}']").alias("value")


def _with_suggestions(rows: pl.DataFrame, object_: str, model: CanonicalModel) -> pl.DataFrame:
    """Add the nearest value of the field's choices, where there is one."""
    fields = model.objects[object_].fields
    distinct = rows.select("field", "value").unique().drop_nulls()
    near = [
        (field, value, nearest_choice(value, fields[field].choices))
        for field, value in distinct.iter_rows()
        if field in fields and fields[field].choices
    ]
    schema = dict.fromkeys(("field", "value", "suggestion"), pl.String)
    table = pl.DataFrame(near, schema=schema, orient="row")
    return rows.join(table, on=["field", "value"], how="left", maintain_order="left")


def rejected_before(run: Run) -> int:
    """Return how many source rows the stages extract and map have rejected."""
    channels = [
        manifest(run.dir, stage, unit)["channels"].get("rejected", [])
        for stage in ("extract", "map")
        for unit in units(run.dir, stage)
    ]
    return sum(int(entry["rows"]) for channel in channels for entry in channel)


def groups_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the failures grouped by what they have in common, the most frequent first.

    Columns `records`, `object`, `code`, `field`, `value` (null where it differs), `reason`,
    `suggestion`, `stage`, `example` (a key).
    """
    named = rows.with_columns(
        pl.when(pl.col("suggestion").is_not_null()).then("value").alias("value")
    )
    by = ["stage", "object", "code", "field", "value", "reason", "suggestion"]
    grouped = named.group_by(by, maintain_order=True).agg(
        pl.col("key").n_unique().alias("records"), pl.col("key").min().alias("example")
    )
    return grouped.sort("records", *by, descending=[True, *[False] * len(by)])


def read_remedy(path: Path, project: Project) -> dict[str, list[Correction]]:
    """Read a remedy file that was filled in: object → corrections; blank rows are left out.

    Raises:
        UsageError: a column is missing, or a correction cannot be.
    """
    source = open_file(path)
    dataset = source.describe().datasets[0]
    names = [column.name for column in dataset.columns]
    needed = ("object", "key", "field", "correction")
    for name in needed:
        if name not in names:
            raise UsageError(
                f"the column {name} is missing", where=str(path),
                hint="fill in a file that `crmmigrate failed -o` has written",
            )  # fmt: skip
    used = [name for name in (*needed, "why") if name in names]
    found: dict[str, list[Correction]] = {}
    for batch in source.read(dataset.name, used):
        frame = pl.DataFrame(batch)
        good = frame.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null())
        texts = good.select(
            ROW, *(blank_to_null(text_of(c, good.schema[c])).alias(c) for c in used)
        )
        for row in texts.filter(pl.col("correction").is_not_null()).iter_rows(named=True):
            found.setdefault(row["object"] or "", []).append(_correction(row, path, project))
    return found


def _correction(row: Mapping[str, str | None], path: Path, project: Project) -> Correction:
    object_type = project.model.objects.get(row["object"] or "")
    key, field, value = (row[c] or "" for c in ("key", "field", "correction"))
    problem = (
        correction_problem(object_type, key, field, value)
        if object_type
        else f"unknown object '{row['object']}'"
    )
    if problem:
        raise UsageError(problem, where=f"{path}: row {row[ROW]}")
    return Correction(key, field, value, row.get("why") or "")


def add_corrections(project: Project, object_: str, new: Sequence[Correction]) -> tuple[Path, int]:
    """Write corrections into the project; a later one of a record's field replaces the earlier.

    Returns:
        The file, and how many corrections it holds now.
    """
    kept = {(c.key, c.field): c for c in project.corrections.get(object_, ())}
    kept |= {(c.key, c.field): c for c in new}
    folder = project.root / CORRECTIONS_FOLDER
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{object_}.csv"
    write_text(path, corrections_text(list(kept.values())), mode=_SHARED)
    return path, len(kept)
