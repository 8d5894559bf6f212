"""Conflicts that wait for a person, and what was decided about them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, REJECTED, ROW
from crmmigrate.adapters.registry import open_file
from crmmigrate.config.choices import CHOICES_FOLDER, choices_text
from crmmigrate.config.project import Project
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.choices import KEEPS, Choice
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.stages.conflict_cells import CELL, conflict_cells, fingerprint
from crmmigrate.store.artifacts import parts, units
from crmmigrate.store.files import storage_errors, write_text
from crmmigrate.store.workspace import Run

__all__ = [
    "CONFLICT_ROW",
    "add_choices",
    "choose",
    "holds_choices",
    "open_conflicts",
    "read_chosen",
]

CONFLICT_ROW = pl.Schema(
    dict.fromkeys(
        ("object", "key", "field", "keep", "why", "base", "theirs", "ours", "of"), pl.String()
    )
)
"""One row a field in conflict: `keep` and `why` are to be filled in, `of` names the three values."""
_NEEDED = ("object", "key", "field", "keep", "of")
_SHARE = 0o644
"""Choices belong to the repository of the project, and hold no values: others may read them."""


def open_conflicts(run: Run, project: Project, object_: str = "") -> pl.DataFrame:
    """Return CONFLICT_ROW rows of the plan of a run that nobody has decided about.

    Raises:
        UsageError: the run has no plan, or it has not the object.
    """
    present = units(run.dir, "plan")
    if not present:
        raise UsageError(f"run {run.id} has no plan", hint="run `crmmigrate plan` first")
    if object_ and object_ not in present:
        raise UsageError(
            f"the plan has no object '{object_}'{did_you_mean(object_, present)}",
            hint=f"it has {', '.join(present)}",
        )
    found = [CONFLICT_ROW.to_frame()]
    for name in (n for n in present if object_ in {"", n}):
        chosen = {(c.key, c.field, c.of) for c in project.choices.get(name, ())}
        for part in parts(run.dir, "plan", name, "conflicts"):
            rows = _listed(conflict_cells(part), name)
            new = [key not in chosen for key in rows.select("key", "field", "of").iter_rows()]
            found.append(rows.filter(pl.Series(new, dtype=pl.Boolean)))
    return pl.concat(found)


def _listed(cells: pl.DataFrame, object_: str) -> pl.DataFrame:
    names = [fingerprint(row) for row in cells.iter_rows(named=True)]
    return cells.select(
        pl.lit(object_).alias("object"),
        pl.col("external_id").alias("key"),
        "field",
        pl.lit("").alias("keep"),
        pl.lit("").alias("why"),
        *(c for c in CELL.names() if c not in {"external_id", "field"}),
        pl.Series("of", names, dtype=pl.String),
    )


def choose(
    conflicts: pl.DataFrame, key: str, field: str, keep: str, why: str
) -> dict[str, list[Choice]]:
    """Return choices for one record, of one of its fields or of all that are in conflict.

    Args:
        conflicts: CONFLICT_ROW rows.
        key: Key of the record.
        field: Its field; empty for all.
        keep: `ours` or `theirs`.
        why: The reason.

    Raises:
        UsageError: the record or the field is not in conflict.
    """
    if keep not in KEEPS:
        raise UsageError(
            f"'{keep}' cannot be kept{did_you_mean(keep, KEEPS)}", hint="it is ours or theirs"
        )
    mine = conflicts.filter(pl.col("key") == key)
    if mine.is_empty():
        raise UsageError(
            f"no conflict of '{key}' is open", hint="`crmmigrate review --conflicts` lists them"
        )
    rows = mine.filter(pl.col("field") == field) if field else mine
    if rows.is_empty():
        fields = mine["field"].to_list()
        raise UsageError(
            f"'{field}' of this record is not in conflict{did_you_mean(field, fields)}",
            hint=f"in conflict: {', '.join(fields)}",
        )
    found: dict[str, list[Choice]] = {}
    for row in rows.iter_rows(named=True):
        choice = Choice(row["key"], row["field"], keep, row["of"], why)
        found.setdefault(row["object"], []).append(choice)
    return found


def holds_choices(path: Path) -> bool:
    """Return whether a file is a list of conflicts, not of pairs."""
    return "keep" in {c.name for c in open_file(path).describe().datasets[0].columns}


def read_chosen(path: Path) -> dict[str, list[Choice]]:
    """Read a list of conflicts that was filled in: object → choices; blank rows are left out.

    Raises:
        UsageError: a column is missing, or what is to be kept is neither ours nor theirs.
    """
    found: dict[str, list[Choice]] = {}
    for row in _filled_in(path):
        keep = (row["keep"] or "").strip().lower()
        where = f"{path}: row {row[ROW]}"
        if keep not in KEEPS:
            raise UsageError(
                f"'{row['keep']}' cannot be kept{did_you_mean(keep, KEEPS)}",
                where=where,
                hint="write ours or theirs; leave the cell blank if you do not know",
            )
        if not (row["object"] and row["key"] and row["field"] and row["of"]):
            raise UsageError("object, key, field or of is missing", where=where)
        choice = Choice(row["key"], row["field"], keep, row["of"], row.get("why") or "")
        found.setdefault(row["object"], []).append(choice)
    return found


def _filled_in(path: Path) -> Iterator[Mapping[str, str | None]]:
    source = open_file(path)
    dataset = source.describe().datasets[0]
    names = [column.name for column in dataset.columns]
    for name in _NEEDED:
        if name not in names:
            raise UsageError(
                f"the column {name} is missing",
                where=str(path),
                hint="fill in a file that `crmmigrate review --conflicts -o` has written",
            )
    used = [name for name in (*_NEEDED, "why") if name in names]
    for frame in (pl.DataFrame(batch) for batch in source.read(dataset.name, used)):
        good = frame.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null())
        texts = good.select(
            ROW, *(blank_to_null(text_of(c, good.schema[c])).alias(c) for c in used)
        )
        yield from texts.filter(pl.col("keep").is_not_null()).iter_rows(named=True)


def add_choices(project: Project, object_: str, new: Sequence[Choice]) -> tuple[Path, int]:
    """Write choices into the project; a later one about the same field replaces the earlier.

    Returns:
        The file, and how many choices it holds now.

    Raises:
        UsageError: there is no such object.
    """
    if object_ not in project.model.objects:
        raise UsageError(
            f"unknown object '{object_}'{did_you_mean(object_, project.model.objects)}"
        )
    kept = {(c.key, c.field): c for c in (*project.choices.get(object_, ()), *new)}
    folder = project.root / CHOICES_FOLDER
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{object_}.csv"
    write_text(path, choices_text(list(kept.values())), mode=_SHARE)
    return path, len(kept)
