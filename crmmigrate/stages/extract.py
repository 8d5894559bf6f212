"""Stage extract: read every source into the workspace, as it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW, Source
from crmmigrate.adapters.registry import open_source
from crmmigrate.config.migration import DatasetConfig, SourceConfig
from crmmigrate.errors import ConfigError, CrmMigrateError
from crmmigrate.mapping.keys import has_key, row_key
from crmmigrate.model.catalog import Catalog, Dataset
from crmmigrate.model.findings import FINDING_FRAME, Rule
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.books import Tally, prove
from crmmigrate.stages.context import StageContext
from crmmigrate.store.artifacts import UnitWriter

__all__ = ["extract_unit", "run"]

_MARKS = (REJECTED, EXCLUDED, RAW_TEXT)
DUPLICATE_KEY = "EXT120"
MISSING_KEY = "EXT121"
UNMENTIONED = "EXT130"


@dataclass(frozen=True, slots=True)
class _Unit:
    """One dataset of one source on its way into the workspace."""

    name: str
    source_name: str
    dataset_name: str
    source: Source
    dataset: Dataset
    config: DatasetConfig

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.config.key) or self.dataset.key


def run(ctx: StageContext) -> StageReport:
    """Extract all datasets of all sources."""
    tallies: list[Tally] = []
    notes: list[str] = []
    detected: dict[str, dict[str, str]] = {}
    for source_name, config in ctx.project.migration.sources.items():
        with _placed(f"migration.yaml: sources.{source_name}"):
            source = open_source(_options(ctx, config), ctx.project.root)
            catalog = source.describe()
        notes += _unmentioned(source_name, config, catalog)
        for dataset_name, dataset_config in config.datasets.items():
            unit = _unit(source_name, dataset_name, source, catalog, dataset_config)
            ctx.progress.start(f"extract {unit.name}", unit.dataset.rows)
            tallies.append(extract_unit(unit, ctx))
            if unit.dataset.detected:
                detected[unit.name] = dict(unit.dataset.detected)
    ctx.progress.finish()
    return StageReport(
        stage="extract",
        run_id=ctx.run.id,
        books=tuple(t.line() for t in tallies),
        findings=Tally.sum_codes(tallies, ctx.project.rules),
        notes=tuple(notes),
        artifacts=str(ctx.run.dir / "extract"),
        next_command="crmmigrate map",
        facts={"detected": detected},
    )


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """Tell where the mistake is, if the reader could not."""
    try:
        yield
    except CrmMigrateError as exc:
        exc.where = exc.where or place
        raise


def _options(ctx: StageContext, config: SourceConfig) -> dict[str, object]:
    """Return what the adapter is told; the region tells which encodings are likely."""
    region = config.region or ctx.project.migration.region
    told: dict[str, object] = {"adapter": config.adapter, **({"region": region} if region else {})}
    return told | config.reader_options(ctx.project.root)


def extract_unit(unit: _Unit, ctx: StageContext) -> Tally:
    """Extract one dataset; its books are proven by row number."""
    tally = Tally(unit.name)
    with UnitWriter(ctx.run.dir, "extract", unit.name) as writer:
        for batch in unit.source.read(unit.dataset_name):
            frame = _as_frame(batch)
            tally.rows_in += frame.height
            rows, findings = _keyed(frame, unit)
            writer.write("rows", rows)
            findings = pl.concat([findings, *_set_aside(frame, unit, writer, ctx.project.rules)])
            writer.write("findings", findings)
            tally.add_findings(findings)
            ctx.progress.advance(frame.height)
        duplicates = _reject_duplicates(writer, unit)
        if duplicates is not None:
            writer.write("findings", duplicates)
            tally.add_findings(duplicates)
        tally.rows_out = writer.rows("rows")
        tally.rejected, tally.excluded = writer.rows("rejected"), writer.rows("excluded")
        _prove(writer, tally)
        writer.finish(rows_in=tally.rows_in, detected=dict(unit.dataset.detected))
    return tally


def _unit(
    source_name: str, dataset_name: str, source: Source, catalog: Catalog, config: DatasetConfig
) -> _Unit:
    dataset = catalog.dataset(dataset_name)
    if dataset is None:
        known = ", ".join(d.name for d in catalog.datasets) or "none"
        raise ConfigError(
            f"the source '{source_name}' has no dataset '{dataset_name}'", hint=f"it has: {known}"
        )
    columns = {c.name for c in dataset.columns}
    for column in (*config.key, *((config.modified_at,) if config.modified_at else ())):
        if column not in columns:
            raise ConfigError(
                f"the key column '{column}' is not in {source_name}.{dataset_name}",
                where=f"migration.yaml: sources.{source_name}.datasets.{dataset_name}",
                hint=f"its columns are: {', '.join(c.name for c in dataset.columns)}",
            )
    return _Unit(
        f"{source_name}.{dataset_name}", source_name, dataset_name, source, dataset, config
    )


def _as_frame(batch: object) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a source must yield record batches")
    missing = [pl.lit(None, pl.String).alias(m) for m in _MARKS if m not in frame.columns]
    return frame.with_columns(pl.col(ROW).cast(pl.Int64), *missing).with_columns(
        pl.col(m).cast(pl.String) for m in _MARKS
    )


def _keyed(frame: pl.DataFrame, unit: _Unit) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the readable rows with their keys, and findings on rows without a key."""
    good = frame.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null()).drop(_MARKS)
    modified = unit.config.modified_at
    rows = good.with_columns(
        row_key(unit.source_name, unit.dataset_name, unit.key),
        pl.lit(unit.source_name).alias("_source"),
        (pl.col(modified).cast(pl.String) if modified else pl.lit(None, pl.String)).alias(
            "_modified_at"
        ),
        pl.lit(value=False).alias("_deleted"),
    )
    if not unit.key:
        return rows, FINDING_FRAME.to_frame()
    blank = rows.filter(~has_key(unit.key))
    message = "no value in the key column; the row number stands in for it"
    return rows, _findings(blank.get_column("_row_key"), MISSING_KEY, message, "flagged", "warning")


