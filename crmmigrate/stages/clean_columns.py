"""What becomes of each column of a file that is cleaned, and its doing for one part of the file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from crmmigrate.errors import UsageError
from crmmigrate.model.changelog import CHANGE_FRAME, RegionOrigin
from crmmigrate.model.columns import text_of
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.restraint import KEEP_ALL, Restraint
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType, part_column
from crmmigrate.standardize.fields import FieldInput, FieldReading, RunKernel, read_field, run_here
from crmmigrate.standardize.match_keys import KEYED, MATCH_KEY
from crmmigrate.values.fieldspec import FieldSpec, field_groups

__all__ = ["CleanTally", "ValuePlan", "clean_values", "count_codes", "plan_values"]

_VALUE = "value"
_AS_WHOLE = {(SemanticType.PHONE, "e164")}
_GIVES_VALUE = {(SemanticType.PHONE, "number"), (SemanticType.PHONE, "e164")}
_LEADING = ("street", "given", "number", "amount", "base_name")
"""Parts whose column carries the other parts, where no column holds the whole value."""
_UNPARSED = "unparsed"
_COUNTRY_ASSUMED = "STD923"


@dataclass(frozen=True)
class ValuePlan:
    """One value of the file: the columns it stands in and those it is written to.

    Attributes:
        name: Name of the value.
        type: Semantic type.
        specs: Columns it is read from.
        original: Column → where its raw text goes.
        findings: Column → where the codes go.
        parts: Part → column; all of the whole value, or those without a column of their own.
        options: Options of the kernel.
    """

    name: str
    type: SemanticType
    specs: tuple[FieldSpec, ...]
    original: Mapping[str, str]
    findings: Mapping[str, str]
    parts: Mapping[str, str]
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it is read from."""
        return tuple(spec.column for spec in self.specs)

    @property
    def leader(self) -> str:
        """Column that the new parts are named after and stand behind."""
        return _leader(self.specs)

    def standardized(self, spec: FieldSpec) -> str | None:
        """Return which outcome goes into a column; None leaves the column as it is."""
        if spec.part is None or (self.type, spec.part) in _GIVES_VALUE:
            return _VALUE
        return spec.part if spec.part in PARTS.get(self.type, ()) else None


def plan_values(
    specs: Iterable[FieldSpec],
    columns: Sequence[str],
    column_options: Mapping[str, Mapping[str, object]],
) -> tuple[ValuePlan, ...]:
    """Name every new column; one that the file has already gets another number.

    Args:
        specs: Meaning of the columns to clean.
        columns: All columns of the file.
        column_options: Column → options of its kernel: what it proves or may hold.

    Raises:
        UsageError: a part is given that nothing can be read from.
    """
    taken = set(columns)
    plans = []
    for name, group in field_groups(specs).items():
        kind = group[0].type
        _check_readable(group, kind)
        leader = _leader(group)
        own = {spec.part for spec in group}
        options = next((column_options[s.column] for s in group if s.column in column_options), {})
        shown = (*PARTS.get(kind, ()), *((MATCH_KEY,) if kind in KEYED else ()))
        new = [part for part in shown if part not in own]
        plans.append(
            ValuePlan(
                name,
                kind,
                group,
                {spec.column: _fresh(f"{spec.column}_original", taken) for spec in group},
                {spec.column: _fresh(f"{spec.column}_findings", taken) for spec in group},
                {part: _fresh(part_column(leader, part), taken) for part in new},
                options,
            )
        )
    return tuple(plans)


def _leader(group: Sequence[FieldSpec]) -> str:
    """Return the column of the whole value, else of its leading part, else the first one."""
    for part in (None, *_LEADING):
        for spec in group:
            if spec.part == part:
                return spec.column
    return group[0].column


def _fresh(name: str, taken: set[str]) -> str:
    """Return a name that no column has, and take it."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique)
    return unique


@dataclass
class CleanTally:
    """What came of the values of a file so far.

    Attributes:
        statuses: Value → number of cells by status.
        codes: Number of findings by code.
        doubtful: Value → a few distinct texts that were not understood.
    """

    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    doubtful: dict[str, pl.Series] = field(default_factory=dict)


def clean_values(
    rows: pl.DataFrame,
    plans: Sequence[ValuePlan],
    book: RegionBook,
    tally: CleanTally,
    restraint: Restraint = KEEP_ALL,
    run: RunKernel = run_here,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clean one part of a file.

    Args:
        rows: All columns of the file, `_region`, `_region_from` and `_key`.
        plans: What becomes of the columns.
        book: Rules of all regions.
        tally: Counted up.
        restraint: Which changes are not wanted.
        run: Runs kernels.

    Returns:
        All columns in order; the new ones stand behind the column they belong to. And the change
        log (CHANGE_FRAME).
    """
    behind: dict[str, list[pl.Series]] = {}
    replaced: dict[str, pl.Series] = {}
    changes = [CHANGE_FRAME.to_frame()]
    for plan in plans:
        reading = _read(rows, plan, book, restraint, run)
        told = reading.changes(rows["_key"], _origins(rows, plan), plan.name)
        tally.statuses.setdefault(plan.name, Counter()).update(reading.statuses())
        known = tally.doubtful.get(plan.name, pl.Series([], dtype=pl.String))
        tally.doubtful[plan.name] = pl.concat([known, reading.not_understood()]).head(200)
        count_codes(told, tally.codes)
        changes.append(told)
        for column, series in _columns_of(plan, rows, reading).items():
            replaced[column], *behind[column] = series
    ordered: list[pl.Series] = []
    for name in (n for n in rows.columns if n not in _OWN):
        ordered += [replaced.get(name, rows[name]), *behind.get(name, [])]
    return pl.DataFrame(ordered), pl.concat(changes)


