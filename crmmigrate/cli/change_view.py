"""What `changes` and `diff` print: counts first, then a few cells; or all of them to a file."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl

from crmmigrate.cli.render import WIDTH
from crmmigrate.cli.session import named_run
from crmmigrate.config.codes import load_rules
from crmmigrate.config.project import load_project
from crmmigrate.model.counting import counted
from crmmigrate.stages.change_list import (
    ChangeFilter,
    ChangeGroup,
    change_parts,
    check_filter,
    count_changes,
)
from crmmigrate.stages.clean_output import TableWriter, check_output
from crmmigrate.stages.run_diff import DIFFERENCES, RunDiff, diff_runs
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["print_changes", "print_diff"]

_GROUPS = 12
_VALUE = 26


def print_changes(
    directory: Path,
    run_id: str,
    wanted: ChangeFilter,
    limit: int,
    output: Path | None,
    *,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show, or write to a file, the wanted rows of a run's change log."""
    run = _named(directory, run_id)
    rules = load_rules()
    check_filter(run, wanted, rules)
    tables = (_table(part) for part in change_parts(run, wanted))
    if as_csv:
        _print_csv(tables)
        return
    groups = count_changes(run, wanted, rules)
    written = _write(output, tables) if output else None
    if as_json:
        shown = _first(change_parts(run, wanted), limit)
        document = {
            "version": 1,
            "run": run.id,
            "cells": sum(group.cells for group in groups),
            "groups": [asdict(group) for group in groups],
            "changes": shown.rename({"_key": "key"}).to_dicts() if shown is not None else [],
            "output": str(output) if output else None,
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print("\n".join(_group_lines(run.id, groups)))
    if output:
        print(f"written: {output} ({counted(written or 0, 'cell')})")
    else:
        _print_cells(_first(change_parts(run, wanted), limit), sum(g.cells for g in groups))
    if groups:
        print(f"next: crmmigrate explain {groups[0].rule}")


def _print_cells(shown: pl.DataFrame | None, total: int) -> None:
    """Print some cells of the log, and how many more there are."""
    for row in shown.iter_rows(named=True) if shown is not None else ():
        print(_cell_line(row["_key"], row["field"], row["before"], row["after"], row["rule"]))
    more = total - (shown.height if shown is not None else 0)
    if more:
        print(f"  and {counted(more, 'more cell')}; --limit N shows more, -o FILE writes all")


def _group_lines(run_id: str, groups: tuple[ChangeGroup, ...]) -> Iterator[str]:
    total = sum(group.cells for group in groups)
    yield f"changes  {counted(total, 'cell')}  run {run_id}"
    if not groups:
        return
    yield f"  {'object':<12} {'field':<14} {'rule':<31} {'status':<10} {'cells':>7}"
    for group in groups[:_GROUPS]:
        rule = f"{group.rule} {group.name.replace('_', ' ')}"
        yield _fit(
            f"  {_short(group.object, 12):<12} {_short(group.field, 14):<14} {_short(rule, 31):<31} "
            f"{group.status:<10} {_number(group.cells):>7}"
        )
    if len(groups) > _GROUPS:
        rest = sum(group.cells for group in groups[_GROUPS:])
        yield f"  and {len(groups) - _GROUPS} more kinds of change, {rest:,} cells; --json tells all"


def print_diff(
    directory: Path, first: str, second: str, limit: int, output: Path | None, *, as_json: bool
) -> None:
    """Show how two runs differ."""
    found = diff_runs(_named(directory, first), _named(directory, second))
    if output:
        _write(output, [found.cells.rename({"_key": "key"})])
    if as_json:
        document = {
            "version": 1,
            "first": found.first,
            "second": found.second,
            "cells": found.cells.height,
            "counts": found.counts().to_dicts(),
            "differences": found.cells.head(limit).rename({"_key": "key"}).to_dicts(),
            "output": str(output) if output else None,
        }
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print("\n".join(_diff_lines(found, limit)))
    if output:
        print(f"written: {output} ({counted(found.cells.height, 'cell')})")


def _diff_lines(found: RunDiff, limit: int) -> Iterator[str]:
    yield f"diff  {counted(found.cells.height, 'cell differs', 'cells differ')}"
    yield f"  first   {found.first}"
    yield f"  second  {found.second}"
    for object_, field, kind, cells in found.counts().head(_GROUPS).iter_rows():
        yield _fit(
            f"  {_short(object_, 12):<12} {_short(field, 14):<14} {cells:>9,}  {DIFFERENCES[kind]}"
        )
    for row in found.cells.head(limit).iter_rows(named=True):
        codes = f"{row['first_codes'] or '–'} | {row['second_codes'] or '–'}"
        yield _cell_line(row["_key"], row["field"], row["first"], row["second"], codes)


def _cell_line(key: str, field: str, before: str | None, after: str | None, codes: str) -> str:
    values = (
        f"{_short(before, _VALUE)} → {_short(after, _VALUE)}"
        if before != after
        else _short(before, 2 * _VALUE)
    )
    record = key.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return _fit(f"  {_short(record, 10)}  {field}: {values}  {codes}")


def _short(text: str | None, width: int) -> str:
    """Return a value on one line of at most so many characters."""
    if text is None:
        return "–"
    line = "".join(sign if sign.isprintable() else " " for sign in text[: width + 1])
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _fit(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _number(count: int) -> str:
    return f"{count:,}" if count < 100_000 else f"{count // 1000:,}k"


def _first(frames: Iterable[pl.DataFrame], limit: int) -> pl.DataFrame | None:
    """Return the first rows of many frames."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame.head(limit - sum(f.height for f in held)))
        if sum(f.height for f in held) >= limit:
            break
    return pl.concat(held) if held else None


def _table(part: pl.DataFrame) -> pl.DataFrame:
    """Return rows as files hold them."""
    return part.rename({"_key": "key"}).with_columns(pl.col("alternatives").list.join("; "))


def _write(output: Path, tables: Iterable[pl.DataFrame]) -> int:
    check_output(output, output, workbook=True)
    with TableWriter(output) as writer:
        for table in tables:
            writer.write(table)
    return writer.rows


def _print_csv(tables: Iterable[pl.DataFrame]) -> None:
    for number, table in enumerate(tables):
        sys.stdout.write(table.write_csv(include_header=number == 0))


def _named(directory: Path, run_id: str) -> Run:
    return named_run(Workspace(load_project(directory).root), run_id)
