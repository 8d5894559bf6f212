"""Standardize countries to ISO 3166-1 alpha-2."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.folding import fold_texts
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.countries import depends_on_language, plain_names, read_country
from crmmigrate.values.outcome import Outcome

__all__ = ["standardize_countries"]


def standardize_countries(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read names in any language, codes and misspellings.

    Each text is read once, whatever regions it comes from, unless languages decide its meaning.

    Args:
        distinct: Columns `text` and `region`; the region's languages decide names that mean
            two countries.
        book: Rules of all regions.
        options: None are known.
    """
    del options
    texts = distinct.select("text").unique(maintain_order=True).with_row_index("_which")
    rows = distinct.select("text", "_region").join(
        texts, on="text", how="left", nulls_equal=True, maintain_order="left"
    )
    codes = _plain_codes(texts["text"])
    told = _told_plainly(texts["text"], codes)
    rest = texts.filter(codes.is_null() & pl.col("text").is_not_null())
    slow = [read_country(text) for text in rest["text"]]
    which = rows["_which"].to_frame().with_row_index("_at")
    pieces, place = [told, outcome_frame(slow)], told.height
    target = pl.int_range(told.height, dtype=pl.UInt32, eager=True).scatter(
        rest["_which"], pl.int_range(place, place + len(slow), dtype=pl.UInt32, eager=True)
    )
    row = target[which["_which"]]
    local = _local(rows, rest, book)
    if local:
        pieces.append(outcome_frame([*local.values()]))
        first = place + len(slow)
        numbers = pl.int_range(first, first + len(local), dtype=pl.UInt32, eager=True)
        row = row.scatter(pl.Series([*local], dtype=pl.UInt32), numbers)
    return pl.concat(pieces)[row]


def _local(rows: pl.DataFrame, rest: pl.DataFrame, book: RegionBook) -> dict[int, Outcome]:
    """Read the rows whose meaning the language of their region may decide."""
    unsure = [text for text in rest["text"] if depends_on_language(text)]
    if not unsure:
        return {}
    chosen = rows.with_row_index("_at").filter(pl.col("text").is_in(unsure))
    return {
        at: read_country(text, book.get(region).languages)
        for at, text, region in chosen.select("_at", "text", "_region").iter_rows()
    }


@cache
def _table() -> pl.DataFrame:
    names = plain_names()
    return pl.DataFrame({"key": [*names], "code": [*names.values()]})


_ODD = r"^[\x00-\x7f]{0,3}$|^ | $|  |[\p{Cf}\p{Cc}]|[^\S ]"
_JOINERS = "[\u200c\u200d]"
"""Texts that may be codes, or that are not tidy: for the scalar reading."""


def _plain_codes(texts: pl.Series) -> pl.Series:
    """Return the codes of texts that are the name of one country in some language, or its code."""
    codes = set(plain_names().values())
    frame = texts.alias("text").to_frame().with_row_index("_at")
    joined = pl.col("text").str.replace_all(_JOINERS, "").str.strip_chars().alias("text")
    usual = frame.with_columns(joined).filter(~pl.col("text").str.contains(_ODD))
    usual = usual.with_columns(fold_texts(usual["text"]))
    found = usual.join(_table(), on="key", how="inner").select("_at", "code")
    written = frame.filter(pl.col("text").is_in(sorted(codes))).select("_at", code="text")
    both = pl.concat([found, written])
    empty = pl.Series("code", [None], dtype=pl.String).new_from_index(0, texts.len())
    return empty.scatter(both["_at"], both["code"])


def _told_plainly(texts: pl.Series, codes: pl.Series) -> pl.DataFrame:
    """Return the outcome of each text that has a code; of the others the one of blanks."""
    changed = codes.is_not_null() & (codes != texts)
    frame = pl.DataFrame({"value": codes, "changed": changed})
    rule = pl.lit(["STD501"], dtype=pl.List(pl.String))
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return fast_frame(
        frame.select(
            "value",
            pl.when("changed")
            .then(pl.lit("normalised"))
            .otherwise(pl.lit("unchanged"))
            .alias("status"),
            pl.when("changed").then(rule).otherwise(nothing).alias("codes"),
        )
    )
