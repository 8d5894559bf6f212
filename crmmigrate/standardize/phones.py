"""Phone columns: the vectorised twin of `values.phones`."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.standardize.phone_lane import read_plain_numbers
from crmmigrate.values.outcome import BLANK, Outcome
from crmmigrate.values.phone_cells import PhoneWords, phone_words
from crmmigrate.values.phones import read_phone

__all__ = ["standardize_phones"]

_PARTS = PARTS[SemanticType.PHONE]


def standardize_phones(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read phone cells as E.164 with type, extension and validity.

    Args:
        distinct: `text` or the parts `number` and `extension`, and `_region`.
        book: Rules of regions; their labels and extension words are used.
        options: None are known.
    """
    del options
    rows = _rows(distinct)
    plain = read_plain_numbers(rows.filter(pl.col("_region").is_in(sorted(_regions()))))
    fast = rows.join(plain, on="_at", maintain_order="left")
    slow = rows.join(plain, on="_at", how="anti", maintain_order="left")
    words = {code: phone_words(book.get(code).phone) for code in slow["_region"].unique()}
    outcomes = [
        _outcome(text, region, words[region], extension)
        for text, region, extension in slow.select("text", "_region", "extension").iter_rows()
    ]
    return in_order([(fast["_at"], _fast(fast)), (slow["_at"], outcome_frame(outcomes, _PARTS))])


def _rows(distinct: pl.DataFrame) -> pl.DataFrame:
    """Number the rows; the part `number` stands in for a missing text."""
    number = pl.col("number") if "number" in distinct.columns else pl.lit(None, pl.String)
    extension = pl.col("extension") if "extension" in distinct.columns else pl.lit(None, pl.String)
    return distinct.select(
        pl.coalesce("text", number).alias("text"), "_region", extension.alias("extension")
    ).with_row_index("_at")


def _fast(rows: pl.DataFrame) -> pl.DataFrame:
    same = pl.col("text") == pl.col("e164")
    return fast_frame(
        rows.select(
            "e164",
            "type",
            "extension",
            value="e164",
            valid=pl.lit("true"),
            status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
            codes=pl.when(same)
            .then(pl.lit([], dtype=pl.List(pl.String)))
            .otherwise(pl.lit(["STD101"])),
        ),
        _PARTS,
    )


def _outcome(
    text: str | None, region: str | None, words: PhoneWords, extension: str | None
) -> Outcome:
    if text is None or not text.strip():
        return BLANK
    reading = read_phone(text, _known(region), words)
    number = reading.number
    parts = {
        "e164": number.e164 if number else None,
        "type": number.type if number else None,
        "extension": (number.extension if number else None) or extension,
        "valid": "true" if reading.valid else "false",
    }
    return Outcome(
        number.e164 if number is not None and reading.valid else text,
        reading.status,
        reading.codes,
        reading.message,
        parts,
        reading.confidence,
        reading.alternatives,
    )


@cache
def _regions() -> frozenset[str]:
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def _known(region: str | None) -> str | None:
    """Return the region if the library has rules for it."""
    return region if region in _regions() else None
