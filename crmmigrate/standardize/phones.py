"""Phone columns: the fast twin of `values.phones`."""

import sys
from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.standardize.phone_shapes import told_cells
from crmmigrate.values.outcome import BLANK, Outcome
from crmmigrate.values.phone_cells import PhoneWords, phone_words
from crmmigrate.values.phones import PhoneReading, read_phone

__all__ = ["standardize_phones"]

_PARTS = PARTS[SemanticType.PHONE]
_GIVEN = ("number", "extension", "note")


def standardize_phones(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read phone cells as E.164 with their formats, type, region, extension and validity.

    Args:
        distinct: `text` or the parts `number`, `extension` and `note`, and `_region`.
        book: Rules of regions; their labels and extension words are used.
        options: None are known.
    """
    del options
    rows = _rows(distinct)
    words = {code: phone_words(book.get(code).phone) for code in rows["_region"].unique()}
    if rows.height < LEAST_ROWS and _LOOPS not in sys.modules:
        return _read_each(rows, words)
    return _read_fast(rows, words)


_LOOPS = "crmmigrate.standardize.phone_outcomes"
"""Once they are loaded, loops read small columns, too."""


def _read_fast(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read what loops can; tell of what holds no number, and leave the rest to the scalar."""
    from crmmigrate.standardize.phone_outcomes import read_column

    read = read_column(rows, words)
    left = rows.drop("_at").filter(~pl.Series(read.done)).with_row_index("_at")
    told = _told(left)
    rest = left.join(told, on="_at", how="anti", maintain_order="left")
    said = fast_frame(told.drop("_at"), _PARTS)
    others = [(told["_at"], said), (rest["_at"], _read_each(rest, words))]
    return read.filled(in_order(others))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of cells that hold no number."""
    told = told_cells(rows.filter(pl.col("text").str.contains(r"\S")).select("_at", "text"))
    given = rows[told["_at"]].select("extension", "note", value="text")
    return pl.concat([told, given], how="horizontal").with_columns(
        valid=pl.lit("false"), possible=pl.lit("false")
    )


def _read_each(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    outcomes = [
        _outcome(text, region, words[region], extension, note)
        for text, region, extension, note in rows.select(
            "text", "_region", "extension", "note"
        ).iter_rows()
    ]
    return outcome_frame(outcomes, _PARTS)


def _rows(distinct: pl.DataFrame) -> pl.DataFrame:
    """Number the rows; the part `number` stands in for a missing text."""
    number, extension, note = (
        pl.col(name) if name in distinct.columns else pl.lit(None, pl.String) for name in _GIVEN
    )
    return distinct.select(
        pl.coalesce("text", number).cast(pl.String).alias("text"),
        pl.col("_region").cast(pl.String),
        extension=extension.cast(pl.String),
        note=note.cast(pl.String),
    ).with_row_index("_at")


def _outcome(
    text: str | None,
    region: str | None,
    words: PhoneWords,
    extension: str | None,
    note: str | None,
) -> Outcome:
    if text is None or not text.strip():
        return BLANK
    reading = read_phone(text, _known(region), words)
    number = reading.number
    return Outcome(
        number.e164 if number is not None and reading.valid else text,
        reading.status,
        reading.codes,
        reading.message,
        _parts(reading, extension, note),
        reading.confidence,
        reading.alternatives,
    )


def _parts(reading: PhoneReading, extension: str | None, note: str | None) -> dict[str, str | None]:
    said = {
        "valid": "true" if reading.valid else "false",
        "possible": "false",
        "extension": extension,
        "note": reading.note or note,
    }
    number = reading.number
    if number is None:
        return said
    if extension and not number.extension:
        number = number.with_extension(extension)
    return said | {
        "e164": number.e164,
        "national": number.national,
        "international": number.international,
        "type": number.type,
        "region": number.region,
        "extension": number.extension,
        "possible": "true" if number.possible else "false",
    }


@cache
def _regions() -> frozenset[str]:
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def _known(region: str | None) -> str | None:
    """Return the region if the library has rules for it."""
    return region if region in _regions() else None
