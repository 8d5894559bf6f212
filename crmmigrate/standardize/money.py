"""Standardize amounts of money to `1234.56 RON`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.number_evidence import proven_signs
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.money import read_money
from crmmigrate.values.outcome import Outcome

__all__ = ["read_amounts_by_shape", "standardize_money"]

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
    if "text" not in distinct.columns or distinct.height < LEAST_ROWS:
        return _read(distinct, book, proven_signs(options))
    return read_amounts_by_shape(distinct, book, options)


def read_amounts_by_shape(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read a long column by compiled loops; arguments and result as of `standardize_money`.

    Args:
        distinct: As in `standardize_money`, with the column `text`.
        book: Rules of all regions.
        options: As in `standardize_money`.
    """
    # Machine code is loaded here, so that small columns and the command line do without.
    from crmmigrate.standardize.figure_columns import read_figures

    signs = proven_signs(options)
    if "_region" not in distinct.columns:
        distinct = distinct.with_columns(_region=pl.lit(None, dtype=pl.String))

    def read(text: str, region: str | None) -> Outcome:
        return read_money(text, book.get(region), decimal=signs.get(region))

    names = [name for name in ("amount", "currency") if name in distinct.columns]
    beside = None
    if names:
        beside = (
            distinct.select(pl.any_horizontal(pl.col(names).is_not_null())).to_series().to_numpy()
        )
    return read_figures(distinct, read, lambda rows: _read(rows, book, signs), _PARTS, beside)


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
