"""Who has signed the reconciliation off, what was looked at, and how each difference is explained."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from pydantic import Field

from crmmigrate.config.yaml import ClosedModel
from crmmigrate.model.findings import Rule
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.reconciliation import is_intact, last_signed
from crmmigrate.store.artifacts import parts, units

__all__ = ["DifferenceLine", "LevelLine", "SignOff", "difference_lines", "level_lines", "sign_off"]

_LEVELS = ("counts", "fields", "references")
_SEVERITY = {"error": 0, "warning": 1, "info": 2}


class LevelLine(ClosedModel):
    """One level of the comparison: records, values of fields, or references."""

    level: str
    checked: int
    differ: int
    wrong: int = Field(description="of those that differ, the ones that are faults")


class DifferenceLine(ClosedModel):
    """Differences of one object and field that have the same explanation."""

    object: str
    field: str = Field("", description="empty where the record as a whole is meant")
    code: str
    severity: str
    count: int
    why: str = Field("", description="the explanation")


class SignOff(ClosedModel):
    """What somebody has signed: the newest signature of the run."""

    signed_by: str
    signed_at: str
    run: str
    plan_id: str = ""
    verified_at: str
    loaded_at: str = ""
    sample: int = Field(0, description="records of each object that were read back; 0 for all")
    agrees: bool
    levels: tuple[LevelLine, ...]
    sha256: str
    intact: bool = Field(description="whether the signed file is what was signed")
    current: bool = Field(
        description="whether nobody has looked at the target since, with another result"
    )


def level_lines(report: StageReport | None) -> tuple[LevelLine, ...]:
    """Return what verify looked at on each level; nothing if it has not run."""
    return _levels(report.facts.get("levels", {})) if report is not None else ()


def _levels(told: Mapping[str, Mapping[str, int]]) -> tuple[LevelLine, ...]:
    return tuple(LevelLine(level=name, **told[name]) for name in _LEVELS if name in told)


def difference_lines(
    run_dir: Path, report: StageReport | None, rules: Mapping[str, Rule]
) -> tuple[DifferenceLine, ...]:
    """Count differences by object, field and explanation: faults first, then by frequency."""
    if report is None:
        return ()
    counts: Counter[tuple[str, str, str]] = Counter()
    present = set(units(run_dir, "verify"))
    for object_ in (o for o in report.facts.get("objects", {}) if o in present):
        for part in parts(run_dir, "verify", object_, "differences", ["field", "code"]):
            grouped = part.group_by(pl.col("field").fill_null(""), "code").len()
            for field, code, rows in grouped.iter_rows():
                counts[object_, field, code] += rows
    lines = [
        DifferenceLine(
            object=object_,
            field=field,
            code=code,
            severity=str(rules[code].severity) if code in rules else "warning",
            count=rows,
            why=rules[code].doc if code in rules else "",
        )
        for (object_, field, code), rows in counts.items()
    ]
    return tuple(
        sorted(
            lines, key=lambda d: (_SEVERITY.get(d.severity, 1), -d.count, d.object, d.field, d.code)
        )
    )


def sign_off(run_dir: Path, report: StageReport | None) -> SignOff | None:
    """Return the newest signature of a run; None if nobody has signed.

    Args:
        run_dir: The run.
        report: Of the last look at the target, which may have been after the signature.
    """
    told = last_signed(run_dir)
    if told is None:
        return None
    now = report.facts if report is not None else {}
    same = all(now.get(name) == told.get(name) for name in ("levels", "target"))
    codes = {o["object"]: o["differences"] for o in told["objects"]}
    return SignOff(
        signed_by=told["signed_by"],
        signed_at=told["signed_at"],
        run=told["run"],
        plan_id=told["plan_id"] or "",
        verified_at=told["verified_at"],
        loaded_at=told["loaded_at"] or "",
        sample=told["sample"] or 0,
        agrees=told["agrees"],
        levels=_levels(told["levels"]),
        sha256=told["sha256"],
        intact=is_intact(told),
        current=same and now.get("codes") == codes,
    )
