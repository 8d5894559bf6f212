"""Show merges: golden records with what they are made of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from rich.text import Text

from crmmigrate.cli.render import WIDTH, print_wrapped
from crmmigrate.cli.session import named_run
from crmmigrate.config.project import load_project
from crmmigrate.model.counting import counted
from crmmigrate.stages.clean_output import TableWriter, check_output
from crmmigrate.stages.merges import merge_groups, merge_table
from crmmigrate.store.workspace import Workspace

__all__ = ["print_merges"]


def print_merges(
    directory: Path, run_id: str, object_: str, limit: int, output: Path | None, *, as_json: bool
) -> None:
    """List some merges of a run, or write all to a file."""
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    if output:
        check_output(output, output, workbook=True)
    name, groups = merge_groups(run, project, object_)
    object_type = project.model.objects[name]
    if output:
        with TableWriter(output) as writer:
            writer.write(merge_table(run, object_type, groups))
    rows = merge_table(run, object_type, groups.head(limit))
    if as_json:
        document = {
            "version": 1, "run": run.id, "object": name, "merges": groups.height,
            "records": int(groups["records"].sum()), "shown": _without_blanks(rows),
            "output": str(output) if output else None,
        }  # fmt: skip
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print_wrapped(_lines(name, run.id, groups, rows, output))


def _without_blanks(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if v is not None} for row in rows.iter_rows(named=True)]


def _lines(
    name: str, run_id: str, groups: pl.DataFrame, rows: pl.DataFrame, output: Path | None
) -> Iterator[Text | str]:
    total = int(groups["records"].sum())
    yield Text.assemble(("merges", "bold"), f"  {name}: {counted(total, 'record becomes', 'records become')} {groups.height:,}  run {run_id}")  # fmt: skip
    if output:
        yield f"written: {output} ({counted(groups.height, 'merge')})"
        return
    for group, part in zip(
        groups.iter_rows(named=True),
        rows.partition_by("golden_key", maintain_order=True),
        strict=False,
    ):
        yield from _merge(group, part)
    if groups.height:
        yield "next: crmmigrate explain-match KEY_A KEY_B, or merges -o merges.xlsx"


def _merge(group: dict[str, Any], part: pl.DataFrame) -> Iterator[Text | str]:
    yield ""
    least = group["least"]
    sure = f", least sure pair {least:.2f}" if least is not None else ", decided by people"
    yield Text.assemble((group["golden_key"], "bold cyan"), f"  {group['records']} records{sure}")
    golden, *members = part.iter_rows(named=True)
    for field in [c for c in part.columns[3:] if not c.endswith(" from")]:
        value, given = golden[field], golden.get(f"{field} from")
        if value is None:
            continue
        yield _fit(Text.assemble(f"  {field:<18.18} ", (_plain(value), "bold"), (f"  {_short(given, group)}", "dim")))  # fmt: skip
        others = {_plain(m[field]): m["key"] for m in members if m[field] not in {None, value}}
        for other, key in others.items():
            yield _fit(Text.assemble(f"  {'':18} ", (f"not {other}  {key}", "dim")))


def _short(given: str | None, group: dict[str, Any]) -> str:
    return f"from {given}" if given and given != group["golden_key"] else ""


def _fit(text: Text) -> Text:
    text.truncate(WIDTH, overflow="ellipsis")
    return text


def _plain(value: object) -> str:
    return "".join(c if c.isprintable() else " " for c in str(value))
