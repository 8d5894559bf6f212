"""Find the duplicates within one file, or between two, without a project."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, REJECTED, ROW
from crmmigrate.adapters.registry import open_file
from crmmigrate.config.bundled import find_rules_file
from crmmigrate.config.codes import load_rules
from crmmigrate.config.matching import load_match_rules
from crmmigrate.config.regions import load_region_book
from crmmigrate.dedupe.crowds import CROWDED, Crowd, find_crowds
from crmmigrate.dedupe.match import MatchResult, match_records
from crmmigrate.dedupe.select import fit_rules
from crmmigrate.errors import StorageError, UsageError
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.counting import counted
from crmmigrate.model.matching import Judgement
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.runs import BookLine, FindingCount, StageReport
from crmmigrate.model.semantic import SemanticType, part_column
from crmmigrate.stages.row_regions import known_region
from crmmigrate.standardize.dates import infer_date_order
from crmmigrate.standardize.fields import FieldInput, standardize_field
from crmmigrate.store.files import storage_errors
from crmmigrate.values.fieldspec import FieldSpec, check_columns, field_groups, parse_field

__all__ = ["MatchRequest", "match_files"]


@dataclass(frozen=True)
class MatchRequest:
    """What `crmmigrate match` was asked.

    Attributes:
        file: File with records.
        against: Second file; then only records of different files are paired.
        key: Column that identifies a row.
        fields: `COLUMN=TYPE` as given.
        out: Folder for the results.
        region: Default region of the values (alpha-2).
    """

    file: Path
    against: Path | None
    key: str
    fields: Sequence[str]
    out: Path
    region: str | None = None


def match_files(request: MatchRequest, book: RegionBook | None = None) -> StageReport:
    """Write `clusters.csv` and `pairs.csv` into the folder and report.

    Args:
        request: What is to be compared.
        book: Rules of all regions; by default the packaged ones.

    Raises:
        UsageError: a file, column, type or key is wrong.
        StorageError: the results cannot be written.
    """
    started = perf_counter()
    specs = tuple(parse_field(text) for text in request.fields)
    if not specs:
        raise UsageError(
            "no --field is given: nothing to compare",
            hint="tell what the columns mean, for example --field name=person_name",
        )
    groups = field_groups(specs)
    book = book or load_region_book(None)
    region = known_region(request.region, book)
    tables, frame = _frame(request, specs, groups)
    side = frame["_side"] if request.against else None
    frame = _standardized(frame.drop("_side"), groups, region, book)
    kinds = {name: group[0].type for name, group in groups.items()}
    base = load_match_rules(find_rules_file(None, f"match/{_object(kinds.values())}.yaml"))
    rules = fit_rules(base, kinds)
    result = match_records(frame, rules, side=side)
    _write(request, result, [table for table, _ in tables])
    return _report(
        request,
        result,
        frame.height,
        sum(n for _, n in tables),
        perf_counter() - started,
        tuple(find_crowds(frame, rules)),
    )


def _frame(
    request: MatchRequest, specs: Sequence[FieldSpec], groups: Mapping[str, tuple[FieldSpec, ...]]
) -> tuple[list[tuple[pl.DataFrame, int]], pl.DataFrame]:
    """Return the tables of the files with their unreadable rows, and both in canonical columns."""
    files = [request.file] + ([request.against] if request.against else [])
    tables = [_table(path, request.key, specs) for path in files]
    named = [_canonical(table, groups, place) for place, (table, _) in enumerate(tables)]
    return tables, pl.concat(named, how="diagonal")


def _object(values: Iterable[SemanticType]) -> str:
    """Return whose rules fit: a person's, unless only an organization is named."""
    kinds = set(values)
    if SemanticType.PERSON_NAME in kinds or SemanticType.ORGANIZATION not in kinds:
        return "contact"
    return "account"


def _table(path: Path, key: str, specs: Sequence[FieldSpec]) -> tuple[pl.DataFrame, int]:
    """Read the readable rows of a file, and count the others."""
    source = open_file(path)
    dataset = source.describe().datasets[0]
    own = [column.name for column in dataset.columns]
    check_columns([FieldSpec(key, "key", SemanticType.IDENTIFIER)], own, str(path))
    check_columns(specs, own, str(path))
    used = list(dict.fromkeys([key, *(spec.column for spec in specs)]))
    batches = [pl.DataFrame(batch) for batch in source.read(dataset.name, used)]
    empty = pl.DataFrame(
        schema={ROW: pl.Int64, **dict.fromkeys((REJECTED, EXCLUDED, *used), pl.String)}
    )
    table = pl.concat(batches, how="diagonal_relaxed") if batches else empty
    good = table.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null())
    keyed = good.with_columns(
        pl.coalesce(
            blank_to_null(text_of(key, good.schema[key])),
            pl.concat_str(pl.lit("#"), pl.col(ROW).cast(pl.String)),
        ).alias("_key")
    )
    twice = keyed.filter(pl.col("_key").is_duplicated())
    if twice.height:
        first = twice.filter(pl.col("_key") == twice["_key"][0])
        rows = " and ".join(str(row) for row in first[ROW].head(2))
        raise UsageError(
            f"key '{twice['_key'][0]}' stands in rows {rows}",
            where=f"{path}: column '{key}'",
            hint="give another --key; each row needs a key of its own",
        )
    return keyed, table.height - good.height


