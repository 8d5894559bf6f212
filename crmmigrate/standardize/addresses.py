"""Standardize postal addresses of any country."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.address_lane import read_plain_addresses
from crmmigrate.standardize.lanes import in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.address_validity import STATUSES, validity
from crmmigrate.values.addresses import read_address
from crmmigrate.values.outcome import Outcome

__all__ = ["Verifier", "standardize_addresses"]

Verifier = Callable[[pl.DataFrame], pl.Series]
"""Parts of addresses and `_region` → one of STATUSES for each row, or null; for services that know all.
"""

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS]
_INPUTS = ("text", *INPUT_PARTS[SemanticType.POSTAL_ADDRESS])


def standardize_addresses(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read addresses from one text, from columns with parts, or from both.

    Args:
        distinct: `text`, any column of INPUT_PARTS, and `_region`.
        book: Rules of all regions.
        options: `verifier`, a Verifier; none is asked by default.
    """
    columns = [name for name in _INPUTS if name in distinct.columns]
    region = pl.col("_region") if "_region" in distinct.columns else pl.lit(None, dtype=pl.String)
    before = [pl.col("validity").alias("_known")] if "validity" in distinct.columns else []
    rows = distinct.select(*columns, *before, region.alias("_region")).with_row_index("_at")
    region_codes = rows["_region"]
    done = list(_read_texts(_only_text(rows), book))
    done += _read_columns(rows, book)
    slow = _without(rows, done)
    outcomes = [
        read_address(row, where, book.get)
        for row, where in zip(
            slow.select(columns).iter_rows(named=True), slow["_region"], strict=True
        )
    ]
    known = slow["_known"] if "_known" in slow.columns else [None] * slow.height
    told = [_status(outcome, said) for outcome, said in zip(outcomes, known, strict=True)]
    read = outcome_frame(outcomes, _PARTS).with_columns(validity=pl.Series(told, dtype=pl.String))
    table = in_order([*done, (slow["_at"], read)])
    verify = options.get("verifier")
    return _verified(table, region_codes, verify) if callable(verify) else table


def _read_texts(rows: pl.DataFrame, book: RegionBook) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read texts by plans where there are many, then by the patterns of regions, then by rarer plans.

    A pattern reads a text faster than a plan is learned, the scalar function slower.
    """
    if rows.height < LEAST_ROWS:
        yield from read_plain_addresses(rows, book)
        return
    from crmmigrate.standardize.address_signed import OFTEN, SELDOM, read_signed_texts

    lanes = (
        partial(read_signed_texts, often=OFTEN),
        read_plain_addresses,
        partial(read_signed_texts, often=SELDOM),
    )
    for lane in lanes:
        done = list(lane(rows, book))
        yield from done
        rows = _without(rows, done)


def _without(rows: pl.DataFrame, done: list[tuple[pl.Series, pl.DataFrame]]) -> pl.DataFrame:
    """Return the rows that are not done; `_at` counts up."""
    if not done:
        return rows
    taken = np.concatenate([at.to_numpy() for at, _ in done])
    left = np.ones(int(rows["_at"][-1]) + 1, np.bool_) if rows.height else np.ones(0, np.bool_)
    left[taken] = False
    return rows.filter(pl.Series(left[rows["_at"].to_numpy()]))


def _read_columns(rows: pl.DataFrame, book: RegionBook) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read addresses in columns by plans where there are many."""
    if rows.height >= LEAST_ROWS:
        from crmmigrate.standardize.address_columns import read_column_addresses

        yield from read_column_addresses(rows, book)


def _status(outcome: Outcome, known: str | None) -> str | None:
    """Return the status of an address; what was standardized before keeps what was said then."""
    if outcome.value is None:
        return None
    settled = outcome.status == "unchanged" and known in STATUSES and len(outcome.parts) > 1
    return known if settled else validity(outcome.codes)


def _verified(table: pl.DataFrame, regions: pl.Series, verify: Verifier) -> pl.DataFrame:
    """Let a verifier have the last word about validity; where it says nothing, ours stays."""
    said = verify(table.select(*_PARTS, _region=regions))
    known = pl.Series("validity", said, dtype=pl.String)
    return table.with_columns(validity=known.zip_with(known.is_in(STATUSES), table["validity"]))


def _only_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that have a region, and no other column filled than the text."""
    others = [name for name in _INPUTS if name in rows.columns and name != "text"]
    if "text" not in rows.columns:
        return rows.clear().with_columns(text=pl.lit(None, dtype=pl.String))
    filled = [pl.col(name).is_not_null() for name in others]
    bare = ~pl.any_horizontal(filled) if filled else pl.lit(value=True)
    kept = pl.col("text").is_not_null() & pl.col("_region").is_not_null() & bare
    return rows.filter(kept).select("_at", "text", "_region")