def _set_aside(
    frame: pl.DataFrame, unit: _Unit, writer: UnitWriter, rules: object
) -> Iterator[pl.DataFrame]:
    """Write what cannot go on or should not, and yield a finding for each."""
    key = pl.format(f"{unit.source_name}:{unit.dataset_name}:#{{}}", pl.col(ROW)).alias("_key")
    bad = frame.filter(pl.col(REJECTED).is_not_null())
    if bad.height:
        known: dict[str, Rule] = rules if isinstance(rules, dict) else dict(rules)  # type: ignore[call-overload]
        words = {
            code: known[code].doc.split(". ")[0] for code in bad[REJECTED].unique() if code in known
        }
        kept = bad.select(
            key,
            pl.col(REJECTED).alias("code"),
            pl.col(REJECTED).replace_strict(words, default="cannot be read").alias("message"),
            pl.col(RAW_TEXT).alias("raw"),
            ROW,
        )
        writer.write("rejected", kept)
        yield _frame_of(kept.select("_key", "code", "message"), "rejected", "error")
    apart = frame.filter(pl.col(EXCLUDED).is_not_null())
    if apart.height:
        writer.write(
            "excluded",
            apart.select(
                key,
                pl.col(EXCLUDED).alias("rule"),
                pl.lit("set aside by the reader").alias("why"),
                pl.col(RAW_TEXT).alias("raw"),
                ROW,
            ),
        )


def _reject_duplicates(writer: UnitWriter, unit: _Unit) -> pl.DataFrame | None:
    """Move second and later rows of the same key to the rejected ones."""
    paths = writer.written("rows")
    if not paths:
        return None
    keys = pl.scan_parquet(paths, glob=False).select("_row_key", ROW)
    again = keys.filter(pl.col("_row_key").is_duplicated()).collect()
    if again.is_empty():
        return None
    first = again.group_by("_row_key").agg(pl.col(ROW).min())
    later = again.join(first, on=["_row_key", ROW], how="anti")
    found = []
    for index, path in enumerate(paths):
        frame = pl.read_parquet(path, glob=False)
        twice = frame.join(later, on=["_row_key", ROW], how="semi")
        if twice.is_empty():
            continue
        writer.replace(
            "rows",
            index,
            frame.join(later, on=["_row_key", ROW], how="anti", maintain_order="left"),
        )
        kept = _duplicate_rows(twice, unit)
        writer.write("rejected", kept)
        found.append(_frame_of(kept.select("_key", "code", "message"), "rejected", "error"))
    return pl.concat(found)


def _duplicate_rows(frame: pl.DataFrame, unit: _Unit) -> pl.DataFrame:
    shown = [c for c in frame.columns if not c.startswith("_") and frame.schema[c] != pl.Binary]
    return frame.select(
        pl.format(f"{unit.source_name}:{unit.dataset_name}:#{{}}", pl.col(ROW)).alias("_key"),
        pl.lit(DUPLICATE_KEY).alias("code"),
        pl.format("the key {} stands in an earlier row", pl.col("_row_key")).alias("message"),
        pl.struct(shown).struct.json_encode().alias("raw"),
        ROW,
    )


def _findings(keys: pl.Series, code: str, message: str, action: str, severity: str) -> pl.DataFrame:
    frame = pl.DataFrame({"_key": keys}).with_columns(
        pl.lit(code).alias("code"), pl.lit(message).alias("message")
    )
    return _frame_of(frame, action, severity)


def _frame_of(frame: pl.DataFrame, action: str, severity: str) -> pl.DataFrame:
    """Fill a frame of _key, code and message up to FINDING_FRAME."""
    return frame.with_columns(
        *(pl.lit(None, pl.String).alias(n) for n in ("field", "before", "after")),
        pl.lit(action).alias("action"),
        pl.lit(severity).alias("severity"),
    ).select(FINDING_FRAME.names())


def _prove(writer: UnitWriter, tally: Tally) -> None:
    """Prove by row number that every row read is in exactly one channel."""
    channels = [writer.written(c) for c in ("rows", "rejected", "excluded")]
    numbers = [
        pl.scan_parquet(paths, glob=False).select(ROW).collect()[ROW] for paths in channels if paths
    ]
    seen = pl.concat(numbers) if numbers else pl.Series(ROW, [], dtype=pl.Int64)
    expected = tally.rows_in
    if seen.len() != expected or seen.n_unique() != expected:
        prove(tally.object, pl.Series("_key", [f"{expected} rows"]), seen.cast(pl.String))


def _unmentioned(source_name: str, config: SourceConfig, catalog: Catalog) -> Sequence[str]:
    """Name the datasets of the source that are neither extracted nor ignored with a why."""
    taken = {*config.datasets, *config.ignore}
    tables = {str(getattr(c, "table", None)) for c in config.datasets.values()}
    return [
        f"{UNMENTIONED}: {source_name}.{d.name} is neither extracted nor ignored with a why"
        for d in catalog.datasets
        if d.name not in taken and d.name not in tables
    ]
