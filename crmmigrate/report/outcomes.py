"""Tell what the load did, what the CRM refused, and what reading it back showed."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.operations import Status
from crmmigrate.model.runs import StageReport
from crmmigrate.report.contract import CauseCount, LoadLine, ReconciliationLine
from crmmigrate.report.fates import operation_outcomes
from crmmigrate.report.masks import mask_message
from crmmigrate.stages.outcomes import Outcomes
from crmmigrate.store.artifacts import units

__all__ = ["dead_letter_lines", "load_lines", "reconciliation_lines"]

_ACTIONS = ("create", "update", "link", "delete", "unchanged")
_KEYS_SHOWN = 3
_MOST_CAUSES = 50


def load_lines(run_dir: Path, model: CanonicalModel, outcomes: Outcomes) -> tuple[LoadLine, ...]:
    """Return one line for each object and action of the plan, in load order."""
    planned = set(units(run_dir, "plan"))
    lines: list[LoadLine] = []
    for object_ in (name for name in model.load_order if name in planned):
        counts = (
            operation_outcomes(run_dir, object_, outcomes)
            .group_by("action", "status")
            .len()
            .collect()
        )
        table: dict[str, Counter[str]] = {}
        for action, status, count in counts.iter_rows():
            table.setdefault(action, Counter())[status] += count
        lines += [_load_line(object_, a, table[a]) for a in _ACTIONS if a in table]
    return tuple(lines)


def _load_line(object_: str, action: str, statuses: Mapping[str, int]) -> LoadLine:
    planned = sum(statuses.values())
    succeeded = statuses.get(Status.SUCCEEDED.value, 0)
    rejected = statuses.get(Status.REJECTED.value, 0)
    return LoadLine(
        object=object_,
        action=action,
        planned=planned,
        succeeded=succeeded,
        rejected=rejected,
        pending=planned - succeeded - rejected,
    )


def dead_letter_lines(model: CanonicalModel, outcomes: Outcomes) -> tuple[CauseCount, ...]:
    """Group what the target refused by object, code, field and masked message."""
    causes: dict[tuple[str, str, str, str], list[str]] = {}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for object_ in model.load_order:
        for row in _refused(outcomes, object_):
            public = set(model.objects[object_].columns) | {object_}
            message = mask_message(row["message"], public=public)
            cause = (object_, row["error_code"] or "", row["error_field"] or "", message)
            counts[cause] += 1
            keys = causes.setdefault(cause, [])
            if len(keys) < _KEYS_SHOWN:
                keys.append(row["external_id"] or row["op_id"])
    return tuple(
        CauseCount(
            object=cause[0],
            code=cause[1],
            field=cause[2],
            message=cause[3],
            count=count,
            keys=tuple(causes[cause]),
        )
        for cause, count in counts.most_common(_MOST_CAUSES)
    )


def _refused(outcomes: Outcomes, object_: str) -> list[dict[str, Any]]:
    remarks = outcomes.reasons(object_)
    return remarks.filter(pl.col("status") == Status.REJECTED.value).sort("op_id").to_dicts()


def reconciliation_lines(report: StageReport | None) -> tuple[ReconciliationLine, ...]:
    """Return what verify counted for each object; nothing if it has not run."""
    if report is None:
        return ()
    objects = report.facts.get("objects", {})
    names = ("expected", "found", "differing", "missing", "extra", "others")
    return tuple(
        ReconciliationLine(object=name, **{n: int(facts.get(n, 0)) for n in names})
        for name, facts in objects.items()
    )