def _canonical(
    table: pl.DataFrame, groups: Mapping[str, tuple[FieldSpec, ...]], place: int
) -> pl.DataFrame:
    """Name the columns as canonical frames do: a value, and its parts."""
    columns = [pl.lit(place, dtype=pl.UInt32).alias("_side"), _inner_key(place).alias("_key")]
    for name, group in groups.items():
        for spec in group:
            text = text_of(spec.column, table.schema[spec.column])
            columns.append(text.alias(part_column(name, spec.part) if spec.part else name))
    return table.select(columns)


def _inner_key(place: int) -> pl.Expr:
    """Keys of the second file are told apart, but come after those of the first."""
    return pl.col("_key") if place == 0 else pl.concat_str(pl.lit("\uffff"), "_key")


def _standardized(
    frame: pl.DataFrame,
    groups: Mapping[str, tuple[FieldSpec, ...]],
    region: str | None,
    book: RegionBook,
) -> pl.DataFrame:
    frame = frame.with_columns(pl.lit(region, dtype=pl.String).alias("_region"))
    for name, group in groups.items():
        kind, options = group[0].type, dict[str, object]()
        if kind in {SemanticType.DATE, SemanticType.DATETIME} and name in frame.columns:
            options = infer_date_order(frame[name].unique(), book.get(region)).options
        frame = standardize_field(frame, FieldInput(name, kind, options=options), book)
    return frame


def _write(request: MatchRequest, result: MatchResult, tables: Sequence[pl.DataFrame]) -> None:
    """Write both files whole or not at all."""
    key = pl.col("_key").str.strip_prefix("\uffff").alias("key")
    clusters = result.clusters.select(key, "cluster_id", "golden")
    if request.against:
        names = [request.file.name, request.against.name]
        heights = [table.height for table in tables]
        files = [name for name, height in zip(names, heights, strict=True) for _ in range(height)]
        clusters = clusters.with_columns(pl.Series("file", files, dtype=pl.String))
    pairs = result.pairs.with_columns(
        pl.col("key_a").str.strip_prefix("\uffff"),
        pl.col("key_b").str.strip_prefix("\uffff"),
        pl.col("contributions").list.eval(_told(pl.element())).list.join("; "),
        pl.col("score").round(3),
        pl.col("probability").round(6),
    )
    tables_out = {"clusters.csv": clusters, "pairs.csv": pairs}
    parts = {name: request.out / f".{name}.part" for name in tables_out}
    try:
        with storage_errors(request.out):
            request.out.mkdir(parents=True, exist_ok=True)
            for name, frame in tables_out.items():
                frame.write_csv(parts[name])
            for name, part in parts.items():
                part.replace(request.out / name)
    except OSError as exc:
        raise StorageError(
            f"the results cannot be written: {(exc.strerror or str(exc)).lower()}",
            where=str(request.out),
            hint="choose another folder with -o",
        ) from None
    finally:
        if request.out.is_dir():
            for part in parts.values():
                part.unlink(missing_ok=True)


def _told(contribution: pl.Expr) -> pl.Expr:
    """Write `feature=level (weight)`, e.g. `email=shared (+12.3)`."""
    weight = contribution.struct.field("weight").round(1)
    sign = pl.when(weight >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
    return pl.concat_str(
        contribution.struct.field("feature"), pl.lit("="), contribution.struct.field("level"),
        pl.lit(" ("), sign, weight.cast(pl.String), pl.lit(")"),
    )  # fmt: skip


def _report(
    request: MatchRequest,
    result: MatchResult,
    rows: int,
    unread: int,
    seconds: float,
    crowds: Sequence[Crowd],
) -> StageReport:
    golden = int(result.clusters["golden"].sum())
    judged = result.pairs["judgement"]
    counts = {j.value: int((judged == j.value).sum()) for j in Judgement}
    sizes = result.clusters.group_by("cluster_id").len()["len"]
    facts: dict[str, object] = {
        "records": rows,
        "clusters": golden,
        "unreadable_rows": unread,
        "pairs_compared": result.compared,
        "pairs": counts,
        "threshold": round(result.threshold, 3),
        "largest_cluster": int(sizes.max() or 0),  # type: ignore[arg-type]
        "pairs_by_key": dict(result.by_key),
        "clusters_csv": str(request.out / "clusters.csv"),
        "pairs_csv": str(request.out / "pairs.csv"),
    }
    notes = (
        f"{counted(counts['match'], 'pair matches', 'pairs match')}, {counts['review']:,} are for review; {result.compared:,} were compared",
        *_crowd_notes(crowds),
        f"largest cluster {facts['largest_cluster']} records; match from odds of 2^{result.threshold:.1f}",
        *_unread_notes(unread),
    )
    return StageReport(
        stage="match",
        run_id="",
        books=(BookLine(request.file.stem, rows, golden, merged=rows - golden),),
        findings=tuple(_finding_counts(result, crowds)),
        notes=notes,
        artifacts=str(request.out),
        seconds=seconds,
        facts=facts,
    )


def _finding_counts(result: MatchResult, crowds: Sequence[Crowd]) -> Iterator[FindingCount]:
    rules = load_rules()
    told = {**result.findings, **({CROWDED: len(crowds)} if crowds else {})}
    for code, count in told.items():
        yield FindingCount(code, rules[code].name, str(rules[code].severity), count)


def _crowd_notes(crowds: Sequence[Crowd]) -> Iterator[str]:
    """Say in one line what all fields with a value of many have; the findings count them."""
    if crowds:
        told = ", ".join(f"{c.field} {c.records:,} of {c.filled:,}" for c in crowds)
        yield f"one value tells nobody apart: {told}"


def _unread_notes(unread: int) -> Iterator[str]:
    if unread:
        yield f"{counted(unread, 'row that could not be read or is no record was', 'rows that could not be read or are no records were')} left out"
