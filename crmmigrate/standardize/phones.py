"""Phone columns: the vectorised twin of `values.phones`."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.standardize.phone_cells import read_cells
from crmmigrate.standardize.phone_formats import write_numbers
from crmmigrate.standardize.phone_tables import plan_tables
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
    cells = rows.with_columns(plan_tables().row_of(rows["_region"]).alias("_row"))
    cells = cells.filter(pl.col("text").str.contains(r"\S"))
    read = read_cells(cells.select("_at", "text", "_region", "_row"), words)
    read = read.sort("_at")
    fast = pl.concat([rows[read["_at"]].drop("_at"), read], how="horizontal")
    slow = rows.join(read.select("_at"), on="_at", how="anti", maintain_order="left")
    outcomes = [
        _outcome(text, region, words[region], extension, note)
        for text, region, extension, note in slow.select(
            "text", "_region", "extension", "note"
        ).iter_rows()
    ]
    return in_order([(fast["_at"], _fast(fast)), (slow["_at"], outcome_frame(outcomes, _PARTS))])


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


def _fast(rows: pl.DataFrame) -> pl.DataFrame:
    """Complete what was read: the number in its formats, and what is known of it."""
    tables = plan_tables()
    told = tables.told(rows["verdict"], "code", "type", "region", "valid", "is_valid")
    possible, mark = tables.told(rows["verdict"], "is_possible", "mark")
    national, international = _formats(rows["nsn"], rows["verdict"])
    rows = rows.with_columns(
        *told.drop("is_valid"),
        mark=mark,
        is_valid=told["is_valid"].fill_null("false"),
        possible=possible.fill_null("false"),
        national=national,
        international=international,
        extension=pl.coalesce("cut_extension", "extension"),
        note=pl.coalesce("cut_note", "note"),
    )
    rows = rows.with_columns(e164=pl.concat_str(pl.lit("+"), "code", "nsn"))
    value = pl.when(pl.col("valid")).then("e164").otherwise("text")
    rows = _with_extensions(rows.with_columns(value=value, valid="is_valid"))
    return fast_frame(rows, _PARTS)


def _with_extensions(rows: pl.DataFrame) -> pl.DataFrame:
    """Write extensions behind the numbers that have one."""
    some = rows["extension"].is_not_null()
    if not some.any():
        return rows
    part = rows.filter(some)
    written = {
        name: rows[name].scatter(some.arg_true(), part[name] + part["mark"] + part["extension"])
        for name in ("national", "international")
    }
    return rows.with_columns(**written)


def _formats(nsn: pl.Series, verdict: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return numbers as they are written in their country and abroad, null where there is none."""
    tables = plan_tables()
    told = tables.told(verdict, "abroad", "international", "national", "before", "code_length")
    template = told["international"].fill_null(0)
    abroad = write_numbers(told["abroad"], nsn, template, tables.templates)
    behind = abroad.str.slice(told["code_length"] + len("+ "))
    inland = told["before"] + behind
    other = (nsn.is_not_null() & told["before"].is_null()).arg_true()
    template, nothing = told["national"].gather(other), pl.repeat("", len(other), eager=True)
    written = write_numbers(nothing, nsn.gather(other), template, tables.templates)
    return inland.scatter(other, written), abroad


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
