"""What `review --conflicts` and `decide` do about values that both sides have changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import polars as pl
from rich.text import Text

from crmmigrate.cli.plan_view import three_sides
from crmmigrate.cli.render import WIDTH, print_wrapped
from crmmigrate.cli.session import named_run
from crmmigrate.config.project import Project, load_project
from crmmigrate.errors import UsageError
from crmmigrate.model.choices import KEEPS, Choice
from crmmigrate.model.counting import counted
from crmmigrate.stages.clean_output import TableWriter, check_output
from crmmigrate.stages.conflict_list import (
    CONFLICT_ROW,
    add_choices,
    choose,
    holds_choices,
    open_conflicts,
    read_chosen,
)
from crmmigrate.store.artifacts import units
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["conflicts_waiting", "is_choice", "print_conflicts", "take_choices"]

_SHOWN = 10


def print_conflicts(
    directory: Path,
    run_id: str,
    object_: str,
    limit: int,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show the fields in conflict of a plan, or write them to a file to be filled in.

    The file holds values as they are, so only its owner can read it.
    """
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    if output:
        check_output(output, output, workbook=True)
    every = open_conflicts(run, project, object_)
    rows = every.head(limit)
    if output:
        with TableWriter(output, private=True) as writer:
            writer.write(CONFLICT_ROW.to_frame())
            writer.write(rows)
    if as_json:
        document = {"version": 1, "run": run.id, "open": every.height, "conflicts": rows.to_dicts()}
        document["output"] = str(output) if output else None
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    fields = counted(every.height, "field")
    head = Text.assemble(("review", "bold"), f"  {fields} in conflict  run {run.id}")
    if output:
        told = f"written: {output} ({counted(rows.height, 'field')}); fill in the column keep, then"
        print_wrapped([head, told, f"next: crmmigrate decide {output}"])
        return
    print_wrapped([head, *_lines(rows.head(_SHOWN), every.height)])


def _lines(rows: pl.DataFrame, total: int) -> Iterator[Text | str]:
    for key, group in groupby(rows.iter_rows(named=True), key=lambda row: row["key"]):
        title = Text(f"  {key}", "bold")
        title.truncate(WIDTH, overflow="ellipsis")
        yield title
        for row in group:
            yield from three_sides(row["field"], row["base"], row["theirs"], row["ours"])
    if total > rows.height:
        yield f"  and {total - rows.height:,} more"
    if total:
        yield "next: crmmigrate review --conflicts -o conflicts.csv; or decide KEY [FIELD] ours"


def conflicts_waiting(run: Run, project: Project, object_: str) -> int:
    """Return how many fields of a plan wait for a decision; 0 if there is no plan."""
    present = units(run.dir, "plan")
    if not present or object_ not in {"", *present}:
        return 0
    return open_conflicts(run, project, object_).height


def is_choice(what: Sequence[str]) -> bool:
    """Return whether the words of `decide` are about conflicts, not about pairs."""
    if len(what) == 1:
        return holds_choices(Path(what[0]))
    return what[-1] in KEEPS or (len(what) == len(("key", "keep")) and ":" not in what[-1])


def take_choices(directory: Path, what: Sequence[str], why: str, *, as_json: bool) -> None:
    """Add choices from a file, or those that were typed: KEY [FIELD] ours or theirs.

    Raises:
        UsageError: it is none, or nothing of the record is in conflict.
    """
    project = load_project(directory)
    if len(what) == 1:
        if why:
            raise UsageError("--why is for a single record; a file has a column why")
        new = read_chosen(Path(what[0]))
    elif len(what) <= len(("key", "field", "keep")):
        run = named_run(Workspace(project.root), "")
        field = what[1] if len(what) > len(("key", "keep")) else ""
        new = choose(open_conflicts(run, project), what[0], field, what[-1], why)
    else:
        raise UsageError("give a file, or a key, perhaps a field, and ours or theirs")
    _tell(project, new, as_json=as_json)


def _tell(project: Project, new: Mapping[str, Sequence[Choice]], *, as_json: bool) -> None:
    written = [(o, len(found), *add_choices(project, o, found)) for o, found in new.items()]
    if as_json:
        rows = [
            {"object": o, "taken": taken, "choices": total, "file": str(path)}
            for o, taken, path, total in written
        ]
        print(json.dumps({"version": 1, "written": rows}, ensure_ascii=False, indent=1))
        return
    for object_, taken, path, total in written:
        shown = path.relative_to(project.root)
        print(f"decide  {object_}: {taken:,} taken, {counted(total, 'choice')} in {shown}")
    print("next: crmmigrate run" if written else "decide  no row says what to keep")
