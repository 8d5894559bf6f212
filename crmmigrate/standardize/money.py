"""Standardize amounts of money to `1234.56 RON`."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.figure_lane import read_figures
from crmmigrate.standardize.number_evidence import proven_signs
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.money import read_money
from crmmigrate.values.outcome import Outcome

__all__ = ["standardize_money"]

_PARTS = PARTS[SemanticType.MONEY]


def standardize_money(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read amounts with their sign and currency.

    Args:
        distinct: `text` (amount, with or without currency) and `region`; the columns `amount`
            and `currency` where the source keeps them apart.
        book: Rules of all regions.
        options: `decimal_signs`: region → what other values of the column prove to be the sign.
    """
    signs = proven_signs(options)
    if "text" not in distinct.columns:
        return _read(distinct, book, signs)
    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))

    def read(text: str, region: str | None) -> Outcome:
        return read_money(text, book.get(region), decimal=signs.get(region))

    beside = [name for name in ("amount", "currency") if name in distinct.columns]
    placed = read_figures(distinct["text"], distinct["_region"], read, _PARTS)
    if beside:
        alone = distinct.select(pl.all_horizontal(pl.col(beside).is_null())).to_series()
        placed = replace(placed, done=placed.done & alone)
    return placed.filled(_read(distinct.filter(~placed.done), book, signs))


def _read(
    distinct: pl.DataFrame, book: RegionBook, signs: Mapping[str | None, str]
) -> pl.DataFrame:
    columns = {name: distinct[name] for name in distinct.columns}
    nothing = [None] * distinct.height
    rows = zip(
        columns.get("text", nothing),
        columns.get("amount", nothing),
        columns.get("currency", nothing),
        columns.get("_region", nothing),
        strict=True,
    )
    outcomes = [
        read_money(text or amount, book.get(region), currency, signs.get(region))
        for text, amount, currency, region in rows
    ]
    return outcome_frame(outcomes, _PARTS)
