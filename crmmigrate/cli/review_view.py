"""What the commands review and decide do; loaded only when one of them runs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from rich.text import Text

from crmmigrate.cli.conflict_view import conflicts_waiting
from crmmigrate.cli.render import WIDTH, print_wrapped
from crmmigrate.cli.session import named_run
from crmmigrate.config.project import Project, load_project
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.counting import counted
from crmmigrate.model.decisions import DECIDED, Decision
from crmmigrate.stages.clean_output import TableWriter, check_output
from crmmigrate.stages.pair import object_of_pair
from crmmigrate.stages.review import (
    add_decisions,
    open_pairs,
    read_judged,
    review_table,
    sampled_pairs,
)
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["print_review", "take_decisions"]

_SHOWN = 10
_FIELDS = 5


def print_review(
    directory: Path,
    run_id: str,
    object_: str,
    limit: int,
    sample: int,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show the undecided pairs of a run, or write them to a file to be filled in."""
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    if output:
        check_output(output, output, workbook=True)
    if sample:
        every = pairs = sampled_pairs(run, project, object_, sample)
    else:
        every = open_pairs(run, project, object_)
        pairs = every.head(limit)
    if output:
        with TableWriter(output) as writer:
            writer.write(review_table(run, project, pairs))
    if as_json:
        document = {"version": 1, "run": run.id, "open": every.height, "pairs": pairs.to_dicts()}
        document["output"] = str(output) if output else None
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    what = "drawn" if sample else "open"
    head = Text.assemble(
        ("review", "bold"), f"  {counted(every.height, f'{what} pair')}  run {run.id}"
    )
    if output:
        then = "evaluate --judged" if sample else "decide"
        told = f"written: {output} ({counted(pairs.height, 'pair')}); fill in the column judgement, then"
        print_wrapped([head, told, f"next: crmmigrate {then} {output}"])
        return
    shown = _pair_lines(review_table(run, project, pairs.head(_SHOWN)))
    print_wrapped([head, *shown, *_conflicts(run, project, object_)])


def _conflicts(run: Run, project: Project, object_: str) -> Iterator[str]:
    """Tell of fields in conflict, which wait for a person as pairs do."""
    if waiting := conflicts_waiting(run, project, object_):
        fields = counted(waiting, "field")
        yield f"{fields} in conflict besides: crmmigrate review --conflicts"


def _pair_lines(table: pl.DataFrame) -> Iterator[Text | str]:
    for row in table.iter_rows(named=True):
        yield ""
        told = f"{row['probability']:.2f}  {row['reason']}; {counted(row['records'], 'record')}"
        yield Text.assemble(("  " + told, "bold"))
        for side in "ab":
            yield Text.assemble(("        ", ""), (row[f"key_{side}"], "cyan"))
            line = Text(f"          {_shown(row, side)}")
            line.truncate(WIDTH, overflow="ellipsis")
            yield line
        yield Text(f"        {row['evidence']}", style="dim")
    if table.height:
        yield "next: crmmigrate review -o review.csv"


def _shown(row: Mapping[str, object], side: str) -> str:
    """Return the first filled fields of one of the two records."""
    cells = [str(value) for name, value in row.items() if name.endswith(f" ({side})") and value]
    return " · ".join(" ".join(cell.split()) for cell in cells[:_FIELDS])


def take_decisions(directory: Path, what: Sequence[str], why: str, *, as_json: bool) -> None:
    """Add decisions from a file, or one that was typed."""
    project = load_project(directory)
    if len(what) == 1:
        if why:
            raise UsageError("--why is for a single pair; a file has a column why")
        new = read_judged(Path(what[0]))
    elif len(what) == 3:
        new = _typed(project, what[0], what[1], what[2], why)
    else:
        raise UsageError(
            "give a file, or two keys and a judgement", hint="see crmmigrate decide --help"
        )
    written = [(o, len(found), *add_decisions(project, o, found)) for o, found in new.items()]
    if as_json:
        rows = [
            {"object": o, "taken": taken, "decisions": total, "file": str(path)}
            for o, taken, path, total in written
        ]
        print(json.dumps({"version": 1, "written": rows}, ensure_ascii=False, indent=1))
        return
    for object_, taken, path, total in written:
        shown = path.relative_to(project.root)
        print(f"decide  {object_}: {taken:,} taken, {counted(total, 'decision')} in {shown}")
    print("next: crmmigrate run" if written else "decide  no row has a judgement")


def _typed(
    project: Project, key_a: str, key_b: str, judgement: str, why: str
) -> dict[str, list[Decision]]:
    """Return a single decision, and which object it is about.

    Raises:
        UsageError: the judgement is none, or the keys are not of one object.
    """
    if judgement not in DECIDED:
        raise UsageError(
            f"'{judgement}' is no judgement{did_you_mean(judgement, DECIDED)}",
            hint="it is match or no_match",
        )
    object_ = object_of_pair(project, key_a, key_b)
    if not object_:
        raise UsageError(
            "the keys are not two records of one deduplicated object",
            hint="record keys look like source:object:dataset/id; `crmmigrate review` lists them",
        )
    if key_a == key_b:
        raise UsageError(f"both keys are '{key_a}'")
    return {object_: [Decision(key_a, key_b, judgement, why)]}
