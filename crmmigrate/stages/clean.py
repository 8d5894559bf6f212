"""Clean the columns of a single file: the kernels of the stages, without a project.

The file is read, cleaned and written part by part, so memory does not grow with it. The output
appears under its name only when it is complete.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW, Source
from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.registry import open_file
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Dataset
from crmmigrate.model.columns import text_of
from crmmigrate.model.findings import Rule
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.restraint import KEEP_ALL, Restraint
from crmmigrate.model.runs import FindingCount
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.books import ranked
from crmmigrate.stages.clean_columns import (
    CleanTally,
    ValuePlan,
    clean_values,
    count_codes,
    plan_values,
)
from crmmigrate.stages.clean_output import TableWriter, check_outputs, rejected_path
from crmmigrate.stages.context import Progress
from crmmigrate.stages.mail_servers import Ask, MailServers
from crmmigrate.stages.odd_columns import UNDECIDED, column_rows, odd_column
from crmmigrate.stages.row_regions import RowRegions, known_region
from crmmigrate.standardize.contexts import EVIDENT, Evidence, infer_evidence
from crmmigrate.standardize.fields import run_here
from crmmigrate.values.fieldspec import FieldSpec, check_columns

__all__ = ["CleanReport", "CleanRequest", "ValueReport", "clean_file"]

_MOST_WEIGHED = 200_000
_DATES = (SemanticType.DATE, SemanticType.DATETIME)
_KEY = "_key"
_HEADER_AGAIN = "repeated_header"
_SAID = pl.format("{}: {}", "field", "message")


@dataclass(frozen=True)
class CleanRequest:
    """What is to be cleaned.

    Attributes:
        file: The input.
        specs: Meaning of the columns.
        output: A .csv, .tsv or .parquet file.
        region: Region of rows that have none of their own.
        region_column: Column with the country of each row, in any spelling.
        reading: Options of the reader, e.g. encoding or sheet.
        ask: What asks name servers about domains of mail; None asks nobody.
        changes: Where the change log goes: .csv, .tsv or .parquet; None for nowhere.
        restraint: Which changes are not wanted.
        date_order: dmy, mdy or ymd for dates written in numbers; None takes what columns prove.
        date_system: 1900 or 1904: where spreadsheets begin to count days.
        choices: Column of a choice → what may stand in it.
    """

    file: Path
    specs: tuple[FieldSpec, ...]
    output: Path
    region: str | None = None
    region_column: str | None = None
    reading: Mapping[str, object] = field(default_factory=dict)
    ask: Ask | None = None
    changes: Path | None = None
    restraint: Restraint = KEEP_ALL
    date_order: str | None = None
    date_system: str = "1900"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValueReport:
    """How the cells of one value came out: their number by status."""

    name: str
    type: str
    columns: tuple[str, ...]
    statuses: Mapping[str, int]


@dataclass(frozen=True)
class CleanReport:
    """What was done with the file.

    Attributes:
        rows: Rows written.
        rejected: Rows that could not be read.
        excluded: Rows set aside by rule.
        values: How each value came out.
        findings: How often each rule fired.
        output: The file written.
        set_aside: The file with rows that are not in the output; None if there are none.
        detected: What the reader found out about the file.
        changes: The file with the change log; None if none was asked for.
        logged: Rows of the change log.
        notes: What is to be said of whole columns.
        evidence: What decided the order of dates, or the decimal sign, in columns that prove it.
    """

    rows: int
    rejected: int
    excluded: Mapping[str, int]
    values: tuple[ValueReport, ...]
    findings: tuple[FindingCount, ...]
    output: Path
    set_aside: Path | None
    detected: Mapping[str, str]
    changes: Path | None = None
    logged: int = 0
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass
class _Tally(CleanTally):
    rows: int = 0
    rejected: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    logged: int = 0
    questions: dict[str, str | None] = field(default_factory=dict)


def clean_file(
    request: CleanRequest, book: RegionBook, rules: Mapping[str, Rule], progress: Progress
) -> CleanReport:
    """Clean one file.

    Raises:
        UsageError: the file, a column, the region or the output is wrong.
        StorageError: the output cannot be written.
    """
    check_outputs(request.file, request.output, request.changes)
    source = open_file(request.file, region=request.region, **request.reading)
    dataset = source.describe().datasets[0]
    columns = _checked_columns(request, dataset, book)
    regions = RowRegions(request.region_column, request.region, book)
    dates = _evidence(request, source, regions)
    plans = plan_values(request.specs, columns, _column_options(request, dates))
    tally = _Tally(statuses={plan.name: Counter() for plan in plans})
    tally.questions = {name: found.question for name, found in dates.items()}
    progress.start(f"clean {request.file.name}", dataset.rows)
    set_aside = _write_parts(request, _frames(source, dataset), plans, regions, tally, progress)
    odd = _odd_columns(request, plans, tally)
    tally.codes.update(odd["rule"].to_list())
    progress.finish()
    return CleanReport(
        rows=tally.rows,
        rejected=tally.rejected,
        excluded=dict(tally.excluded),
        values=tuple(_value_report(plan, tally) for plan in plans),
        findings=ranked(tally.codes, rules),
        output=request.output,
        set_aside=rejected_path(request.output) if set_aside else None,
        detected=dict(dataset.detected),
        changes=request.changes,
        logged=tally.logged + odd.height,
        notes=(*regions.notes(), *odd.select(_SAID).to_series()),
        evidence=tuple(f"{name}: {e.summary}" for name, e in dates.items() if e.summary),
    )


def _value_report(plan: ValuePlan, tally: CleanTally) -> ValueReport:
    statuses = dict(tally.statuses[plan.name].most_common())
    return ValueReport(plan.name, str(plan.type), plan.columns, statuses)


def _write_parts(
    request: CleanRequest,
    frames: Iterator[pl.DataFrame],
    plans: Sequence[ValuePlan],
    regions: RowRegions,
    tally: _Tally,
    progress: Progress,
) -> int:
    """Clean the file part by part, and return how many rows were set aside."""
    run = MailServers(request.ask).run_kernel if request.ask else run_here
    with ExitStack() as files:
        writer = files.enter_context(TableWriter(request.output))
        rest = files.enter_context(TableWriter(rejected_path(request.output), optional=True))
        log = files.enter_context(TableWriter(request.changes)) if request.changes else None
        for frame in frames:
            kept = _is_kept(frame)
            rest.write(_set_aside(frame.filter(~kept), tally))
            rows, doubted = _with_regions(_rows(frame.filter(kept)), plans, regions, tally)
            clean, changes = clean_values(rows, plans, regions.book, tally, request.restraint, run)
            writer.write(clean)
            changes = pl.concat([changes, doubted])
            if log:
                log.write(_as_table(changes))
            tally.rows += clean.height
            tally.logged += changes.height
            progress.advance(frame.height)
        if log:
            log.write(_as_table(_odd_columns(request, plans, tally)))
    return rest.rows


def _with_regions(
    rows: pl.DataFrame, plans: Sequence[ValuePlan], regions: RowRegions, tally: _Tally
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the region of each row; a country in doubt is told, unless its column is cleaned itself."""
    found, doubted = regions.of(rows)
    told = regions.tell(doubted).with_columns(rows["_key"].gather(doubted["_key"].cast(pl.UInt32)))
    rows = rows.with_columns(found)
    if any(regions.column in plan.columns for plan in plans):
        return rows, told.clear()
    count_codes(told, tally.codes)
    return rows, told


