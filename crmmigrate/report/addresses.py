"""Count addresses by country and by whether they can be right."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.semantic import SemanticType, part_column
from crmmigrate.report.contract import AddressLine
from crmmigrate.report.fates import channel
from crmmigrate.report.funnel import record_units

__all__ = ["count_addresses", "country_lines"]

_STATUSES = ("valid", "plausible", "incomplete", "inconsistent", "not_an_address")


def country_lines(run_dir: Path, model: CanonicalModel) -> tuple[AddressLine, ...]:
    """Return one line a country over the standardized records of a run, the busiest first."""
    counted = []
    for unit in record_units(run_dir):
        rows = channel(run_dir, "standardize", unit.name, "rows")
        fields = model.objects[unit.object].fields.values() if unit.object in model.objects else ()
        names = [f.name for f in fields if f.type is SemanticType.POSTAL_ADDRESS]
        if rows is not None and names:
            counted += list(count_addresses(rows, names))
    if not counted:
        return ()
    sums = pl.concat(counted).group_by("country").sum()
    ordered = sums.sort([-pl.sum_horizontal(_STATUSES), "country"])
    return tuple(AddressLine(**row) for row in ordered.iter_rows(named=True))


def count_addresses(rows: pl.LazyFrame, fields: Iterable[str]) -> Iterable[pl.DataFrame]:
    """Count the addresses of each field.

    Args:
        rows: Standardized records, with the parts of addresses in columns.
        fields: Names of address fields.

    Yields:
        `country` ('' where an address names none) and one count a status.
    """
    schema = rows.collect_schema()
    for name in fields:
        status, country = part_column(name, "validity"), part_column(name, "country")
        if status not in schema:
            continue
        named = pl.col(country) if country in schema else pl.lit(None, dtype=pl.String)
        counts = [(pl.col(status) == s).sum().cast(pl.Int64).alias(s) for s in _STATUSES]
        known = rows.filter(pl.col(status).is_not_null())
        yield known.group_by(named.fill_null("").alias("country")).agg(counts).collect()