_OWN = ("_region", "_region_from", "_key")


def _origins(rows: pl.DataFrame, plan: ValuePlan) -> pl.Series:
    if "date_order" not in plan.options:
        return rows["_region_from"]
    return pl.repeat(RegionOrigin.COLUMN, rows.height, dtype=pl.String, eager=True)


def _columns_of(
    plan: ValuePlan, rows: pl.DataFrame, reading: FieldReading
) -> dict[str, list[pl.Series]]:
    """Return for each column of a value its new content and the new columns behind it."""
    codes = reading.noted["codes"].gather(reading.place).gather(reading.given.at)
    found: dict[str, list[pl.Series]] = {}
    for spec in plan.specs:
        raw = rows.select(text_of(spec.column, rows.schema[spec.column])).to_series()
        key = plan.standardized(spec)
        found[spec.column] = [
            _content(raw, key, reading).alias(spec.column),
            raw.alias(plan.original[spec.column]),
            codes.alias(plan.findings[spec.column]),
        ]
    found[plan.leader][2:2] = [_part(reading, p).alias(column) for p, column in plan.parts.items()]
    return found


def _part(reading: FieldReading, part: str) -> pl.Series:
    cells = reading.column(part)
    return cells == "true" if part == "valid" else cells


def _content(raw: pl.Series, key: str | None, reading: FieldReading) -> pl.Series:
    """Return what goes into a column; text that nothing could be made of stays where it was."""
    if key is None:
        return raw
    found = reading.column(key)
    if _UNPARSED not in reading.outcome.columns:
        return found
    both = pl.DataFrame({"unparsed": reading.column(_UNPARSED), "raw": raw})
    inside = pl.col("unparsed").str.contains(pl.col("raw").str.strip_chars(), literal=True)
    unread = both.select(inside).to_series()
    left = found.is_null() & unread.fill_null(value=False)
    return raw.zip_with(left, found)


def _check_readable(group: Sequence[FieldSpec], kind: SemanticType) -> None:
    for spec in group:
        known = spec.part is None or spec.part in INPUT_PARTS.get(kind, ())
        if not known and (kind, spec.part) not in _AS_WHOLE:
            parts = ", ".join(f"{kind}.{part}" for part in INPUT_PARTS.get(kind, ()))
            raise UsageError(
                f"'{kind}.{spec.part}' of column '{spec.column}' is only given out, never read",
                hint=f"write '{spec.column}={kind}'" + (f" or one of {parts}" if parts else ""),
            )


def _read(
    rows: pl.DataFrame, plan: ValuePlan, book: RegionBook, restraint: Restraint, run: RunKernel
) -> FieldReading:
    given = [pl.col("_region")]
    for spec in plan.specs:
        text = text_of(spec.column, rows.schema[spec.column])
        whole = spec.part is None or (plan.type, spec.part) in _AS_WHOLE
        given.append(text.alias(_VALUE if whole else part_column(_VALUE, str(spec.part))))
    field_input = FieldInput(_VALUE, plan.type, options=plan.options)
    return read_field(rows.select(given), field_input, book, restraint, _with_country(run))


def _with_country(run: RunKernel) -> RunKernel:
    """Return what gives addresses that name no country the one of their region, and says so."""

    def run_kernel(
        kind: SemanticType, distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
    ) -> pl.DataFrame:
        outcome = run(kind, distinct, book, options)
        if kind is not SemanticType.POSTAL_ADDRESS or "country" in distinct.columns:
            return outcome
        read = pl.any_horizontal(
            pl.col("street", "po_box", "locality", "postal_code").is_not_null()
        )
        region = pl.lit(distinct["_region"])
        assumed = read & pl.col("country").is_null() & region.is_not_null()
        codes = pl.concat_list("codes", pl.lit([_COUNTRY_ASSUMED]))
        return outcome.with_columns(
            pl.when(assumed).then(region).otherwise("country").alias("country"),
            pl.when(assumed).then(codes).otherwise("codes").alias("codes"),
        )

    return run_kernel


def count_codes(changes: pl.DataFrame, codes: Counter[str]) -> None:
    """Count the rules that fired, from rows of the change log."""
    for together, count in changes.group_by("codes").len().iter_rows():
        codes.update(dict.fromkeys(together.split(";"), count))