def _odd_columns(request: CleanRequest, plans: Sequence[ValuePlan], tally: _Tally) -> pl.DataFrame:
    """Return a row of the change log for each column of another kind, and each that is asked about."""
    messages = {
        " + ".join(plan.columns): odd_column(
            tally.statuses[plan.name], tally.doubtful.get(plan.name), plan.type
        )
        for plan in plans
    }
    key = request.file.name
    return pl.concat([column_rows(key, messages), column_rows(key, tally.questions, UNDECIDED)])


def _as_table(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the log as it is written to files: `key` is the line or row of the input."""
    return changes.rename({"_key": "key"}).with_columns(pl.col("alternatives").list.join("; "))


def _checked_columns(request: CleanRequest, dataset: Dataset, book: RegionBook) -> list[str]:
    """Check the request against the file and return the columns that it has."""
    columns = [column.name for column in dataset.columns]
    where = str(request.file)
    check_columns(request.specs, columns, where)
    known_region(request.region, book)
    chosen = [spec.column for spec in request.specs if spec.type is SemanticType.CHOICE]
    for name in request.choices:
        if name not in chosen:
            raise UsageError(
                f"choices are given for '{name}', which is no field of type choice",
                hint=f"say so with --field {name}=choice",
            )
    if request.region_column is not None and request.region_column not in columns:
        from crmmigrate.config.suggestions import did_you_mean

        meant = did_you_mean(request.region_column, columns)
        raise UsageError(f"there is no column '{request.region_column}'{meant}", where=where)
    return columns


def _evidence(request: CleanRequest, source: Source, regions: RowRegions) -> Mapping[str, Evidence]:
    """Look at whole columns first: one cell cannot tell day from month, or the decimal sign."""
    kinds = {spec.column: spec.type for spec in request.specs if spec.type in EVIDENT}
    if request.date_order is not None:
        kinds = {name: kind for name, kind in kinds.items() if kind not in _DATES}
    if not kinds:
        return {}
    empty = pl.DataFrame(schema={"text": pl.String, "region": pl.String})
    seen = dict.fromkeys(kinds, empty)
    wanted = [*kinds, *([regions.column] if regions.column else [])]
    for batch in source.read("file", list(dict.fromkeys(wanted))):
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame):
            region = regions.of(frame)[0]["_region"].alias("region")
            for name in kinds:
                text = frame.select(text_of(name, frame.schema[name]).alias("text"), region)
                more = pl.concat([seen[name], text.drop_nulls("text")])
                seen[name] = more.unique(maintain_order=True).head(_MOST_WEIGHED)
    return {n: infer_evidence(kinds[n], values, regions.book) for n, values in seen.items()}


def _column_options(
    request: CleanRequest, evidence: Mapping[str, Evidence]
) -> Mapping[str, Mapping[str, object]]:
    """Return column → options of its kernel: what was told, else what the column proves."""
    told: dict[str, object] = {"date_system": request.date_system}
    if request.date_order is not None:
        told["date_order"] = request.date_order
    options = {name: found.options for name, found in evidence.items()}
    for spec in request.specs:
        if spec.type in _DATES:
            options[spec.column] = options.get(spec.column, {}) | told
    return options | {name: {"choices": listed} for name, listed in request.choices.items()}


def _frames(source: Source, dataset: Dataset) -> Iterator[pl.DataFrame]:
    """Yield the parts of the file; at least one, so that an empty table has its columns."""
    empty = True
    for batch in source.read("file"):
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame):
            empty = False
            yield frame
    if empty:
        marks = {ROW: pl.Int64, REJECTED: pl.String, EXCLUDED: pl.String, RAW_TEXT: pl.String}
        names = {column.name: pl.String for column in dataset.columns}
        yield pl.DataFrame(schema={**marks, **names})


def _is_kept(frame: pl.DataFrame) -> pl.Series:
    """Tell which rows belong into the output: all that could be read and are rows of the table.

    A blank row that has cells is one (in a table of one column, every blank line is), and so is a
    header that stands among the rows.
    """
    single = len(frame.columns) - len(RESERVED) == 1
    cells = pl.lit(single) | (pl.col(RAW_TEXT).str.strip_chars() != "")
    blank_cells = (pl.col(EXCLUDED) == "empty_row") & cells
    row = pl.col(EXCLUDED).is_null() | blank_cells | (pl.col(EXCLUDED) == _HEADER_AGAIN)
    return frame.select((pl.col(REJECTED).is_null() & row).fill_null(value=False)).to_series()


def _rows(kept: pl.DataFrame) -> pl.DataFrame:
    """Return the cells; a header among the rows holds the names of the columns."""
    again = (pl.col(EXCLUDED) == _HEADER_AGAIN).fill_null(value=False)
    if kept.filter(again).height:
        texts = [n for n, t in kept.schema.items() if t == pl.String and n not in RESERVED]
        kept = kept.with_columns(
            pl.when(again).then(pl.lit(n)).otherwise(n).alias(n) for n in texts
        )
    key = pl.col(ROW).cast(pl.String).alias(_KEY)
    return kept.with_columns(key).drop(RESERVED)


def _set_aside(frame: pl.DataFrame, tally: _Tally) -> pl.DataFrame:
    """Count the rows that are not in the output, and return line, code and text of those with any."""
    code = pl.coalesce(REJECTED, EXCLUDED)
    aside = frame.select(
        pl.col(ROW).alias("line"), code.alias("code"), pl.col(RAW_TEXT).alias("text"), REJECTED
    ).filter(pl.col("code").is_not_null())
    tally.rejected += aside[REJECTED].drop_nulls().len()
    told = aside.filter(pl.col(REJECTED).is_null())["code"].value_counts()
    tally.excluded.update(dict(told.iter_rows()))
    tally.codes.update(dict(aside[REJECTED].drop_nulls().value_counts().iter_rows()))
    return aside.filter(pl.col("code") != "empty_row").drop(REJECTED)
