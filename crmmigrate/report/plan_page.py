"""A plan as one HTML page for the client: what a load would do, record by record.

Values are shown as they are, so only the owner can read the file. The page is written piece by
piece: memory is one part of the plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from crmmigrate import __version__
from crmmigrate.model.findings import Rule
from crmmigrate.model.operations import Action
from crmmigrate.model.runs import StageReport
from crmmigrate.report.page import page_environment
from crmmigrate.stages.plan_view import plan_records
from crmmigrate.store.files import write_text

__all__ = ["write_plan_page"]

MOST = 100
"""Records of an object and action on the page, where not all are asked for."""
_LONGEST = 2_000
_COLUMNS = ("create", "update", "link", "delete", "merge-redirect", "conflict", "unchanged")
_ALWAYS = ("create", "update", "unchanged")


@dataclass(frozen=True)
class _Group:
    """Records of one object, pass and action."""

    action: str
    total: int | None
    records: Iterator[Mapping[str, Any]]


@dataclass(frozen=True)
class _Section:
    """What happens to one object in one pass."""

    object: str
    second: bool
    groups: Iterator[_Group]


def write_plan_page(
    path: Path,
    report: StageReport,
    project: str,
    rules: Mapping[str, Rule],
    run_dir: Path,
    select: Sequence[str] = (),
    *,
    everything: bool = False,
) -> None:
    """Write the page of a plan.

    Args:
        path: The file; readable by its owner only.
        report: Of the plan.
        project: Name of the project.
        rules: All documented rules.
        run_dir: The run with the plan.
        select: Words of `--select`.
        everything: Show all records.
    """
    actions: Mapping[str, Mapping[str, int]] = report.facts["actions"]
    present = {c for c in _COLUMNS if any(counts.get(c) for counts in actions.values())}
    template = page_environment().get_template("plan.html.j2")
    pieces = template.generate(
        report=report,
        project=project,
        rules=rules,
        version=__version__,
        columns=[c for c in _COLUMNS if c in present or c in _ALWAYS],
        actions=actions,
        sections=_sections(report, run_dir, select, None if everything else MOST),
        selected=list(select),
        removed={Action.DELETE.value, Action.PURGE.value},
    )
    write_text(path, pieces)


def _sections(
    report: StageReport, run_dir: Path, select: Sequence[str], most: int | None
) -> Iterator[_Section]:
    records = plan_records(run_dir, report.facts["order"], select, most, _LONGEST)
    counts: Mapping[str, Mapping[str, int]] = report.facts["actions"]
    keyed = any(word.count(":") > 1 for word in select)
    for (object_, second), of_object in groupby(
        records, key=lambda r: (r["object"], r.get("pass") == 2)
    ):

        def total(action: str, name: str = object_, *, late: bool = second) -> int | None:
            return None if keyed else counts[name].get("second_pass" if late else action)

        groups = groupby(of_object, key=lambda r: r["action"])
        yield _Section(object_, second, (_Group(a, total(a), g) for a, g in groups))
