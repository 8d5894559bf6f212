"""Read, filter and count the change log of a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.changelog import CHANGE_FRAME, CHANGES, STATUSES
from crmmigrate.model.findings import Rule
from crmmigrate.store.artifacts import manifest, parts, scan, units
from crmmigrate.store.workspace import Run

__all__ = ["ChangeFilter", "ChangeGroup", "change_parts", "check_filter", "count_changes"]

_LISTED = ("object", *CHANGE_FRAME.names())


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which rows of the log are wanted; what is not set lets all through.

    Attributes:
        object: Object, e.g. contact.
        field: Field, e.g. phone.
        code: Rule that fired, alone or with others.
        status: What became of the value.
        key: Record key, or its end behind a colon or slash.
        min_confidence: Confidence at least.
        max_confidence: Confidence at most.
    """

    object: str = ""
    field: str = ""
    code: str = ""
    status: str = ""
    key: str = ""
    min_confidence: float | None = None
    max_confidence: float | None = None

    def condition(self) -> pl.Expr:
        """Return the rows that are wanted, apart from the object."""
        wanted = [pl.lit(value=True)]
        if self.field:
            wanted.append(pl.col("field") == self.field)
        if self.code:
            wanted.append(pl.col("codes").str.contains(self.code.upper(), literal=True))
        if self.status:
            wanted.append(pl.col("status") == self.status)
        if self.key:
            ends = [pl.col("_key").str.ends_with(f"{sign}{self.key}") for sign in ":/"]
            wanted.append((pl.col("_key") == self.key) | ends[0] | ends[1])
        if self.min_confidence is not None:
            wanted.append(pl.col("confidence") >= self.min_confidence)
        if self.max_confidence is not None:
            wanted.append(pl.col("confidence") <= self.max_confidence)
        return pl.all_horizontal(wanted)


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """How many cells of one field came out the same way."""

    object: str
    field: str
    rule: str
    name: str
    status: str
    cells: int


def check_filter(run: Run, wanted: ChangeFilter, rules: Mapping[str, Rule]) -> None:
    """Refuse names that the log cannot hold.

    Raises:
        UsageError: the stage has not run, or there is no such status, rule, object or field.
    """
    names = [unit for unit in units(run.dir, "standardize") if _has_log(run, unit)]
    if not names:
        raise UsageError(
            f"run {run.id} has no change log", hint="run `crmmigrate standardize` first"
        )
    objects = {unit.partition("~")[0] for unit in names}
    _check("status", wanted.status, STATUSES)
    _check("rule", wanted.code.upper(), list(rules))
    _check("object", wanted.object, sorted(objects))
    if wanted.field:
        logs = [_log(run, unit) for unit in names]
        fields = {f for log in logs for f in log.select("field").unique().collect()["field"]}
        _check("field", wanted.field, sorted(fields))


def _check(kind: str, name: str, known: Sequence[str]) -> None:
    if name and name not in known:
        raise UsageError(
            f"no {kind} '{name}' is in the change log{did_you_mean(name, known)}",
            hint=f"there are: {', '.join(known)}" if len(known) <= 12 else None,
        )


def _has_log(run: Run, unit: str) -> bool:
    return CHANGES in manifest(run.dir, "standardize", unit)["channels"]


def _log(run: Run, unit: str) -> pl.LazyFrame:
    found = scan(run.dir, "standardize", unit, CHANGES)
    return CHANGE_FRAME.to_frame().lazy() if found is None else found


def _units(run: Run, wanted: ChangeFilter) -> list[str]:
    names = [unit for unit in units(run.dir, "standardize") if _has_log(run, unit)]
    return [unit for unit in names if wanted.object in {"", unit.partition("~")[0]}]


def count_changes(
    run: Run, wanted: ChangeFilter, rules: Mapping[str, Rule]
) -> tuple[ChangeGroup, ...]:
    """Count cells by field, first rule and status, the most frequent first."""
    totals: dict[tuple[str, str, str, str], int] = {}
    for unit in _units(run, wanted):
        log = _log(run, unit).filter(wanted.condition())
        counted = log.group_by("field", "rule", "status").len().collect()
        for field, rule, status, count in counted.iter_rows():
            key = (unit.partition("~")[0], field, rule, status)
            totals[key] = totals.get(key, 0) + count
    groups = [
        ChangeGroup(object_, field, rule, rules[rule].name if rule in rules else "", status, cells)
        for (object_, field, rule, status), cells in totals.items()
    ]
    return tuple(sorted(groups, key=lambda g: (-g.cells, g.object, g.field, g.rule, g.status)))


def change_parts(run: Run, wanted: ChangeFilter) -> Iterator[pl.DataFrame]:
    """Yield the wanted rows part by part: `object`, then the columns of CHANGE_FRAME."""
    for unit in _units(run, wanted):
        name = pl.lit(unit.partition("~")[0]).alias("object")
        for part in parts(run.dir, "standardize", unit, CHANGES):
            found = part.filter(wanted.condition())
            if found.height:
                yield found.with_columns(name).select(_LISTED)
